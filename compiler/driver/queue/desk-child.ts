import { openBoard } from "../../device/open-board.ts";
import { reopeningRunner } from "../../device/reopening.ts";
import type { Runner } from "../../device/runner.ts";
import { loadTarget } from "../../machine/load.ts";
import type { Target } from "../../machine/target.schema.ts";
import { UserError } from "../../support/diagnostic.ts";
import type { HealthReading } from "./board-health.ts";
import type { Desk } from "./desk.ts";
import type { DeskRequest, FromDesk, Said, ToDesk } from "./desk-messages.ts";
import { openDesk } from "./open-desk.ts";
import type { QueueAnswer } from "./queue-answer.ts";

/**
 * The process of a desk: what takes long is done here, so that the one that holds jobs and boards is never too busy to renew
 * them. It ends with that one, whatever ends it.
 */

/** How long a board that was lost may take to come back before its jobs go to others. */
const AWAY_SECONDS = 30;

const stop = new AbortController();
let desk: Desk | undefined;

const say = (message: FromDesk): void => void process.send?.(message, undefined, undefined, () => {});
const notice = (text: string): void => say({ kind: "notice", text });

// ctrl-C is meant for the process that started this one, which says what is to become of its jobs
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});
process.on("disconnect", () => void leave());
process.on("message", (message: ToDesk) => {
  switch (message.kind) {
    case "open":
      void open(message.request);
      return;
    case "perform":
      void answer(message.id, (open) => open.perform(message.data, stop.signal));
      return;
    case "check":
      void answer(message.id, (open) => open.check?.());
      return;
    case "stop":
      void leave();
      return;
  }
});

async function open(request: DeskRequest): Promise<void> {
  try {
    const { board, pool, threads, jobs, coolDownC } = request;
    const target = loadTarget(request.target);
    const runner = board === undefined ? undefined : await openRunner(board, target, request);
    desk = await openDesk({ target, runner, pool, threads, jobs, coolDownC, signal: stop.signal, notice });
    say({ kind: "open", about: desk.about });
  } catch (error) {
    say({ kind: "error", error: saidOf(error) });
  }
}

async function openRunner(board: string, target: Target, { access }: DeskRequest): Promise<Runner> {
  const { signal } = stop;
  const options = { ...access, target, notice, signal };
  const open = async (): Promise<Runner> => (await openBoard(board, options)).runner;
  return reopeningRunner(await open(), open, { seconds: AWAY_SECONDS, notice, signal });
}

async function answer(
  id: number,
  work: (desk: Desk) => Promise<QueueAnswer | HealthReading> | undefined,
): Promise<void> {
  try {
    const found = desk && (await work(desk));
    if (found === undefined) throw new Error("the desk has nothing for that");
    say({ kind: "answer", id, answer: found });
  } catch (error) {
    say({ kind: "error", id, error: saidOf(error) });
  }
}

async function leave(): Promise<void> {
  stop.abort();
  await desk?.close().catch(() => {});
  process.exit(0);
}

function saidOf(error: unknown): Said {
  if (error instanceof UserError) return { diagnostic: error.diagnostic };
  if (error instanceof Error) return { message: error.message, stack: error.stack };
  return { message: String(error) };
}
