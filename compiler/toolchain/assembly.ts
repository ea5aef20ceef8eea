import { compileFailed } from "./build-errors.ts";
import { unknownFlags } from "./known-flags.ts";
import { precompile, precompiled } from "./precompiled-headers.ts";
import { runCompiler } from "./run-compiler.ts";
import type { Toolchain } from "./toolchain.ts";

/** A C text, and how it is compiled. */
export interface AssemblySource {
  readonly c: string;
  readonly name: string;
  readonly toolchain: Toolchain;
  readonly flags: readonly string[];
  /** Lines of C that include large headers, kept precompiled in the cache's folder. */
  readonly includes: readonly string[];
  readonly cacheDir: string;
}

/** The assembly that a C text becomes, without debug and unwind lines. Throws B103. */
export async function assemblyOf(source: AssemblySource): Promise<string> {
  const { c, name, toolchain, includes, cacheDir } = source;
  const unknown = await unknownFlags(toolchain, source.flags);
  const flags = [...source.flags.filter((flag) => !unknown.has(flag)), "-fno-asynchronous-unwind-tables"];
  const compile = (ahead: readonly string[] = []) =>
    runCompiler(toolchain, [...ahead, ...flags, "-S", "-o", "-", "-x", "c", "-"], { input: c });
  const headers = { toolchain, includes, flags, folder: cacheDir };
  const known = includes.length === 0 ? undefined : await precompiled(headers);
  if (known !== undefined) {
    const fast = await compile(["-include", known]);
    if (!fast.failed) return fast.stdout;
  }
  // What failed may have failed for the headers; they are made anew beside it.
  const [plain] = await Promise.all([compile(), includes.length === 0 ? undefined : precompile(headers)]);
  if (plain.failed) throw compileFailed(`${name}.c`, ".", toolchain.command, plain.stderr);
  return plain.stdout;
}
