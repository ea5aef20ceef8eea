import { dependences, type VBlock, type VStmt } from "../ir/vector.ts";

/** Statements never change: what they mention is worked out once, as passes ask for it again with each that they move. */
const known = new WeakMap<VStmt, ReadonlySet<string>>();

/** Names of registers a statement mentions; of those its blocks make themselves nothing is seen outside. */
function mentioned(s: VStmt): ReadonlySet<string> {
  const before = known.get(s);
  if (before !== undefined) return before;
  const found = mentionedIn(s);
  known.set(s, found);
  return found;
}

function mentionedIn(s: VStmt): ReadonlySet<string> {
  switch (s.kind) {
    case "for":
    case "if":
      return external(s.body);
    case "let":
    case "set":
      return new Set([s.name, ...dependences(s.value).registers]);
    case "store":
      return dependences(s.value).registers;
    case "declare":
    case "array":
    case "fence":
    case "pointer":
    case "prefetch":
      return NONE;
  }
}
const NONE: ReadonlySet<string> = new Set();

/**
 * Most registers alive at once in a block, by scanning first to last mention; what comes from outside
 * (mentioned but not made here) stays alive throughout.
 */
export function pressure(block: VBlock): number {
  const mentions = block.map((s) => mentioned(s));
  const made = new Set<string>();
  for (const s of block) if (s.kind === "let" || s.kind === "declare") made.add(s.name);
  const first = new Map<string, number>();
  const last = new Map<string, number>();
  mentions.forEach((names, i) => {
    for (const n of names) {
      if (!first.has(n)) first.set(n, i);
      last.set(n, i);
    }
  });
  let most = 0;
  let live = 0;
  const starts = block.map(() => [] as string[]);
  const ends = block.map(() => [] as string[]);
  for (const [n, i] of first) {
    if (!made.has(n)) {
      live++;
      continue;
    }
    starts[i].push(n);
    ends[last.get(n) ?? i].push(n);
  }
  block.forEach((s, i) => {
    live += starts[i].length;
    const inner = s.kind === "for" || s.kind === "if" ? pressure(s.body) - external(s.body).size : 0;
    most = Math.max(most, live + inner);
    live -= ends[i].length;
  });
  return most;
}

/** Registers a block mentions but does not make. */
function external(block: VBlock): Set<string> {
  const names = new Set<string>();
  for (const s of block) for (const name of mentioned(s)) names.add(name);
  for (const s of block) if (s.kind === "let" || s.kind === "declare") names.delete(s.name);
  return names;
}
