import { eachRegister, type VBlock, type VStmt } from "../ir/vector.ts";

/** How crowded the registers are at each statement of a block. */
export interface Crowding {
  /**
   * Registers alive there, by scanning first to last mention; what comes from outside (mentioned but not made here) stays alive
   * throughout. Where blocks are nested: at their most crowded place.
   */
  readonly live: readonly number[];
  /** The last statement that mentions each. */
  readonly last: ReadonlyMap<string, number>;
}

export function crowding(block: VBlock): Crowding {
  const made = new Set<string>();
  const first = new Map<string, number>();
  const last = new Map<string, number>();
  block.forEach((s, i) => {
    if (s.kind === "let" || s.kind === "declare") made.add(s.name);
    eachMentioned(s, (name) => {
      if (!first.has(name)) first.set(name, i);
      last.set(name, i);
    });
  });
  const change = new Array<number>(block.length + 1).fill(0);
  for (const [name, i] of first) {
    if (made.has(name)) {
      change[i]++;
      change[(last.get(name) ?? i) + 1]--;
    } else change[0]++;
  }
  let alive = 0;
  const live = block.map((s, i) => {
    alive += change[i];
    return alive + (s.kind === "for" || s.kind === "if" ? pressureIn(s) - external(s).size : 0);
  });
  return { live, last };
}

/** Most registers alive at once in a block. */
export function pressure(block: VBlock): number {
  return crowding(block).live.reduce((a, b) => Math.max(a, b), 0);
}

/** What is known of a nested block: statements never change, and every block around one asks again. */
const known = new WeakMap<Nest, { external?: ReadonlySet<string>; pressure?: number }>();

function knownOf(nest: Nest): { external?: ReadonlySet<string>; pressure?: number } {
  const before = known.get(nest) ?? {};
  known.set(nest, before);
  return before;
}

function pressureIn(nest: Nest): number {
  const before = knownOf(nest);
  before.pressure ??= pressure(nest.body);
  return before.pressure;
}

/** Visits the names of registers a statement mentions; of those its blocks make themselves nothing is seen outside. */
function eachMentioned(s: VStmt, visit: (name: string) => void): void {
  switch (s.kind) {
    case "for":
    case "if":
      for (const name of external(s)) visit(name);
      return;
    case "let":
    case "set":
      visit(s.name);
      eachRegister(s.value, visit);
      return;
    case "store":
      eachRegister(s.value, visit);
      return;
    case "declare":
    case "array":
    case "fence":
    case "pointer":
    case "prefetch":
      return;
  }
}

type Nest = Extract<VStmt, { readonly kind: "for" | "if" }>;

/** Registers that a nested block mentions but does not make. */
function external(nest: Nest): ReadonlySet<string> {
  const before = knownOf(nest);
  if (before.external !== undefined) return before.external;
  const names = new Set<string>();
  for (const s of nest.body) eachMentioned(s, (name) => names.add(name));
  for (const s of nest.body) if (s.kind === "let" || s.kind === "declare") names.delete(s.name);
  before.external = names;
  return names;
}
