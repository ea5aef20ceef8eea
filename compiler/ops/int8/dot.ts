import { BYTES } from "../../ir/dtype.ts";
import type { Sizes } from "../../language/kernel.ts";
import { hasInstruction } from "../../machine/isa-rows.ts";
import type { Target } from "../../machine/target.schema.ts";
import type { Int8Times } from "../conv2d/algorithm.ts";
import { fittingProducts, type ProductTile } from "../product-tiles.ts";

/** The instruction of `targets/isa` that adds products of i8 to each lane of i32. */
export const DOT = "sdot_four";
/** Products of a lane. */
export const FOUR = 4;
const VECTOR_BYTES = 16;
/** Lanes of i32 in a register, of which each is the sum of one channel. */
export const SUMS = VECTOR_BYTES / BYTES.i32;

/** Register tiles of pixels by vectors of sums, which are whole vectors of `lanes` channels. */
export function dotTiles(
  { TR, OW, OC }: Sizes<"TR OW OC">,
  lanes: number,
  registers: number,
): readonly ProductTile[] {
  const tiles = fittingProducts(TR, OW, OC, SUMS, registers).filter(({ ocv }) => (ocv * SUMS) % lanes === 0);
  // each vector is loaded for itself: fours of a pixel, and weights
  return tiles.map((t) => ({ ...t, cost: 1 / t.ocv + 1 / (t.rows * t.columns) }));
}

/** What products of i8, and what is done to them, take on a core beside its multiply-adds of f32; undefined without the instruction. */
export function int8Times(target: Pick<Target, "isa" | "core" | "board">): Int8Times | undefined {
  if (!hasInstruction(target, DOT)) return undefined;
  const { fmaPerCycle, model } = target.core;
  const vectors = model && (model.ports.simd * model.bytes.simdBytes) / VECTOR_BYTES;
  const others = fmaPerCycle / (vectors ?? fmaPerCycle);
  return { products: others / FOUR, others };
}
