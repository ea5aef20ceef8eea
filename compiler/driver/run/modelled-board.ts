import { listCores, listTargets, loadCore, loadTarget } from "../../machine/load.ts";
import type { Target } from "../../machine/target.schema.ts";
import { UserError } from "../../support/diagnostic.ts";

/** Whether a board is one that is emulated on this machine. */
export function isEmulated(board: string): boolean {
  return listTargets().includes(board) && loadTarget(board).board.run === "qemu";
}

/**
 * Throws C405 for a board that is not emulated, and for code of a target whose core has no model. Which emulated board it is
 * makes no difference: the code is the target's, and so is the core that is modelled.
 */
export function checkModelled(board: string, target: Target): void {
  if (!isEmulated(board)) throw notEmulated(board);
  const why = whyNoModel(target);
  if (why !== undefined) throw noModel(target, why);
}

/** Whether there is a model of the cycles of a target's core. */
export function hasModel(target: Target): boolean {
  return whyNoModel(target) === undefined;
}

/** Of the core of a target. Throws C405 where its clock is not known. */
export function nsPerCycle(target: Target): number {
  if (target.board.clockMHz === undefined) throw noModel(target, "its file has no clock");
  return 1000 / target.board.clockMHz;
}

/** Why the cycles of a target cannot be modelled, or undefined. */
function whyNoModel({ core, isa }: Target): string | undefined {
  if (core.model === undefined) {
    const modelled = listCores().filter((name) => loadCore(name).model !== undefined);
    return `there is no model of the core ${core.name}, but of ${modelled.join(", ")}`;
  }
  if (!isa.emulation?.cycles) return `the model does not know the instructions of ${isa.name}`;
  return undefined;
}

function notEmulated(board: string): UserError {
  return refused(board, "it does not run under emulation here", [
    "models are for emulated boards: --board qemu-... (see `tilewright targets`)",
  ]);
}

function noModel({ name, board }: Target, why: string): UserError {
  const { clockMHz, memoryGBs } = board;
  return refused(name, why, [
    ...(clockMHz !== undefined && memoryGBs !== undefined
      ? [`\`tilewright analyze MODEL --target ${name}\` estimates what its layers cannot be faster than`]
      : []),
  ]);
}

function refused(name: string, why: string, help: readonly string[]): UserError {
  return new UserError({
    code: "C405",
    exit: "usage",
    title: `\`${name}\` has no model of its cycles`,
    why,
    help: [...help, "or leave --modelled out"],
  });
}
