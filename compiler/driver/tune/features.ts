import { vectorCosts } from "../../analyze/vector-costs.ts";
import { blockChunks } from "../../artifact/kernel.ts";
import type { VBlock, VectorProc } from "../../ir/vector.ts";
import type { CompiledProc } from "../../task/compile-proc.ts";

/** What a learned model is told of a kernel: counts of its lowered nest, by these names and in this order. */
export const FEATURES = [
  ...["fma", "arithmetic", "loads", "stores", "broadcasts", "scalar", "iterations"],
  ...["pressure", "statements", "hottest", "trips", "grid", "scratch"],
] as const;

/** One number for each of FEATURES. */
export type Features = readonly number[];

/** Counted from the text of the nest; takes less than a millisecond beside its lowering. */
export function featuresOf({ kernel, vector }: Pick<CompiledProc, "kernel" | "vector">): Features {
  const { fma, arithmetic, loads, halfLoads, stores, broadcasts, scalar, iterations } = vectorCosts(vector);
  const { statements, hottest, trips } = shapeOf(vector);
  return [
    ...[fma, arithmetic, loads + halfLoads, stores, broadcasts, scalar, iterations],
    ...[vector.pressure, statements, hottest, trips, kernel.grid / blockChunks(kernel), kernel.scratchBytes],
  ];
}

interface Shape {
  /** Written out in the whole text. */
  readonly statements: number;
  /** Of these, those of the innermost loop that runs most of them, and how often it goes round once entered. */
  readonly hottest: number;
  readonly trips: number;
}

function shapeOf({ body }: VectorProc): Shape {
  let [statements, hottest, trips, most] = [0, 0, 1, 0];
  const visit = (block: VBlock, times: number, extent: number): void => {
    const inner = block.flatMap((s) => (s.kind === "for" || s.kind === "if" ? [s] : []));
    statements += block.length;
    for (const s of inner)
      if (s.kind === "for") visit(s.body, times * s.extent, s.extent);
      else visit(s.body, times, extent);
    if (inner.some(({ kind }) => kind === "for") || times * block.length <= most) return;
    [hottest, trips, most] = [block.length, extent, times * block.length];
  };
  visit(body, 1, 1);
  return { statements, hottest, trips };
}
