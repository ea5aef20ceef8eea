import { boardScript } from "./board-script.ts";

/** A board's copy of a file of this machine's. */
export interface Copy {
  readonly path: string;
  /** The command that prints checksums there and the one that is right; both empty when the board has no such command. */
  readonly check: readonly [sums: string, sum: string];
}

/** The status of a script whose content was wrong. */
export const SCRIPT_DAMAGED = 76;

/** The last line: what comes before are comments. */
const boot = (): string => boardScript("boot").trim().split("\n").at(-1) ?? "";

/** The command that runs a copy of a script. */
export function scriptCommand({ path, check }: Copy, words: readonly string[]): readonly string[] {
  return ["sh", "-c", boot(), "tilewright", path, ...check, ...words];
}
