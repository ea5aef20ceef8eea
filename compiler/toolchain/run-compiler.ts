import { type Ended, type RunOptions, runProgram } from "./run-program.ts";
import type { Toolchain } from "./toolchain.ts";

/** Runs a C compiler for the machine it was found for: one that knows several is told which. Never throws. */
export function runCompiler(
  { cc, options }: Pick<Toolchain, "cc" | "options">,
  args: readonly string[],
  run: RunOptions = {},
): Promise<Ended> {
  return runProgram(cc, [...options, ...args], run);
}
