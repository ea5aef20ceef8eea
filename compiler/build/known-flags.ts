import { runProgram } from "./run-program.ts";
import type { Toolchain } from "./toolchain.ts";

/** What a compiler said of flags, by its fingerprint: it is asked once. */
const answers = new Map<string, Promise<boolean>>();

/**
 * Those of some flags that a compiler does not know, found by asking it, not by its name. They only make code faster and
 * can be left out; what it is to make code for (-m...) and the language (-std=...) it has to know.
 */
export async function unknownFlags(
  toolchain: Toolchain,
  flags: readonly string[],
): Promise<ReadonlySet<string>> {
  const optional = [...new Set(flags)].filter((flag) => !/^-(m|std=)/.test(flag));
  if (await knows(toolchain, optional)) return new Set();
  const known = await Promise.all(optional.map((flag) => knows(toolchain, [flag])));
  return new Set(optional.filter((_, i) => !known[i]));
}

function knows({ cc, fingerprint }: Toolchain, flags: readonly string[]): Promise<boolean> {
  const key = [cc, fingerprint, ...flags].join("\n");
  let answer = answers.get(key);
  if (answer === undefined) {
    // Some compilers only warn of flags that they pass over.
    const args = ["-Werror", ...flags, "-S", "-o", "/dev/null", "-x", "c", "/dev/null"];
    answer = runProgram(cc, args).then(({ failed }) => !failed);
    answers.set(key, answer);
  }
  return answer;
}
