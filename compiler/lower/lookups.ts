import { combine, type Index, looksUp, lookup, type Ranges } from "../ir/index-expr.ts";
import type { Param } from "../ir/proc.ts";
import { mapStmt, walkIndices } from "../ir/rewrite.ts";
import type { Block } from "../ir/stmt.ts";
import { flatten, physicalSize, plainStorage, storageText } from "../ir/storage.ts";

/** Whether any address has elements of index tables in it. */
export function readsTables(block: Block): boolean {
  let found = false;
  walkIndices(block, (index) => {
    found ||= looksUp(index);
  });
  return found;
}

/** Elements of index tables by where they lie: a schedule may have packed a table as any weight. */
export function placeLookups(block: Block, params: readonly Param[], ranges: Ranges): Block {
  const packed = new Map(
    params.flatMap((p) => {
      const plain = storageText(plainStorage(p.storage.shape)) === storageText(p.storage);
      return plain ? [] : [[p.name, p.storage] as const];
    }),
  );
  if (packed.size === 0) return block;
  const placed = (index: Index): Index => {
    if (index.terms.every(({ atom }) => atom.kind === "axis")) return index;
    return combine(
      index.terms.map(({ coef, atom }) => {
        const alone = { terms: [{ coef: 1, atom }], offset: 0 };
        if (atom.kind === "axis") return [alone, coef] as const;
        const of = placed(atom.of);
        if (atom.kind !== "lookup") {
          return [{ terms: [{ coef: 1, atom: { ...atom, of } }], offset: 0 }, coef] as const;
        }
        const storage = packed.get(atom.table.name);
        if (storage === undefined) return [lookup(atom.table, of), coef] as const;
        const lying = { ...atom.table, length: physicalSize(storage) };
        return [lookup(lying, flatten(storage, [of], ranges)), coef] as const;
      }),
      index.offset,
    );
  };
  return block.map((s) => mapStmt(s, placed));
}
