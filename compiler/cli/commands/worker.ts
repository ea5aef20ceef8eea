import { availableParallelism } from "node:os";
import type { Desk } from "../../driver/queue/desk.ts";
import type { DeskRequest } from "../../driver/queue/desk-messages.ts";
import type { QueueLink } from "../../driver/queue/open-queue.ts";
import { counted } from "../../support/text.ts";
import { type AccessValues, boardAccess } from "../board-access.ts";
import { type Context, defineCommand } from "../command.ts";
import { COOL_DOWN, celsius } from "../effort.ts";
import { readSeconds, wholeNumber } from "../numbers.ts";
import { QUEUE } from "../queue-options.ts";
import { BOARD_ACCESS, JOBS, TARGET, THREADS } from "../shared-options.ts";
import { makeSteps } from "../steps.ts";
import { badValue, missingArgument } from "../usage-errors.ts";

export const worker = defineCommand({
  name: "worker",
  summary: "Build and measure what tunes elsewhere ask for over a queue",
  positionals: [],
  options: {
    queue: { ...QUEUE, required: true },
    board: {
      type: "string",
      array: true,
      requiresArg: true,
      describe: "boards that this worker has for itself (default: the model of the target's core)",
    },
    pool: {
      type: "string",
      requiresArg: true,
      describe: "one name for these boards and equal ones of other workers, which share the work then",
    },
    target: TARGET,
    threads: THREADS,
    lease: {
      type: "string",
      requiresArg: true,
      describe: "after how long without a word its jobs and boards go to others (default 30s)",
    },
    "new-reference": {
      type: "boolean",
      default: false,
      describe: "take the boards as they are now for well: another clock or power mode is meant",
    },
    "cool-down": COOL_DOWN,
    ...BOARD_ACCESS,
    jobs: JOBS,
  },
  examples: [
    ["tilewright worker --queue redis://hub --target BOARD", "lend this machine's cores, on the model"],
    [
      "tilewright worker --queue postgres://hub/tunes --target BOARD",
      "the same, by a PostgreSQL server's database",
    ],
    ["tilewright worker --queue redis://hub --board pi@a --board pi@b --target BOARD", "lend two boards"],
  ],
  run: async (values, context) => {
    const { terminal, signal } = context;
    if (values.board === undefined && values.target === undefined)
      throw missingArgument("--board or --target", "worker");
    const seconds = readSeconds("lease", values.lease) ?? 30;
    const { queueAddress } = await import("../../driver/queue/queue-address.ts");
    const { openQueue } = await import("../../driver/queue/open-queue.ts");
    const address = queueAddress(values.queue);
    const requests = await requestsOf(values, signal);
    const link = await makeSteps(terminal).run(`connecting to ${address.shown}`, () =>
      openQueue(address, { signal, notice: terminal.note }),
    );
    try {
      const lent = { requests, leaseMs: 1000 * seconds, isNew: values["new-reference"] };
      await serve(lent, link, context);
    } finally {
      await link.close();
    }
  },
});

interface Lent extends AccessValues {
  readonly board?: readonly string[] | undefined;
  readonly pool?: string | undefined;
  readonly target?: string | undefined;
  readonly threads?: number | undefined;
  readonly jobs?: number | undefined;
  readonly "cool-down"?: string | undefined;
}

/** What desks are to be opened: one for each board, else as many of the model as there may be compilers. Throws C205. */
async function requestsOf(values: Lent, signal: AbortSignal): Promise<readonly DeskRequest[]> {
  const { board: boards, pool, target = "" } = values;
  const jobs = wholeNumber("jobs", values.jobs, 1, availableParallelism());
  const threads = wholeNumber("threads", values.threads, 1, 1);
  const access = boardAccess(values);
  const common = { threads, coolDownC: celsius(values["cool-down"]), access, pool };
  if (pool !== undefined && (boards === undefined || !/^[\w.@-]{1,100}$/.test(pool)))
    throw badValue("pool", pool, "a word, for boards: --board");
  if (boards === undefined) return Array.from({ length: jobs }, () => ({ ...common, target, jobs: 1 }));
  const { targetOf } = await import("../../driver/run/board-target.ts");
  return Promise.all(
    boards.map(async (board) => {
      const found = await targetOf(board, values.target, { ...access, signal });
      return { ...common, board, target: values.target ?? found.name, jobs };
    }),
  );
}

/** Serves desks until the signal comes, or one of them cannot go on. */
async function serve(
  {
    requests,
    leaseMs,
    isNew,
  }: { readonly requests: readonly DeskRequest[]; readonly leaseMs: number; readonly isNew: boolean },
  link: QueueLink,
  { terminal, signal }: Context,
): Promise<void> {
  const { startDesk } = await import("../../driver/queue/desk-process.ts");
  const { forgetHealth } = await import("../../driver/queue/kept-health.ts");
  const { serveQueue } = await import("../../driver/queue/serve-queue.ts");
  const failed = new AbortController();
  const stop = AbortSignal.any([signal, failed.signal]);
  const options = { signal: stop, notice: terminal.note };
  const desks: Desk[] = [];
  try {
    for (const request of requests) desks.push(await startDesk(request, options));
    if (isNew) for (const { about } of desks) await forgetHealth(link, about);
    const places = [
      ...new Set(desks.map(({ about }) => about.board ?? `the model of ${about.places[0]?.core}`)),
    ];
    terminal.note(`serving ${places.join(", ")} at ${counted(desks.length, "desk")}; ctrl-C ends it`);
    const served = desks.map((desk) =>
      serveQueue(desk, { link, leaseMs, ...options }).catch((error: unknown) => {
        failed.abort();
        throw error;
      }),
    );
    await Promise.allSettled(served);
    await Promise.all(served);
    signal.throwIfAborted();
  } finally {
    await Promise.all(desks.map((desk) => desk.close()));
  }
}
