import { spawn } from "node:child_process";
import { Duplex } from "node:stream";
import { proxyFailed } from "../board-failures.ts";
import { type Destination, expandPath } from "./destination.ts";

/** A program of the user's through which a connection goes. */
export interface Proxy {
  readonly stream: Duplex;
  /** What it said on its error output, if it has ended by itself. */
  complaint(): string | undefined;
}

const SAFE = /^[A-Za-z0-9_.:+@][A-Za-z0-9_.:%+@-]*$/;

/**
 * ProxyCommand is by definition a line for the user's shell; host and user, which fill its tokens, may
 * have none of a shell's special characters. Throws D108.
 */
export function runProxy(at: Destination, command: string): Proxy {
  for (const value of [at.host, at.user]) {
    if (!SAFE.test(value)) {
      throw proxyFailed(at, `\`${value}\` has characters that are not safe in a ProxyCommand`);
    }
  }
  // In a group of its own: ctrl-C is for this process, which may still have something to tidy on the board.
  const child = spawn("/bin/sh", ["-c", `exec ${expandPath(command, at)}`], {
    stdio: "pipe",
    detached: true,
  });
  let said = "";
  let ended: string | undefined;
  child.stderr.on("data", (chunk: Buffer) => {
    said = `${said}${chunk.toString()}`.slice(-2000);
  });
  child.on("exit", (code, signal) => {
    ended = `the ProxyCommand ended with ${signal ?? `status ${code}`}`;
  });
  const stream = Duplex.from({ readable: child.stdout, writable: child.stdin });
  child.on("error", (error) => stream.destroy(error));
  stream.on("error", () => {});
  stream.on("close", () => child.kill());
  // What it still had to say has been read by then.
  child.on("close", () => stream.destroy());
  return { stream, complaint: () => (ended === undefined ? undefined : `${said.trim()}\n${ended}`.trim()) };
}
