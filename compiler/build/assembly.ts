import { compileFailed } from "./build-errors.ts";
import { runProgram } from "./run-program.ts";
import type { Toolchain } from "./toolchain.ts";

/** The assembly that a C text becomes, without debug and unwind lines. Throws B103. */
export async function assemblyOf(
  c: string,
  name: string,
  toolchain: Toolchain,
  flags: readonly string[],
): Promise<string> {
  const args = [...flags, "-fno-asynchronous-unwind-tables", "-S", "-o", "-", "-x", "c", "-"];
  const result = await runProgram(toolchain.cc, args, { input: c });
  if (result.failed) throw compileFailed(`${name}.c`, ".", toolchain.command, result.stderr);
  return result.stdout;
}
