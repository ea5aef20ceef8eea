import { listCores, listTargets, loadCore, loadTarget } from "../machine/load.ts";
import type { Core, Feature, Target } from "../machine/target.schema.ts";
import type { BoardFacts } from "./board-facts.ts";
import { runsNatively } from "./elf.ts";

/** Linux's names for the features that kernels may need. */
const LINUX_NAMES: Readonly<Record<Feature, string>> = { fp16: "asimdhp", dotprod: "asimddp", i8mm: "i8mm" };

/** What a board is found to be, and by what. */
export type Detection =
  | { readonly kind: "board" | "core"; readonly target: Target; readonly by: string }
  | { readonly kind: "unknown"; readonly why: string };

/**
 * The target that fits a board: the one whose device tree's name it has, else the fastest of its cores that is known.
 * Nothing is taken that its kernel does not run or that needs features it lacks.
 */
export function detectTarget(facts: BoardFacts): Detection {
  const { machine = "", compatible, cores } = facts;
  const fitting = listTargets()
    .map(loadTarget)
    .filter(
      ({ board }) => board.run === "ssh" && board.triple !== undefined && speaks(board.triple, machine),
    );
  for (const name of compatible) {
    const target = fitting.find(({ board }) => board.compatible?.includes(name));
    if (target !== undefined && !disagrees(target, facts))
      return { kind: "board", target, by: `its device tree names it ${name}` };
  }
  const known = listCores()
    .map(loadCore)
    .filter(({ midr }) => midr !== undefined && cores.some((core) => core.midr === midr))
    .toSorted((a, b) => speed(b) - speed(a));
  for (const core of known) {
    const bits = /^(aarch64|arm64)$/.test(machine) ? "" : " -mtriple=arm-linux-gnueabihf";
    const target = loadTarget(`-mcpu=${core.name}${bits}`);
    if (!disagrees(target, facts))
      return { kind: "core", target, by: `its cores are ${core.midr}, a ${core.name}` };
  }
  const shown =
    cores.map(({ midr, count }) => `${count} of ${midr}`).join(", ") || "no core that can be read";
  return {
    kind: "unknown",
    why: `${facts.model ?? "it does not name itself"}; ${machine || "no machine"}; ${shown}`,
  };
}

/** Wide, fast cores first; of as wide ones those out of order. */
function speed(core: Core): number {
  return core.fmaPerCycle * (core.inOrder ? 1 : 1.5);
}

/** What is wrong with running a target's programs on a board, `fail` where they cannot run right, `warn` where times mislead. */
export interface Mismatch {
  readonly verdict: "fail" | "warn";
  readonly text: string;
}

export function mismatches(target: Target, facts: BoardFacts): readonly Mismatch[] {
  const { machine, features, cores } = facts;
  const { board, core } = target;
  if (machine === undefined || board.triple === undefined) return [];
  // A machine of another kind runs them by emulation, and its own cores say nothing.
  if (!isArm(machine)) return [];
  if (!runsNatively(board.triple, machine))
    return [
      { verdict: "fail", text: `its kernel is ${machine}, which does not run programs for ${board.triple}` },
    ];
  const found: Mismatch[] = [];
  if (features.length > 0 && !board.triple.startsWith("arm-")) {
    const needed = [...(core.features ?? []), ...(board.features ?? [])];
    const lacks = needed.filter((feature) => !features.includes(LINUX_NAMES[feature]));
    if (lacks.length > 0)
      found.push({
        verdict: "fail",
        text: `its cores lack ${lacks.join(", ")}, which code for ${core.name} may use`,
      });
  }
  if (core.midr !== undefined && cores.length > 0 && !cores.some(({ midr }) => midr === core.midr)) {
    const ids = cores.map(({ midr }) => nameOf(midr)).join(" and ");
    found.push({
      verdict: "warn",
      text: `its cores are ${ids}, not ${core.name}: kernels are tuned for another core`,
    });
  }
  return found;
}

function disagrees(target: Target, facts: BoardFacts): boolean {
  return mismatches(target, facts).some(({ verdict }) => verdict === "fail");
}

function nameOf(midr: string): string {
  return listCores().find((name) => loadCore(name).midr === midr) ?? midr;
}

function isArm(machine: string): boolean {
  return /^(aarch64|arm64|arm)/.test(machine);
}

/** 64-bit kernels get 64-bit programs, which are static and need nothing of the system's. */
function speaks(triple: string, machine: string): boolean {
  return /^(aarch64|arm64)/.test(machine) === /^aarch64/.test(triple) && runsNatively(triple, machine);
}
