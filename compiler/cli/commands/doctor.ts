import type { Finding } from "../../device/doctor.ts";
import { UserError } from "../../support/diagnostic.ts";
import { boardAccess } from "../board-access.ts";
import { defineCommand } from "../command.ts";
import { BOARD_ACCESS, JSON_OUTPUT, TARGET } from "../shared-options.ts";
import { makeSteps } from "../steps.ts";
import type { Terminal } from "../terminal.ts";

export const doctor = defineCommand({
  name: "doctor",
  summary: "Say hop by hop whether a board can be reached and trusted, and what mends it",
  positionals: [
    {
      name: "BOARD",
      describe: "user@host[:port], an alias of ~/.ssh/config, host or qemu-...",
      required: true,
    },
  ],
  options: { target: TARGET, ...BOARD_ACCESS, json: JSON_OUTPUT },
  examples: [["tilewright doctor pi@raspberrypi.local", "is it ready?"]],
  run: async (values, { terminal, signal }) => {
    const { loadTarget } = await import("../../machine/load.ts");
    const { examineBoard } = await import("../../driver/run/examine-board.ts");
    const { words, target } = values;
    const board = words.BOARD ?? "";
    const wanted = target === undefined ? undefined : loadTarget(target);
    const found = await makeSteps(terminal).run(`examining ${board}`, () =>
      examineBoard(board, wanted, {
        ...boardAccess(values),
        notice: terminal.note,
        note: terminal.note,
        signal,
      }),
    );
    terminal.out(values.json ? JSON.stringify({ board, hops: found }, null, 2) : doctorText(found, terminal));
    const failed = found.filter(({ verdict }) => verdict === "fail");
    const [first] = failed;
    if (first === undefined) return;
    throw new UserError({
      code: "D144",
      exit: first.exit ?? "boardRefused",
      title: `\`${board}\` cannot be used: ${failed.map(({ hop }) => hop).join(", ")}`,
      help: ["the lines above say what mends it"],
    });
  },
});

function doctorText(found: readonly Finding[], { outColors }: Terminal): string {
  const marks = { ok: outColors.green("ok  "), warn: outColors.yellow("warn"), fail: outColors.red("fail") };
  return found
    .flatMap(({ hop, verdict, says, help = [] }) => [
      `${marks[verdict]} ${hop.padEnd(10)} ${says}`.trimEnd(),
      ...help.map((line) => `                ${line}`),
    ])
    .join("\n");
}
