import { type VBlock, type VStmt, walkVExpr } from "../ir/vector.ts";
import { factorsIn } from "./lane-registers.ts";
import { mapRuns, type Straight } from "./straight-line.ts";

type Load = Extract<Straight, { readonly kind: "let" }>;

/** Vector registers, and those of them by whose lanes can be multiplied. */
interface Registers {
  readonly all: number;
  readonly ofLanes: number;
}

/**
 * Moves loads of vectors ahead of their first use, past up to `distance` statements, where a register is
 * free for them so long: a core that works in order waits for what it loads last. Loads keep their order.
 */
export function loadEarly(block: VBlock, distance: number, { all, ofLanes }: Registers): VBlock {
  return mapRuns(block, (run) => {
    const factors = factorsIn(run);
    const live = liveAt(run, () => true);
    const liveFactors = liveAt(run, (name) => factors.has(name));
    const out: number[] = [];
    run.forEach((s, i) => {
      let to = out.length;
      if (isLoad(s)) {
        const isFactor = factors.has(s.name);
        const isFree = (at: number): boolean =>
          live[at] + registersOf(s) <= all && (!isFactor || liveFactors[at] < ofLanes);
        let left = distance;
        while (to > 0 && left > 0 && mayPass(run[out[to - 1]]) && isFree(out[to - 1])) {
          to--;
          left -= timeOf(run[out[to]]);
        }
        // beside sums of pairs, which take two cycles
        if (to > 0 && isFirstPart(run[out[to - 1]])) to--;
        for (const passed of out.slice(to)) {
          live[passed] += registersOf(s);
          if (isFactor) liveFactors[passed]++;
        }
      }
      out.splice(to, 0, i);
    });
    return out.map((i): VStmt => run[i]);
  });
}

function isFirstPart({ value }: Straight): boolean {
  return value.kind === "instruction" && value.part === "first";
}

/** Multiply-adds that a core begins while it does what a statement says. */
function timeOf({ value }: Straight): number {
  return value.kind === "instruction" && value.part !== undefined ? PART_TIME : 1;
}

/** Of a part of an instruction: two products at least, or a sum of pairs, which takes as long. */
const PART_TIME = 2;

/** Registers that hold what is named. */
function registersOf({ value }: Straight): number {
  return value.kind === "load" ? (value.registers ?? 1) : 1;
}

function isLoad(s: Straight): s is Load {
  return s.kind === "let" && s.value.kind === "load" && s.lanes > 1;
}

/** What is stored keeps its place among the loads: in other orders a prefetcher of few sequences follows none. */
function mayPass(s: Straight): boolean {
  return s.kind !== "store" && !isLoad(s);
}

/** Vector registers of those names alive at each statement: those made in the run until their last use, all others throughout. */
function liveAt(run: readonly Straight[], counts: (name: string) => boolean): number[] {
  const made = new Map<string, number>();
  const end = new Map<string, number>();
  run.forEach((s, i) => {
    if (s.kind === "let" && s.lanes > 1) made.set(s.name, i);
    if (s.kind === "set" && s.lanes > 1) end.set(s.name, i + 1);
    walkVExpr(s.value, (e) => {
      if (e.kind === "register" && e.lanes > 1) end.set(e.name, i + 1);
    });
  });
  const outside = [...end.keys()].filter((name) => !made.has(name) && counts(name)).length;
  const live = new Array<number>(run.length).fill(outside);
  for (const [name, from] of made) {
    if (!counts(name)) continue;
    const to = end.get(name) ?? run.length;
    for (let i = from; i < to; i++) live[i] += registersOf(run[from]);
  }
  return live;
}
