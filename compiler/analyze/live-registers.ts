import { type VBlock, type VStmt, walkVExpr } from "../ir/vector.ts";

/** Most registers alive at once, when each lives from its first to its last mention in the order of the text. */
export function liveRegisters(block: VBlock): number {
  return lives(block).most;
}

interface Lives {
  readonly most: number;
  /** Registers mentioned that were made outside. */
  readonly outside: ReadonlySet<string>;
}

function lives(block: VBlock): Lives {
  const inner = block.map((s) => (s.kind === "for" || s.kind === "if" ? lives(s.body) : undefined));
  const mentions = block.map((s, i) => inner[i]?.outside ?? own(s));
  const made = new Set(block.flatMap((s) => (s.kind === "let" || s.kind === "declare" ? [s.name] : [])));
  const first = new Map<string, number>();
  const last = new Map<string, number>();
  mentions.forEach((names, i) => {
    for (const name of names) {
      if (!first.has(name)) first.set(name, i);
      last.set(name, i);
    }
  });
  const outside = new Set([...first.keys()].filter((name) => !made.has(name)));
  const starts = count([...first].filter(([name]) => made.has(name)).map(([, i]) => i));
  const ends = count([...last].filter(([name]) => made.has(name)).map(([, i]) => i));
  let live = outside.size;
  let most = live;
  block.forEach((_, i) => {
    live += starts.get(i) ?? 0;
    const below = inner[i];
    most = Math.max(most, live + (below === undefined ? 0 : below.most - below.outside.size));
    live -= ends.get(i) ?? 0;
  });
  return { most, outside };
}

function count(places: readonly number[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const i of places) counts.set(i, (counts.get(i) ?? 0) + 1);
  return counts;
}

/** Vector registers one statement mentions; an accumulator that is only declared is not alive yet. */
function own(s: VStmt): ReadonlySet<string> {
  const names = new Set<string>();
  if (s.kind !== "let" && s.kind !== "set" && s.kind !== "store") return names;
  if (s.kind !== "store" && s.lanes > 1) names.add(s.name);
  walkVExpr(s.value, (e) => {
    if (e.kind === "register" && e.lanes > 1) names.add(e.name);
  });
  return names;
}
