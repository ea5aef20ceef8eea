import { BYTES } from "../../ir/dtype.ts";
import type { Sizes } from "../../language/kernel.ts";
import { hasInstruction } from "../../machine/isa-rows.ts";
import type { Core, Target } from "../../machine/target.schema.ts";
import { defined } from "../../support/assert.ts";
import type { DotTimes, Int8Times } from "../conv2d/algorithm.ts";
import { fittingProducts, type ProductTile } from "../product-tiles.ts";

/** Channels whose products `sdot_four` adds up in a lane. */
export const FOUR = 4;
const VECTOR_BYTES = 16;
/** Lanes of i32 in a register, of which each is the sum of one channel. */
export const SUMS = VECTOR_BYTES / BYTES.i32;

/** A way to add products of i8 to each lane of i32, by an instruction of `targets/isa`. */
export interface Dot {
  readonly instruction: string;
  /** Products that are summed in 16 bits first; 1: each is added to 32 bits. */
  readonly terms: 1 | 2 | 4;
  /** Channels of the input, of which it adds the products to a lane. */
  readonly channels: number;
}

/** With what it takes. */
export type TimedDot = Dot & DotTimes;

const FOURS: Dot = { instruction: "sdot_four", terms: 1, channels: FOUR };
/** The longest sums first. */
const IN_16_BITS: readonly Dot[] = [
  { instruction: "smlal_four", terms: 4, channels: 8 },
  { instruction: "smlal_two", terms: 2, channels: 4 },
];

/** How a target does it, the best first; none: it has no instruction for it, or nobody knows what that takes. */
function waysOf(target: Pick<Target, "isa" | "core" | "board">): readonly Dot[] {
  if (hasInstruction(target, FOURS.instruction)) return [FOURS];
  if (target.core.model === undefined) return [];
  return IN_16_BITS.filter(({ instruction }) => hasInstruction(target, instruction));
}

/** Registers beside the sums, the weights and a pixel's numbers, of those that sum in 16 bits: such sums of two tiles. */
const SUMS_BESIDE = 2;
/** What two numbers of a pixel take that are copied to all lanes. */
const IN_LANES = 2;
/** Of a load that begins beside an instruction that multiplies. Fitted to modelled layers of MobileNet-V1 on an A55. */
const LOAD_BESIDE = 0.3;

/**
 * What products take where their loads of 8 bytes are beside them, relative to those of f32, of which some are alone. Fitted to modelled 1x1
 * layers of MobileNet-V1 on an A53.
 */
const BESIDE_LOADS = 0.75;

/** Register tiles of pixels by vectors of sums, which are whole vectors of `lanes` channels. */
export function dotTiles(
  { TR, OW, OC }: Sizes<"TR OW OC">,
  lanes: number,
  registers: number,
  { terms, operands }: Pick<DotTimes, "terms" | "operands">,
): readonly ProductTile[] {
  return fittingProducts(TR, OW, OC, SUMS, registers).flatMap((t) => {
    const pixels = t.rows * t.columns;
    if ((t.ocv * SUMS) % lanes !== 0) return [];
    if (terms > 1 && t.ocv * (pixels + terms) + 2 * terms + SUMS_BESIDE > registers) return [];
    return [{ ...t, cost: operands.pixel / t.ocv + operands.weights / pixels }];
  });
}

/** What products of i8, and what is done to them, take on a core beside its multiply-adds of f32; undefined without an instruction. */
export function int8Times(target: Pick<Target, "isa" | "core" | "board">): Int8Times | undefined {
  const dots = dotsOf(target);
  const eachChannel = hasInstruction(target, "smlal_columns");
  return dots.length === 0 ? undefined : { others: otherTime(target.core), eachChannel, dots };
}

/** The way that sums so many products in 16 bits. */
export function dotOf(target: Pick<Target, "isa" | "core" | "board">, terms: number): TimedDot {
  return defined(
    dotsOf(target).find((dot) => dot.terms === terms),
    `an instruction that sums ${terms} products of i8`,
  );
}

function dotsOf(target: Pick<Target, "isa" | "core" | "board">): readonly TimedDot[] {
  const { core } = target;
  return waysOf(target).map((dot) => {
    const each = dot.terms === 1 ? otherTime(core) : core.fmaPerCycle * sumCycles(dot, core);
    return { ...dot, products: each / dot.channels, operands: operandTimes(dot, core) };
  });
}

/** Of an instruction on a whole register. */
function otherTime({ fmaPerCycle, model }: Core): number {
  const vectors = model && (model.ports.simd * model.bytes.simdBytes) / VECTOR_BYTES;
  return fmaPerCycle / (vectors ?? fmaPerCycle);
}

/** Each is loaded for itself: numbers of a pixel beside the products, unless they are copied; weights beside nothing where a load of a whole register is alone. */
function operandTimes({ terms }: Dot, core: Core): DotTimes["operands"] {
  const alone = loadsAlone(core);
  if (terms > 1)
    return alone ? { pixel: LOAD_BESIDE, weights: LOAD_BESIDE } : { pixel: IN_LANES, weights: 1 };
  return {
    pixel: alone ? LOAD_BESIDE : 1,
    weights: alone ? VECTOR_BYTES / (core.model?.bytes.loadBytes ?? VECTOR_BYTES) : 1,
  };
}

/** Whether a core in order does nothing beside a load of a whole register. */
function loadsAlone({ inOrder, model }: Core): boolean {
  return inOrder && model?.ports.wideAlone === true && model.bytes.loadBytes < VECTOR_BYTES;
}

/** Cycles of long products and the sum of their pairs, on vector ports that are for one of them each, or for both. */
function sumCycles({ terms }: Dot, core: Core): number {
  const { model } = core;
  if (model === undefined) return Number.POSITIVE_INFINITY;
  const { longProductCycles, pairSumCycles, ownPorts } = model.special;
  const products = terms * longProductCycles;
  if (ownPorts) return Math.max(products, pairSumCycles);
  return ((loadsAlone(core) ? BESIDE_LOADS : 1) * (products + pairSumCycles)) / model.ports.simd;
}
