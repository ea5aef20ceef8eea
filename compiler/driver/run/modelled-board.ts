import type { Target } from "../../machine/target.schema.ts";
import { UserError } from "../../support/diagnostic.ts";

/** Throws C405 for a target whose cycles cannot be modelled here. */
export function checkModelled(target: Target): void {
  const why = whyNoModel(target);
  if (why !== undefined) throw noModel(target, why);
}

/** Whether the cycles of a target's core can be modelled here. */
export function hasModel(target: Target): boolean {
  return whyNoModel(target) === undefined;
}

/** Of the core of a modelled board. Throws C405 too where its clock is not known. */
export function nsPerCycle(target: Target): number {
  checkModelled(target);
  if (target.board.clockMHz === undefined) throw noModel(target, "its file has no clock");
  return 1000 / target.board.clockMHz;
}

/** Why the cycles of a target cannot be modelled here, or undefined. */
function whyNoModel({ board, core, isa }: Target): string | undefined {
  if (board.run !== "qemu") return "it does not run under emulation here";
  if (core.model === undefined) return "its core's file has no `model`";
  if (!isa.emulation?.cycles) return `the model does not know the instructions of ${isa.name}`;
  return undefined;
}

function noModel({ name }: Target, why: string): UserError {
  return new UserError({
    code: "C405",
    exit: "usage",
    title: `\`${name}\` has no model of its cycles`,
    why,
    help: [
      "models are for emulated boards: --board qemu-... (see `tilewright targets`)",
      "or leave --modelled out",
    ],
  });
}
