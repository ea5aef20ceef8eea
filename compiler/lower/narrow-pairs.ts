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
  readonly let: Let;
  readonly value: Conversion;
}

/**
 * Two vectors that are stored beside each other as smaller numbers become one vector of such: what narrows takes two at a time, and one store is
 * enough. Of stores that stand side by side (pair-stores.ts).
 */
export function narrowPairs(block: VBlock, isa: Isa): VBlock {
  return mapRuns(block, (run) => {
    const stored = conversions(run);
    const out = [...run] as (Straight | undefined)[];
    run.forEach((first, i) => {
      const second = run[i + 1];
      if (out[i] !== first || first.kind !== "store" || second?.kind !== "store") return;
      if (!beside(first, second)) return;
      const [low, high] = first.at.offset < second.at.offset ? [first, second] : [second, first];
      const [a, b] = [conversionOf(low, stored), conversionOf(high, stored)];
      if (a === undefined || b === undefined || !narrows(a.value, b.value, isa)) return;
      for (const { at, let: made, value } of [a, b]) out[at] = { ...made, value: value.value };
      const { to } = a.value;
      const lanes = 2 * low.lanes;
      const value: VExpr = { kind: "narrow", to, lanes, low: unconverted(a), high: unconverted(b) };
      out[i] = undefined;
      out[i + 1] = { ...low, lanes, value };
    });
    return out.filter((s) => s !== undefined);
  });
}

/** The register of a value that is converted later. */
function unconverted({ let: { name, lanes }, value }: Stored): VExpr {
  return { kind: "register", name, lanes, dtype: laneType(value.value) };
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
        ? [[s.name, { at, let: s, value: s.value }] as const]
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
