import { SCRIPT_DAMAGED, scriptCommand } from "../board-copy.ts";
import { type Keeper, scriptText, withCopy } from "./cache.ts";
import { type ExecOptions, type ExecResult, exec } from "./exec.ts";

/** Runs a script that reads the board; its text is kept there. */
export function runScript(
  keeper: Keeper,
  text: string,
  options: ExecOptions,
  words: readonly string[] = [],
): Promise<ExecResult> {
  return withCopy(keeper, scriptText(text), async (copy) => {
    const result = await exec(keeper.connection, scriptCommand(copy, words), options);
    return result.status === SCRIPT_DAMAGED ? "damaged" : result;
  });
}
