import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { InternalError, UserError } from "../../support/diagnostic.ts";
import type { HealthReading } from "./board-health.ts";
import type { Desk, DeskAbout } from "./desk.ts";
import type { DeskRequest, FromDesk, Said, ToDesk } from "./desk-messages.ts";
import type { QueueAnswer } from "./queue-answer.ts";

const CHILD = fileURLToPath(new URL("./desk-child.js", import.meta.url));
/** How long its process may tidy up. */
const LEAVE_MS = 300;
/** How long it may work at one job: waits for a cooler board are a part of it. */
const JOB_MS = 3_600_000;

/** What its process says; the process is of this very program, so that it is what was asked for. */
type Answered = QueueAnswer | HealthReading;
type Question = { readonly kind: "perform"; readonly data: unknown } | { readonly kind: "check" };

/** A question that a process works at. */
interface Waiting {
  readonly resolve: (answer: Answered) => void;
  readonly reject: (error: Error) => void;
}

/** A process that was started, and the jobs that it does. */
interface Started {
  readonly child: ChildProcess;
  readonly about: DeskAbout;
  readonly waiting: Map<number, Waiting>;
}

/**
 * A desk in a process of its own. One that dies fails its jobs, and the next job starts it anew. Throws what opening the desk
 * throws.
 */
export async function startDesk(
  request: DeskRequest,
  { signal, notice, child = CHILD }: { signal: AbortSignal; notice: (text: string) => void; child?: string },
): Promise<Desk> {
  let started: Promise<Started> | undefined;
  const start = (): Promise<Started> => {
    started ??= startProcess(child, request, { signal, notice }).then((process) => {
      process.child.once("exit", () => {
        started = undefined;
      });
      return process;
    });
    started.catch(() => {
      started = undefined;
    });
    return started;
  };
  const { about } = await start();
  let last = 0;
  const ask = async (question: Question, stop: AbortSignal): Promise<Answered> => {
    const { child, waiting } = await start();
    return asked(child, waiting, { ...question, id: last++ }, stop);
  };
  return {
    about,
    perform: (data, stop) => ask({ kind: "perform", data }, stop) as Promise<QueueAnswer>,
    ...(about.board !== undefined && {
      check: () => ask({ kind: "check" }, signal) as Promise<HealthReading>,
    }),
    close: async () => {
      const process = await started?.catch(() => undefined);
      if (process !== undefined) await leave(process.child);
    },
  };
}

/** Its answer, unless the signal comes first. */
function asked(
  child: ChildProcess,
  waiting: Started["waiting"],
  message: Question & { readonly id: number },
  stop: AbortSignal,
): Promise<Answered> {
  const { id } = message;
  let end = (): void => {};
  const answer = new Promise<Answered>((resolve, reject) => {
    stop.throwIfAborted();
    const onAbort = (): void => reject(stop.reason as Error);
    stop.addEventListener("abort", onAbort, { once: true });
    const late = setTimeout(() => child.kill("SIGKILL"), JOB_MS);
    end = () => {
      clearTimeout(late);
      waiting.delete(id);
      stop.removeEventListener("abort", onAbort);
    };
    waiting.set(id, { resolve, reject });
    tell(child, message);
  });
  return answer.finally(() => end());
}

function startProcess(
  path: string,
  request: DeskRequest,
  { signal, notice }: { readonly signal: AbortSignal; readonly notice: (text: string) => void },
): Promise<Started> {
  const child = fork(path, [], { stdio: ["ignore", "ignore", "inherit", "ipc"], serialization: "json" });
  const waiting = new Map<number, Waiting>();
  const failAll = (error: Error): void => {
    for (const job of [...waiting.values()]) job.reject(error);
  };
  return new Promise((resolve, reject) => {
    const stop = (): void => void leave(child);
    signal.addEventListener("abort", stop, { once: true });
    child.on("error", (error) => reject(new InternalError(`a desk cannot be started: ${error.message}`)));
    child.once("exit", (code, by) => {
      signal.removeEventListener("abort", stop);
      const error = signal.aborted
        ? (signal.reason as Error)
        : new Error(`the process of the worker's desk ended (${by ?? `exit code ${code}`})`);
      reject(error);
      failAll(error);
    });
    child.on("message", (message: FromDesk) => {
      if (message.kind === "open") resolve({ child, about: message.about, waiting });
      else if (message.kind === "notice") notice(message.text);
      else if (message.kind === "answer") waiting.get(message.id)?.resolve(message.answer);
      else {
        const error = errorOf(message.error);
        if (message.id !== undefined) waiting.get(message.id)?.reject(error);
        else {
          reject(error);
          void leave(child);
        }
      }
    });
    tell(child, { kind: "open", request });
  });
}

function tell(child: ChildProcess, message: ToDesk): void {
  // a process that is gone says so itself
  child.send(message, () => {});
}

async function leave(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  tell(child, { kind: "stop" });
  const timer = setTimeout(() => child.kill("SIGKILL"), LEAVE_MS);
  await gone;
  clearTimeout(timer);
}

function errorOf(said: Said): Error {
  if ("diagnostic" in said) return new UserError(said.diagnostic);
  const error = new Error(said.message);
  if (said.stack !== undefined) error.stack = said.stack;
  return error;
}
