import { indexKey } from "../ir/index-expr.ts";
import { laneType } from "../ir/lane-type.ts";
import { dependences, readsRegister, type VBlock, type VStmt } from "../ir/vector.ts";
import type { Names } from "./names.ts";
import { mapRuns, type Straight } from "./straight-line.ts";

export type Store = Extract<Straight, { readonly kind: "store" }>;

/** A store waits for its neighbour over at most so many statements, and with at most so many others: their values stay in registers. */
const FARTHEST = 80;
const MOST_WAITING = 8;

/**
 * Lets a store wait for the one to the vector beside it, where that one follows soon: both values are computed, and
 * one instruction stores them.
 */
export function pairStores(block: VBlock, names: Names): VBlock {
  return mapRuns(block, (run) => {
    const partner = partners(run);
    const waiting = new Map<number, Store>();
    return run.flatMap((s, i): readonly VStmt[] => {
      const other = partner.get(i);
      if (s.kind !== "store" || other === undefined) return [s];
      const { lets, store } = withNamedValue(s, names);
      const first = waiting.get(other);
      if (first) return [...lets, first, store];
      waiting.set(i, store);
      return lets;
    });
  });
}

/** For each store that has one: the store beside it, before or after. */
function partners(run: readonly Straight[]): ReadonlyMap<number, number> {
  const found = new Map<number, number>();
  const waiting: number[] = [];
  run.forEach((s, i) => {
    if (waiting.length > 0) {
      const { buffers } = dependences(s.value);
      forget(waiting, (at) => i - at > FARTHEST || touches(s, buffers, run[at] as Store));
    }
    if (s.kind !== "store" || s.lanes === 1) return;
    const first = waiting.find((at) => beside(run[at] as Store, s));
    if (first === undefined) {
      if (waiting.length === MOST_WAITING) waiting.shift();
      waiting.push(i);
      return;
    }
    found.set(first, i).set(i, first);
    forget(waiting, (at) => at === first);
  });
  return found;
}

function forget(waiting: number[], when: (at: number) => boolean): void {
  for (let w = waiting.length - 1; w >= 0; w--) if (when(waiting[w])) waiting.splice(w, 1);
}

/** Whether a statement must not pass a store: it reads the store's buffer, writes there too, or changes its value's registers. */
function touches(s: Straight, read: ReadonlySet<string>, store: Store): boolean {
  if (s.kind === "store" && s.buffer === store.buffer && !apart(s, store)) return true;
  if (read.has(store.buffer)) return true;
  return s.kind === "set" && readsRegister(store.value, s.name);
}

/** Whether two stores are known to write no element in common of one buffer. */
export function apart(a: Store, b: Store): boolean {
  return sameRow(a, b) && Math.abs(a.at.offset - b.at.offset) >= Math.max(a.lanes, b.lanes);
}

/** Whether one writes the vector behind that of the other. */
export function beside(a: Store, b: Store): boolean {
  return sameRow(a, b) && a.lanes === b.lanes && Math.abs(a.at.offset - b.at.offset) === a.lanes;
}

function sameRow(a: Store, b: Store): boolean {
  return (
    a.buffer === b.buffer &&
    indexKey({ terms: a.at.terms, offset: 0 }) === indexKey({ terms: b.at.terms, offset: 0 })
  );
}

function withNamedValue(
  store: Store,
  names: Names,
): { readonly lets: readonly VStmt[]; readonly store: Store } {
  if (store.value.kind === "register") return { lets: [], store };
  const { lanes, value } = store;
  const name = names.numbered(`${store.buffer}_`);
  return {
    lets: [{ kind: "let", name, lanes, value }],
    store: { ...store, value: { kind: "register", name, lanes, dtype: laneType(value) } },
  };
}
