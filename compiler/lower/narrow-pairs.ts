import { laneType } from "../ir/lane-type.ts";
import { eachRegister, type VBlock, type VExpr } from "../ir/vector.ts";
import { rowOf, vectorName } from "../machine/isa-rows.ts";
import type { Isa } from "../machine/target.schema.ts";
import { beside, type Store } from "./pair-stores.ts";
import { mapRuns, type Straight } from "./straight-line.ts";

type Let = Extract<Straight, { readonly kind: "let" }>;
type Conversion = VExpr & { readonly kind: "convert" };

/** A value that is stored, converted, and nowhere else read: where it is made, and of what. */
interface Stored {
  readonly at: number;
  readonly value: Conversion;
}

/**
 * Two vectors that are stored beside each other as smaller numbers become one vector of such: what narrows takes two at a time, and one store is
 * enough. Of stores that stand side by side (pair-stores.ts).
 */
export function narrowPairs(block: VBlock, isa: Isa): VBlock {
  return mapRuns(block, (run) => {
    const stored = conversions(run);
    const made = new Map<number, Let>();
    const stores = new Map<number, Store | undefined>();
    for (let i = 0; i + 1 < run.length; i++) {
      const pair = [run[i], run[i + 1]] as const;
      const [first, second] = pair;
      if (first.kind !== "store" || second.kind !== "store" || !beside(first, second)) continue;
      const [low, high] = first.at.offset < second.at.offset ? [first, second] : [second, first];
      const [a, b] = [conversionOf(low, stored), conversionOf(high, stored)];
      if (a === undefined || b === undefined || !narrows(a.value, b.value, isa)) continue;
      const [x, y] = [a, b].map(({ at, value }) => {
        const { name, lanes } = run[at] as Let;
        made.set(at, { kind: "let", name, lanes, value: value.value });
        return { kind: "register", name, lanes, dtype: laneType(value.value) } as const;
      });
      const lanes = 2 * low.lanes;
      stores.set(i, undefined);
      stores.set(i + 1, {
        ...low,
        lanes,
        value: { kind: "narrow", to: a.value.to, lanes, low: x, high: y },
      });
      i++;
    }
    return run.flatMap((s, i) => (stores.has(i) ? (stores.get(i) ?? []) : (made.get(i) ?? s)));
  });
}

/** Of a run, by the register that is read once, by a store. */
function conversions(run: readonly Straight[]): ReadonlyMap<string, Stored> {
  const reads = new Map<string, number>();
  for (const { value } of run)
    eachRegister(value, (name) => {
      reads.set(name, (reads.get(name) ?? 0) + 1);
    });
  return new Map(
    run.flatMap((s, at) =>
      s.kind === "let" && s.value.kind === "convert" && reads.get(s.name) === 1
        ? [[s.name, { at, value: s.value }] as const]
        : [],
    ),
  );
}

function conversionOf({ value }: Store, stored: ReadonlyMap<string, Stored>): Stored | undefined {
  return value.kind === "register" ? stored.get(value.name) : undefined;
}

function narrows(a: Conversion, b: Conversion, isa: Isa): boolean {
  const from = laneType(a.value);
  if (a.to !== b.to || a.lanes !== b.lanes || laneType(b.value) !== from) return false;
  return rowOf(isa, "narrow", vectorName(a.to, 2 * a.lanes), vectorName(from, a.lanes)) !== undefined;
}
