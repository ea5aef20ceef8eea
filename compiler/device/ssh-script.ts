import { boardScript } from "./board-script.ts";
import { type Copy, type Keeper, scriptText, withCopy } from "./ssh-cache.ts";
import { type ExecOptions, type ExecResult, exec } from "./ssh-exec.ts";

/** The status of a script whose content was wrong. */
export const SCRIPT_DAMAGED = 76;

/** The last line: what comes before are comments. */
const boot = (): string => boardScript("boot").trim().split("\n").at(-1) ?? "";

/** The command that runs a copy of a script. */
export function scriptCommand({ path, check }: Copy, words: readonly string[]): readonly string[] {
  return ["sh", "-c", boot(), "tilewright", path, ...check, ...words];
}

/** Runs a script that reads the board; its text is kept there. */
export function runScript(keeper: Keeper, text: string, options: ExecOptions): Promise<ExecResult> {
  return withCopy(keeper, scriptText(text), async (copy) => {
    const result = await exec(keeper.connection, scriptCommand(copy, []), options);
    return result.status === SCRIPT_DAMAGED ? "damaged" : result;
  });
}
