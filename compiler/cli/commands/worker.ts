import { availableParallelism } from "node:os";
import type { Desk } from "../../driver/queue/desk.ts";
import type { DeskRequest } from "../../driver/queue/desk-messages.ts";
import type { QueueLink } from "../../driver/queue/open-queue.ts";
import { counted } from "../../support/text.ts";
import { boardAccess } from "../board-access.ts";
import { type Context, defineCommand } from "../command.ts";
import { COOL_DOWN, celsius } from "../effort.ts";
import { readSeconds, wholeNumber } from "../numbers.ts";
import { QUEUE } from "../queue-options.ts";
import { BOARD_ACCESS, JOBS, TARGET, THREADS } from "../shared-options.ts";
import { makeSteps } from "../steps.ts";
import { missingArgument } from "../usage-errors.ts";

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
    target: TARGET,
    threads: THREADS,
    lease: {
      type: "string",
      requiresArg: true,
      describe: "after how long without a word its jobs and boards go to others (default 30s)",
    },
    "cool-down": COOL_DOWN,
    ...BOARD_ACCESS,
    jobs: JOBS,
  },
  examples: [
    ["tilewright worker --queue redis://farm --target BOARD", "lend this machine's cores, on the model"],
    ["tilewright worker --queue redis://farm --board pi@a --board pi@b --target BOARD", "lend two boards"],
  ],
  run: async (values, context) => {
    const { terminal, signal } = context;
    const { board: boards = [], target } = values;
    if (boards.length === 0 && target === undefined) throw missingArgument("--board or --target", "worker");
    const seconds = readSeconds("lease", values.lease) ?? 30;
    const jobs = wholeNumber("jobs", values.jobs, 1, availableParallelism());
    const threads = wholeNumber("threads", values.threads, 1, 1);
    const { queueAddress } = await import("../../driver/queue/queue-address.ts");
    const { openQueue } = await import("../../driver/queue/open-queue.ts");
    const { targetOf } = await import("../../driver/run/board-target.ts");
    const address = queueAddress(values.queue);
    const access = boardAccess(values);
    const common = { threads, coolDownC: celsius(values["cool-down"]), access };
    // a model keeps one core busy at a time: as many as there are compilers
    const requests: readonly DeskRequest[] =
      boards.length === 0
        ? Array.from({ length: jobs }, () => ({ ...common, target: target ?? "", jobs: 1 }))
        : await Promise.all(
            boards.map(async (board) => {
              const found = await targetOf(board, target, { ...access, signal });
              return { ...common, board, target: target ?? found.name, jobs };
            }),
          );
    const link = await makeSteps(terminal).run(`connecting to ${address.shown}`, () =>
      openQueue(address, { signal, notice: terminal.note }),
    );
    try {
      await serve(requests, link, 1000 * seconds, context);
    } finally {
      await link.close();
    }
  },
});

/** Serves desks until the signal comes, or one of them cannot go on. */
async function serve(
  requests: readonly DeskRequest[],
  link: QueueLink,
  leaseMs: number,
  { terminal, signal }: Context,
): Promise<void> {
  const { startDesk } = await import("../../driver/queue/desk-process.ts");
  const { serveQueue } = await import("../../driver/queue/serve-queue.ts");
  const failed = new AbortController();
  const stop = AbortSignal.any([signal, failed.signal]);
  const options = { signal: stop, notice: terminal.note };
  const desks: Desk[] = [];
  try {
    for (const request of requests) desks.push(await startDesk(request, options));
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
