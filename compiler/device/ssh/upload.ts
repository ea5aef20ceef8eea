import { createReadStream } from "node:fs";
import { pipeline, type Writable } from "node:stream";
import { kib } from "../../support/text.ts";
import { type Copy, SCRIPT_DAMAGED, scriptCommand } from "../board-copy.ts";
import { newMark } from "../board-script.ts";
import { exec } from "./exec.ts";
import type { Connection } from "./transport.ts";

/** A file of this machine's on its way to a board. */
export interface Upload {
  readonly localPath: string;
  /** Where on the board; a part that is there already is appended to. */
  readonly path: string;
  /** How many bytes of it are there. */
  readonly have: number;
  readonly size: number;
  readonly mode: number;
  readonly signal?: AbortSignal | undefined;
  /** Told of a transfer that takes long, now and then. */
  readonly notice: (text: string) => void;
}

/**
 * Sends what is missing of a file, by the board's copy of append.sh; says "damaged" when that is wrong. It may take as long as
 * it likes while it grows. Rejects with the board's words where it cannot be written, D109, D133, D137.
 */
export async function upload(to: Connection, script: Copy, file: Upload): Promise<"sent" | "damaged"> {
  const { localPath, path, have, size, mode, signal } = file;
  const mark = newMark();
  const tell = progressTeller(to.at.name, file);
  let rest = "";
  const read = (chunk: Buffer): void => {
    const lines = `${rest}${chunk.toString("latin1")}`.split("\n");
    rest = (lines.pop() ?? "").slice(-100);
    for (const line of lines) if (/^\d{1,15}$/.test(line)) tell(Number(line));
  };
  const feed = (stdin: Writable): void => {
    // Where it fails the board says so: what has come is too short.
    pipeline(createReadStream(localPath, { start: have, end: size - 1 }), stdin, () => {});
  };
  const { status, stderr } = await exec(to, scriptCommand(script, [mark, path, mode.toString(8)]), {
    ...{ doing: `take ${size - have} bytes for ${path}`, limitBytes: 2 ** 20, signal },
    ...{ feed, onOutput: read },
  });
  if (status === SCRIPT_DAMAGED) return "damaged";
  if (status !== 0) throw new Error(stderr.toString().trim() || `${path} was not taken (status ${status})`);
  return "sent";
}

/** Says how far it is after two seconds, and then ever more rarely. */
function progressTeller(board: string, { have, size, notice }: Upload): (bytes: number) => void {
  const began = performance.now();
  let next = 2;
  return (bytes) => {
    const seconds = (performance.now() - began) / 1000;
    if (seconds < next || bytes <= have) return;
    next = seconds * 1.5;
    const rate = (bytes - have) / seconds;
    const left = Math.ceil((size - bytes) / rate);
    notice(`sent ${kib(bytes)} of ${kib(size)} to \`${board}\`, ${kib(rate)}/s, ${left} s to go`);
  };
}
