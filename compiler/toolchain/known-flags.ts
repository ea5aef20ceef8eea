import { buildInterrupted } from "./build-errors.ts";
import { runCompiler } from "./run-compiler.ts";
import type { Toolchain } from "./toolchain.ts";

/** What a compiler said of flags, by its fingerprint: it is asked once. */
const answers = new Map<string, boolean>();

/**
 * Those of some flags that a compiler does not know, found by asking it, not by its name. They only make code faster and
 * can be left out; what it is to make code for (-m...) and the language (-std=...) it has to know.
 * Throws B105.
 */
export async function unknownFlags(
  toolchain: Toolchain,
  flags: readonly string[],
  signal?: AbortSignal,
): Promise<ReadonlySet<string>> {
  const optional = [...new Set(flags)].filter((flag) => !/^-(m|std=)/.test(flag));
  if (await knows(toolchain, optional, signal)) return new Set();
  const known = await Promise.all(optional.map((flag) => knows(toolchain, [flag], signal)));
  return new Set(optional.filter((_, i) => !known[i]));
}

async function knows(
  toolchain: Toolchain,
  flags: readonly string[],
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const key = [toolchain.cc, toolchain.fingerprint, ...flags].join("\n");
  const known = answers.get(key);
  if (known !== undefined) return known;
  // Some compilers only warn of flags that they pass over.
  const args = ["-Werror", ...flags, "-S", "-o", "/dev/null", "-x", "c", "/dev/null"];
  const { failed, stopped } = await runCompiler(toolchain, args, { signal });
  if (stopped) throw buildInterrupted();
  answers.set(key, !failed);
  return !failed;
}
