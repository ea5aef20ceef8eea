import { FLAG_RULE, isCompilerFlag } from "../../artifact/compiler-flag.ts";
import type { Kernel } from "../../artifact/kernel.ts";
import type { Target } from "../../machine/target.schema.ts";
import { UserError } from "../../support/diagnostic.ts";
import { type CompilerKind, sourceFlags } from "../../toolchain/intent-flags.ts";

/**
 * Flags for every C file. Contraction is stated because ISO mode turns it off: without it no
 * multiplication and addition of scalar or portable vector code would fuse. No kernel reads errno.
 */
const BASE = ["-std=c11", "-O3", "-ffp-contract=fast", "-fno-math-errno"];

export function compilerFlags(target: Target): string[] {
  return [
    ...BASE,
    ...target.board.cflags.filter((flag) => !BASE.includes(flag)).map((flag) => checked(flag, target)),
  ];
}

/** Those of all files, and those that a kernel's schedule asks of a C compiler. */
export function kernelFlags(
  target: Target,
  compiler: CompilerKind,
  kernel: Pick<Kernel, "intents" | "cflags">,
): string[] {
  return [...compilerFlags(target), ...sourceFlags(compiler, kernel)];
}

function checked(flag: string, target: Target): string {
  if (isCompilerFlag(flag)) return flag;
  throw new UserError({
    code: "B110",
    exit: "unknownTarget",
    title: `target ${target.name} has the compiler flag ${JSON.stringify(flag)}, which cannot be used`,
    why: FLAG_RULE,
    help: ["correct `cflags` in the target's file"],
  });
}
