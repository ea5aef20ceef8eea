import { type VBlock, type VStmt, walkVExpr } from "../ir/vector.ts";
import { mapRuns, type Straight } from "./straight-line.ts";

type Load = Extract<Straight, { readonly kind: "let" }>;

/**
 * Moves loads of vectors ahead of their first use, past up to `distance` statements, where a register is
 * free for them so long: a core that works in order waits for what it loads last. Loads keep their order.
 */
export function loadEarly(block: VBlock, distance: number, registers: number): VBlock {
  return mapRuns(block, (run) => {
    const live = liveAt(run);
    const out: number[] = [];
    run.forEach((s, i) => {
      let to = out.length;
      if (isLoad(s)) {
        const most = Math.max(0, to - distance);
        while (to > most && mayPass(run[out[to - 1]]) && live[out[to - 1]] < registers) to--;
        for (const passed of out.slice(to)) live[passed]++;
      }
      out.splice(to, 0, i);
    });
    return out.map((i): VStmt => run[i]);
  });
}

function isLoad(s: Straight): s is Load {
  return s.kind === "let" && s.value.kind === "load" && s.lanes > 1;
}

/** What is stored keeps its place among the loads: in other orders a prefetcher of few sequences follows none. */
function mayPass(s: Straight): boolean {
  return s.kind !== "store" && !isLoad(s);
}

/** Vector registers alive at each statement: those made in the run until their last use, all others throughout. */
function liveAt(run: readonly Straight[]): number[] {
  const made = new Map<string, number>();
  const end = new Map<string, number>();
  run.forEach((s, i) => {
    if (s.kind === "let" && s.lanes > 1) made.set(s.name, i);
    if (s.kind === "set" && s.lanes > 1) end.set(s.name, i + 1);
    walkVExpr(s.value, (e) => {
      if (e.kind === "register" && e.lanes > 1) end.set(e.name, i + 1);
    });
  });
  const outside = [...end.keys()].filter((name) => !made.has(name)).length;
  const live = new Array<number>(run.length).fill(outside);
  for (const [name, from] of made) {
    const to = end.get(name) ?? run.length;
    for (let i = from; i < to; i++) live[i]++;
  }
  return live;
}
