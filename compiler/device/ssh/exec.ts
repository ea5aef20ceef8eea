import type { Writable } from "node:stream";
import { LimitedBytes } from "../limited-bytes.ts";
import { boardSilent } from "../link-failures.ts";
import { interrupted } from "../run-failures.ts";
import { shellCommand } from "../shell-quote.ts";
import { answerOf } from "./patience.ts";
import type { Connection, RemoteCommand } from "./transport.ts";

export interface ExecOptions {
  /** What the board is asked to do, for messages: "tell its state"; absent: "run a command". */
  readonly doing?: string;
  /** Most bytes taken of stdout, and of stderr; at more, the command is told to stop. */
  readonly limitBytes: number;
  readonly signal?: AbortSignal | undefined;
  /** How long it may say nothing; absent: as long as the link may be silent. */
  readonly quietSeconds?: number;
  /** How long it may take in all, whatever it says. At the end of that it is told to stop, and the result says so. */
  readonly patienceSeconds?: number;
  /** It reads nothing and is soon over: a way may have something quicker for such. */
  readonly small?: boolean;
  /** Writes its standard input and ends it; absent: it is kept open and empty while the command runs. */
  readonly feed?: (stdin: Writable) => void;
  /** Told of what comes on stdout while it comes. */
  readonly onOutput?: (chunk: Buffer) => void;
}
export interface ExecResult {
  /** Exit status; absent when the board gave none (killed, or the channel was closed). */
  readonly status: number | undefined;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  readonly overflowed: boolean;
  readonly outOfPatience: boolean;
}

/** Time for a command whose input was ended to clean up before its channel is closed. */
const GRACE_MS = 4000;
/** The same when a person waits for it. */
const HASTY_GRACE_MS = 200;

/**
 * Runs a command of quoted words. The end of its standard input tells the command that nobody waits any more.
 * Rejects with D125 when the board refuses to run commands, D109 when it does not answer, D133 when the connection is
 * lost, D137 when the signal aborts.
 */
export async function exec(
  to: Connection,
  words: readonly string[],
  options: ExecOptions,
): Promise<ExecResult> {
  const asking = { doing: `start to ${doingOf(options)}`, signal: options.signal };
  const line = shellCommand(words);
  const started = options.small && to.ask !== undefined ? to.ask(line) : to.start(line);
  const command = await answerOf(to, started, asking, (late) => late.abandon());
  return follow(to, command, options);
}

function doingOf({ doing = "run a command" }: ExecOptions): string {
  return doing;
}

async function follow(to: Connection, command: RemoteCommand, options: ExecOptions): Promise<ExecResult> {
  const { signal, patienceSeconds, quietSeconds = to.patienceSeconds } = options;
  const stdout = new LimitedBytes(options.limitBytes);
  const stderr = new LimitedBytes(options.limitBytes);
  let stopped: "late" | "aborted" | "overflowed" | undefined;
  let closing: NodeJS.Timeout | undefined;
  let giveUp = (): void => {};
  // A board that hangs never says that a channel is closed.
  const abandoned = new Promise<undefined>((resolve) => {
    giveUp = () => resolve(undefined);
  });
  const stop = (why: NonNullable<typeof stopped>): void => {
    if (why === "aborted") clearTimeout(closing);
    else if (stopped !== undefined) return;
    stopped = why;
    command.stdin.end();
    const abandon = (): void => {
      command.abandon();
      giveUp();
    };
    // What takes input has nothing of its own to tidy, and what it made is to be removed in time.
    const hasty = options.feed === undefined ? HASTY_GRACE_MS : 0;
    closing = setTimeout(abandon, why === "aborted" ? hasty : GRACE_MS);
  };
  const timer = setTimeout(() => stop("late"), (patienceSeconds ?? quietSeconds) * 1000);
  const take = (into: LimitedBytes, chunk: Buffer): void => {
    if (patienceSeconds === undefined && stopped === undefined) timer.refresh();
    if (into === stdout) options.onOutput?.(chunk);
    if (!into.add(chunk)) stop("overflowed");
  };
  const abort = (): void => stop("aborted");
  command.stdout.on("data", (chunk: Buffer) => take(stdout, chunk));
  command.stderr.on("data", (chunk: Buffer) => take(stderr, chunk));
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort, { once: true });
  options.feed?.(command.stdin);
  try {
    const status = await Promise.race([to.lost, command.ended, abandoned]);
    if (stopped === "aborted") throw interrupted(to.at.name);
    const outOfPatience = stopped === "late";
    if (outOfPatience && patienceSeconds === undefined)
      throw boardSilent(to.at.name, doingOf(options), quietSeconds);
    const overflowed = stdout.overflowed || stderr.overflowed;
    return { status, stdout: stdout.bytes(), stderr: stderr.bytes(), overflowed, outOfPatience };
  } finally {
    clearTimeout(timer);
    clearTimeout(closing);
    signal?.removeEventListener("abort", abort);
  }
}
