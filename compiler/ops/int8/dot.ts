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
/** What a pixel's pairs take, each of two copied to all lanes once it is loaded. */
const PAIRS_IN_LANES = 3;
/** Of a load that begins beside an instruction that multiplies. Fitted to modelled layers of MobileNet-V1 on an A55. */
const LOAD_BESIDE = 0.3;

/** Register tiles of pixels by vectors of sums, which are whole vectors of `lanes` channels. */
export function dotTiles(
  { TR, OW, OC }: Sizes<"TR OW OC">,
  lanes: number,
  registers: number,
  { pairs, operands }: Pick<Int8Times, "pairs" | "operands">,
): readonly ProductTile[] {
  return fittingProducts(TR, OW, OC, SUMS, registers).flatMap((t) => {
    const pixels = t.rows * t.columns;
    if ((t.ocv * SUMS) % lanes !== 0) return [];
    if (pairs && t.ocv * (pixels + 1) + BESIDE_PAIRS > registers) return [];
    return [{ ...t, cost: operands.pixel / t.ocv + operands.weights / pixels }];
  });
}

/** What products of i8, and what is done to them, take on a core beside its multiply-adds of f32; undefined without the instruction. */
export function int8Times(target: Pick<Target, "isa" | "core" | "board">): Int8Times | undefined {
  const dot = dotOf(target);
  if (dot === undefined) return undefined;
  const { fmaPerCycle, model } = target.core;
  const vectors = model && (model.ports.simd * model.bytes.simdBytes) / VECTOR_BYTES;
  const others = fmaPerCycle / (vectors ?? fmaPerCycle);
  const products = dot.pairs ? fmaPerCycle * pairCycles(target.core) : others;
  return { products: products / FOUR, others, pairs: dot.pairs, operands: operandTimes(dot, target.core) };
}

/** Each is loaded for itself: a four of a pixel beside the products, unless it is copied; weights beside nothing where a load of a whole register is alone. */
function operandTimes({ pairs }: Dot, { inOrder, model }: Core): Int8Times["operands"] {
  const alone = inOrder && model?.ports.wideAlone === true && model.bytes.loadBytes < VECTOR_BYTES;
  return {
    pixel: pairs ? PAIRS_IN_LANES : alone ? LOAD_BESIDE : 1,
    weights: alone ? VECTOR_BYTES / model.bytes.loadBytes : 1,
  };
}

/** Cycles of two long products and the sum of their pairs, on vector ports that are for one of them each, or for both. */
function pairCycles({ model }: Pick<Core, "model">): number {
  if (model === undefined) return Number.POSITIVE_INFINITY;
  const { longProductCycles, pairSumCycles, ownPorts } = model.special;
  const products = 2 * longProductCycles;
  return ownPorts ? Math.max(products, pairSumCycles) : (products + pairSumCycles) / model.ports.simd;
}
