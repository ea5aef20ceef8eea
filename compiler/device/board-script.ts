import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PACKAGE_ROOT } from "../support/paths.ts";
import { commandsRefused } from "./board-failures.ts";
import { answerTooLong } from "./keeping-failures.ts";
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

/** What is asked of a board: the script after those whose functions it calls, and what it does, for messages. */
const QUESTIONS = {
  prepare: { scripts: ["folder", "prepare"], doing: "prepare its folder" },
  room: { scripts: ["room"], doing: "make room for a copy" },
  holdings: { scripts: ["folder", "lock", "holdings"], doing: "tell what it keeps" },
  clean: { scripts: ["lock", "clean"], doing: "remove what it keeps" },
  state: { scripts: ["state"], doing: "tell its state" },
  probe: { scripts: ["probe"], doing: "tell what it is" },
} as const;

/** More than the listing of a hundred thousand copies. */
const ANSWER_LIMIT = 8 * 1024 ** 2;

/**
 * Runs a script of templates/board that the board's shell reads from its standard input, whatever login shell starts that.
 * Gives the lines it prints. Throws D125 when the script did not run, D163 when it prints too much, D109, D133.
 */
export async function askBoard(
  to: Connection,
  name: keyof typeof QUESTIONS,
  words: readonly string[],
): Promise<readonly string[]> {
  const { scripts, doing } = QUESTIONS[name];
  const mark = newMark();
  const { stdout, stderr, overflowed } = await exec(to, ["sh", "-s", "--", ...words], {
    doing,
    limitBytes: ANSWER_LIMIT,
    feed: (stdin) => stdin.end(`echo '${mark}'\n${boardScript(...scripts)}`),
  });
  if (overflowed) throw answerTooLong(to.at.name, doing, ANSWER_LIMIT);
  if (!stdout.includes(`${mark}\n`)) {
    const said = stderr.toString().trim() || stdout.toString().trim() || "a command printed nothing";
    throw commandsRefused(to.at, said.slice(0, 400));
  }
  return afterMark(stdout, mark).toString().split("\n").slice(0, -1);
}
