import { indexKey } from "../ir/index-expr.ts";
import { type VBlock, type VStmt, walkVExpr } from "../ir/vector.ts";
import type { Names } from "./names.ts";
import { mapRuns, type Straight } from "./straight-line.ts";

type Store = Extract<Straight, { readonly kind: "store" }>;

/**
 * Where one store follows another to the vector beside it, computes both values first: one instruction stores both.
 */
export function pairStores(block: VBlock, names: Names): VBlock {
  return mapRuns(block, (run) => {
    const out: VStmt[] = [];
    for (let i = 0; i < run.length; i++) {
      const first = run[i];
      const second = run[i + 1];
      if (first.kind !== "store" || second?.kind !== "store" || !beside(first, second) || reads(second)) {
        out.push(first);
        continue;
      }
      const named = [first, second].map((s) => withNamedValue(s, names));
      out.push(...named.flatMap((n) => n.lets), ...named.map((n) => n.store));
      i++;
    }
    return out;
  });
}

/** The second store writes the vector behind the first one's, or before it. */
function beside(first: Store, second: Store): boolean {
  return (
    first.lanes > 1 &&
    first.lanes === second.lanes &&
    first.buffer === second.buffer &&
    Math.abs(second.at.offset - first.at.offset) === first.lanes &&
    indexKey({ terms: first.at.terms, offset: 0 }) === indexKey({ terms: second.at.terms, offset: 0 })
  );
}

/** Its value depends on what its buffer holds, so that it may have to wait for the store before it. */
function reads(store: Store): boolean {
  let found = false;
  walkVExpr(store.value, (e) => {
    if (e.kind === "load" && e.buffer === store.buffer) found = true;
  });
  return found;
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
    store: { ...store, value: { kind: "register", name, lanes } },
  };
}
