import type { ClientChannel } from "ssh2";
import { commandsRefused } from "./board-failures.ts";
import { LimitedBytes } from "./limited-bytes.ts";
import { shellCommand } from "./shell-quote.ts";
import type { Connection } from "./ssh-handshake.ts";

export interface ExecOptions {
  /** Most bytes taken of stdout, and of stderr; at more, the command is told to stop. */
  readonly limitBytes: number;
  /** Ends the command's standard input, which is otherwise kept open while it runs. */
  readonly signal?: AbortSignal;
  /** Told of what comes on stderr while it comes. */
  readonly onStderr?: (text: string) => void;
  /** After this long the channel is closed, whatever the board does. */
  readonly patienceSeconds: number;
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

/**
 * Runs a command of quoted words. Its standard input stays open and empty: the end of it tells the
 * command that nobody waits any more. Rejects with D125 when the board refuses
 * to run commands, with D133 when the connection is lost.
 */
export function exec(to: Connection, words: readonly string[], options: ExecOptions): Promise<ExecResult> {
  const run = new Promise<ExecResult>((resolve, reject) => {
    to.client.exec(shellCommand(words), (error, channel) => {
      if (error) reject(commandsRefused(to.at.name, error.message));
      else follow(channel, options).then(resolve, reject);
    });
  });
  return Promise.race([to.lost, run]);
}

async function follow(channel: ClientChannel, options: ExecOptions): Promise<ExecResult> {
  const stdout = new LimitedBytes(options.limitBytes);
  const stderr = new LimitedBytes(options.limitBytes);
  let status: number | undefined;
  let outOfPatience = false;
  let closing: NodeJS.Timeout | undefined;
  const stop = (): void => {
    channel.end();
    closing ??= setTimeout(() => channel.close(), GRACE_MS);
  };
  const patience = setTimeout(() => {
    outOfPatience = true;
    stop();
  }, options.patienceSeconds * 1000);
  channel.on("data", (chunk: Buffer) => {
    if (!stdout.add(chunk)) stop();
  });
  channel.stderr.on("data", (chunk: Buffer) => {
    options.onStderr?.(chunk.toString());
    if (!stderr.add(chunk)) stop();
  });
  channel.on("exit", (code: number | null) => {
    status = code ?? undefined;
  });
  // A channel that was closed under our feet may still be written to by `end`.
  channel.on("error", () => {});
  const closed = new Promise<void>((resolve) => channel.on("close", () => resolve()));
  if (options.signal?.aborted) stop();
  options.signal?.addEventListener("abort", stop, { once: true });
  await closed;
  clearTimeout(patience);
  clearTimeout(closing);
  options.signal?.removeEventListener("abort", stop);
  return {
    status,
    stdout: stdout.bytes(),
    stderr: stderr.bytes(),
    overflowed: stdout.overflowed || stderr.overflowed,
    outOfPatience,
  };
}
