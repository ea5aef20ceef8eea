import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PACKAGE_ROOT } from "../support/paths.ts";
import { commandsRefused } from "./board-failures.ts";
import { exec } from "./ssh/exec.ts";
import type { Connection } from "./ssh/transport.ts";

/** The text of a script of templates/board, after those whose functions it calls. */
export function boardScript(...names: readonly string[]): string {
  return names
    .map((name) => readFileSync(join(PACKAGE_ROOT, `templates/board/${name}.sh`), "utf8"))
    .join("\n");
}

/** A line that no start-up file prints. */
export function newMark(): string {
  return `tilewright ${randomBytes(16).toString("hex")}`;
}

/** What follows the line `mark`; all of it where there is none. */
export function afterMark(bytes: Buffer, mark: string): Buffer {
  const at = bytes.indexOf(`${mark}\n`);
  return at < 0 ? bytes : bytes.subarray(at + mark.length + 1);
}

/** What a script is to do, for messages. */
const DOING = { prepare: "prepare its folder", room: "make room for a copy" } as const;

/**
 * Runs a script of templates/board that the board's shell reads from its standard input, whatever login shell starts that.
 * Gives the lines it prints. Throws D125 when the script did not run, D109, D133.
 */
export async function askBoard(
  to: Connection,
  name: keyof typeof DOING,
  words: readonly string[],
): Promise<readonly string[]> {
  const mark = newMark();
  const { stdout, stderr } = await exec(to, ["sh", "-s", "--", ...words], {
    doing: DOING[name],
    limitBytes: 1_048_576,
    feed: (stdin) => stdin.end(`echo '${mark}'\n${boardScript(name)}`),
  });
  if (!stdout.includes(`${mark}\n`)) {
    const said = stderr.toString().trim() || stdout.toString().trim() || "a command printed nothing";
    throw commandsRefused(to.at, said.slice(0, 400));
  }
  return afterMark(stdout, mark).toString().split("\n").slice(0, -1);
}
