import { boardsJson, boardsText } from "../boards-text.ts";
import { type Context, defineCommand } from "../command.ts";
import { wholeNumber } from "../numbers.ts";
import { QUEUE } from "../queue-options.ts";
import { BOARD_ACCESS, JSON_OUTPUT } from "../shared-options.ts";
import { makeSteps } from "../steps.ts";

const BOARDS = {
  name: "BOARD",
  describe: "boards and pools; all that are known where none is named",
  required: false,
  many: true,
} as const;
const SECONDS_EACH = {
  type: "number",
  requiresArg: true,
  describe: "most seconds that one board may take (default 15)",
} as const;

export const boardsList = defineCommand({
  name: "list",
  summary: "List the boards that are known: who answers, who is in use, what is kept there, how they are",
  positionals: [BOARDS],
  options: {
    "ssh-config": BOARD_ACCESS["ssh-config"],
    "remote-dir": BOARD_ACCESS["remote-dir"],
    timeout: SECONDS_EACH,
    queue: { ...QUEUE, describe: `those of a queue's workers instead: ${QUEUE.describe}` },
    json: JSON_OUTPUT,
  },
  examples: [
    ["tilewright boards", "all that were used before or stand in the boards file"],
    ["tilewright boards --queue redis://hub", "who serves which, and what is in quarantine"],
  ],
  run: async (values, { terminal, signal }) => {
    if (values.queue !== undefined)
      return listQueue(values.queue, namesOf(values), values.json, { terminal, signal });
    const { knownBoards } = await import("../../driver/boards/known-boards.ts");
    const { listBoards } = await import("../../driver/boards/list-boards.ts");
    const seconds = wholeNumber("timeout", values.timeout, 1, 15);
    const known = await knownBoards(namesOf(values));
    if (known.length === 0 && !values.json) return terminal.note(await nothingKnown());
    const listed = await makeSteps(terminal).run(`asking ${known.length} of them`, (say) =>
      listBoards(known, {
        ...{ sshConfig: values["ssh-config"], remoteDir: values["remote-dir"], seconds, signal },
        onDone: (done) => say(`${done} of ${known.length}`),
      }),
    );
    terminal.out(
      values.json
        ? JSON.stringify(boardsJson(listed), null, 2)
        : await boardsText(listed, terminal.outColors, Date.now()),
    );
  },
});

/** What the workers of a queue say of themselves; the boards are not asked. */
async function listQueue(
  queue: string,
  names: readonly string[],
  json: boolean,
  { terminal, signal }: Context,
): Promise<void> {
  const { queueAddress } = await import("../../driver/queue/queue-address.ts");
  const { openQueue } = await import("../../driver/queue/open-queue.ts");
  const { listDesks } = await import("../../driver/queue/worker-list.ts");
  const { desksJson, desksText } = await import("../queue-text.ts");
  const address = queueAddress(queue);
  const link = await openQueue(address, { signal });
  try {
    const desks = (await listDesks(link)).filter(
      ({ board }) => names.length === 0 || (board !== undefined && names.includes(board)),
    );
    if (json) terminal.out(JSON.stringify(desksJson(desks), null, 2));
    else if (desks.length > 0) terminal.out(await desksText(desks, terminal.outColors, Date.now()));
    else
      terminal.note(
        `no worker serves the queue at ${address.shown}${names.length > 0 ? " with such a board" : ""}`,
      );
  } finally {
    await link.close();
  }
}

export const boardsClean = defineCommand({
  name: "clean",
  summary: "Remove copies, broken uploads, left folders of runs and old locks from boards",
  positionals: [BOARDS],
  options: {
    "dry-run": { type: "boolean", default: false, describe: "only say what would go" },
    "ssh-config": BOARD_ACCESS["ssh-config"],
    "remote-dir": BOARD_ACCESS["remote-dir"],
    timeout: SECONDS_EACH,
    json: JSON_OUTPUT,
  },
  examples: [["tilewright boards clean pi@raspberrypi.local --dry-run", "what would go from one board"]],
  run: async (values, { terminal, signal }) => {
    const { knownBoards } = await import("../../driver/boards/known-boards.ts");
    const { cleanBoards } = await import("../../driver/boards/clean-boards.ts");
    const { cleanedJson, cleanedText } = await import("../cleaned-text.ts");
    const seconds = wholeNumber("timeout", values.timeout, 1, 15);
    const known = await knownBoards(namesOf(values));
    const dryRun = values["dry-run"];
    const cleaned = await makeSteps(terminal).run(`${dryRun ? "looking at" : "cleaning"} boards`, (say) =>
      cleanBoards(known, {
        ...{ sshConfig: values["ssh-config"], remoteDir: values["remote-dir"], seconds, signal, dryRun },
        onDone: (done) => say(`${done} of ${known.length}`),
      }),
    );
    terminal.out(
      values.json ? JSON.stringify(cleanedJson(cleaned), null, 2) : cleanedText(cleaned, dryRun).join("\n"),
    );
    const failed = cleaned.find(({ error }) => error !== undefined)?.error;
    if (failed !== undefined) throw failed;
  },
});

export const boardsForget = defineCommand({
  name: "forget",
  summary: "List boards no more that were used before",
  positionals: [{ ...BOARDS, describe: "as `tilewright boards` lists them", required: true }],
  options: {},
  examples: [],
  run: async (values, { terminal }) => {
    const { forgetBoards } = await import("../../driver/boards/known-boards.ts");
    const forgotten = await forgetBoards(namesOf(values));
    terminal.note(`forgotten: ${forgotten.join(", ")}`);
  },
});

function namesOf({
  words,
  rest,
}: {
  readonly words: Readonly<Record<string, string | undefined>>;
  readonly rest: readonly string[];
}): readonly string[] {
  return words.BOARD === undefined ? [] : [words.BOARD, ...rest];
}

async function nothingKnown(): Promise<string> {
  const { boardsFilePath } = await import("../../device/known/boards-file.ts");
  return `no board was used yet, and ${boardsFilePath()} names none; next: \`tilewright doctor user@host\``;
}
