import { BYTES } from "../../ir/dtype.ts";
import type { Sizes } from "../../language/kernel.ts";
import { hasInstruction } from "../../machine/isa-rows.ts";
import type { Core, Target } from "../../machine/target.schema.ts";
import type { Int8Times } from "../conv2d/algorithm.ts";
import { fittingProducts, type ProductTile } from "../product-tiles.ts";

/** Products of a lane that an instruction adds up. */
export const FOUR = 4;
const VECTOR_BYTES = 16;
/** Lanes of i32 in a register, of which each is the sum of one channel. */
export const SUMS = VECTOR_BYTES / BYTES.i32;

/** A way to add products of i8 to each lane of i32, by an instruction of `targets/isa`. */
export interface Dot {
  readonly instruction: string;
  /** Two products are summed in 16 bits first. */
  readonly pairs: boolean;
}

const FOURS: Dot = { instruction: "sdot_four", pairs: false };
const PAIRS: Dot = { instruction: "mlal_four", pairs: true };

/** How a target does it; undefined: it has no instruction for it, or nobody knows what that takes. */
export function dotOf(target: Pick<Target, "isa" | "core" | "board">): Dot | undefined {
  if (hasInstruction(target, FOURS.instruction)) return FOURS;
  return hasInstruction(target, PAIRS.instruction) && target.core.model !== undefined ? PAIRS : undefined;
}

/** Registers beside the sums and the weights of a tile that sums pairs: two pairs in all lanes, products of two tiles, a constant. */
const BESIDE_PAIRS = 5;
/** What a pair in all lanes takes beside a load, a core loading while it multiplies. */
const PAIR_IN_LANES = 2;

/** Register tiles of pixels by vectors of sums, which are whole vectors of `lanes` channels. */
export function dotTiles(
  { TR, OW, OC }: Sizes<"TR OW OC">,
  lanes: number,
  { registers, pairs }: { readonly registers: number; readonly pairs: boolean },
): readonly ProductTile[] {
  const tiles = fittingProducts(TR, OW, OC, SUMS, registers).filter(({ ocv }) => (ocv * SUMS) % lanes === 0);
  // each vector is loaded for itself: fours of a pixel, and weights
  const loaded = tiles.map((t) => ({ ...t, cost: 1 / t.ocv + 1 / (t.rows * t.columns) }));
  if (!pairs) return loaded;
  return loaded
    .filter((t) => t.ocv * (t.rows * t.columns + 1) + BESIDE_PAIRS <= registers)
    .map((t) => ({ ...t, cost: t.cost + PAIR_IN_LANES / t.ocv }));
}

/** What products of i8, and what is done to them, take on a core beside its multiply-adds of f32; undefined without the instruction. */
export function int8Times(target: Pick<Target, "isa" | "core" | "board">): Int8Times | undefined {
  const dot = dotOf(target);
  if (dot === undefined) return undefined;
  const { fmaPerCycle, model } = target.core;
  const vectors = model && (model.ports.simd * model.bytes.simdBytes) / VECTOR_BYTES;
  const others = fmaPerCycle / (vectors ?? fmaPerCycle);
  if (!dot.pairs) return { products: others / FOUR, others, pairs: false };
  return { products: (fmaPerCycle * pairCycles(target.core)) / FOUR, others, pairs: true };
}

/** Cycles of two long products and the sum of their pairs, on vector ports that are for one of them each, or for both. */
function pairCycles({ model }: Pick<Core, "model">): number {
  if (model === undefined) return Number.POSITIVE_INFINITY;
  const { longProductCycles, pairSumCycles, ownPorts } = model.special;
  const products = 2 * longProductCycles;
  return ownPorts ? Math.max(products, pairSumCycles) : (products + pairSumCycles) / model.ports.simd;
}
