import type { Runner, Timing } from "../../device/runner.ts";
import { listTargets, loadTarget } from "../../machine/load.ts";
import type { Target } from "../../machine/target.schema.ts";
import { UserError } from "../../support/diagnostic.ts";
import type { bundleProgram } from "./bundle-program.ts";

type Bundle = readonly [folder: string, program: Awaited<ReturnType<typeof bundleProgram>>];

/** Throws C351 for an emulated board, R169 for bundles whose times could not be compared there. */
export function checkTurns(base: Bundle, now: Bundle, { board, timing }: Runner, target: Target): void {
  checkMeasured(board, timing);
  checkBundles(base, now, board, target);
}

/** Throws R169 for bundles that are not built, not for the board, or not of one network. */
export function checkBundles(base: Bundle, now: Bundle, board: string, target: Target): void {
  for (const [folder, { built, metadata }] of [base, now]) {
    if (!built)
      throw unfit(
        folder,
        `it holds no built program (build/${metadata.program})`,
        "build it with its Makefile",
      );
    if (!isFor(metadata.target, target)) {
      const why = `it was compiled for ${metadata.target}, and \`${board}\` is ${target.name}`;
      throw unfit(
        folder,
        why,
        `give another --board, or --target ${metadata.target} where that is what it is`,
      );
    }
  }
  const [a, b] = [base[1].metadata, now[1].metadata];
  const other =
    a.modelSha256 !== b.modelSha256
      ? `its model is another file than that of \`${base[0]}\``
      : a.isa !== b.isa
        ? `its instruction set is ${b.isa}, that of \`${base[0]}\` ${a.isa}`
        : undefined;
  if (other !== undefined) throw unfit(now[0], other, "compile both from one model for one target");
}

/** Whether what was compiled for a target is for another of the same core, too: a board and its emulation, for instance. */
function isFor(compiledFor: string, { name, core }: Target): boolean {
  if (compiledFor === name) return true;
  return listTargets().includes(compiledFor) && loadTarget(compiledFor).core.name === core.name;
}

/** Throws C351: an emulator's times are not those of a board. */
function checkMeasured(board: string, timing: Timing): void {
  if (timing === "measured") return;
  throw new UserError({
    code: "C351",
    exit: "usage",
    title: `times on \`${board}\` say nothing about a board`,
    why:
      timing === "emulated" ? "it is emulated" : "it does not say which machine it is: that may be emulated",
    help: [
      "compare modelled cycles: `tilewright compare BASE NOW` of two files that `tilewright test --results` wrote",
      "or give a board, or host",
    ],
  });
}

function unfit(folder: string, why: string, help: string): UserError {
  return new UserError({
    code: "R169",
    exit: "badInput",
    title: `\`${folder}\` cannot be compared`,
    why,
    help: [help],
  });
}
