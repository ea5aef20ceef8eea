import type { Sizes } from "../../language/kernel.ts";
import { ACTIVATION_NAMES, actOf } from "../../ops/activation/activations.ts";
import { AFTER, BEFORE, type Ending, type Epilogue } from "../../ops/epilogue/epilogue.kernel.ts";
import { assertNever, invariant } from "../../support/assert.ts";
import { type Stage, stagesOf } from "../epilogue.ts";
import {
  type Activation,
  type AddingEpilogue,
  type Clamp,
  type GraphNode,
  type LinearEpilogue,
  NO_CLAMP,
} from "../graph.ts";
import type { Numbers } from "../layout.ts";
import { has } from "../node-traits.ts";

/** Those that say what is done, 0 being nothing, and the numbers it is done with. */
export const EPILOGUE_SWITCHES: readonly string[] = ["BIAS", "RES", "ACT", "SLOPES"];
export const EPILOGUE_NUMBERS: readonly string[] = ["LO", "HI", "ALPHA", "BETA"];

type Clamped = Sizes<"LO HI">;
export type ActivationDims = Sizes<"ACT ALPHA BETA">;
/** What becomes of a convolution's sums. */
export type SumDims = Sizes<"BIAS RES"> & EndingDims;
/** What becomes of what is stored. */
export type EndingDims = Clamped & Ending;

/** What a node that convolves does before it stores, as its kernel takes it. */
export function sumDims(node: GraphNode): SumDims {
  const biased = stagesOf(node).some(({ kind }) => kind === "bias");
  return { BIAS: biased ? 1 : 0, RES: 0, ...endingDims(node) };
}

/**
 * What a node does before it stores, as its kernel takes it (epilogue.kernel.ts). A task names the clamp, and a residual where
 * its kernel has one, an activation only where there is one.
 */
export function endingDims(node: GraphNode): EndingDims {
  let dims: EndingDims = { ...(has(node.op, "adds") && { RES: 0 }), ...clampDims(NO_CLAMP) };
  for (const stage of stagesOf(node)) dims = { ...dims, ...stageDims(stage) };
  return dims;
}

function stageDims(stage: Stage): Ending {
  switch (stage.kind) {
    case "bias":
      return {};
    case "residual":
      return { RES: stage.place === "after" ? AFTER : BEFORE };
    case "activation":
      return { ...activationDims(stage.activation), ...(stage.slopes !== undefined && { SLOPES: 1 }) };
    case "clamp":
      return clampDims(stage.clamp);
    default:
      return assertNever(stage);
  }
}

export function clampDims({ lo, hi }: Clamp): Clamped {
  return { LO: lo, HI: hi };
}

export function activationDims({ fn, alpha, beta }: Activation): ActivationDims {
  return { ACT: actOf(fn), ALPHA: alpha, BETA: beta };
}

/** Numbers of i8: who stores more or less of them stores the greatest or the least. */
const [LEAST, MOST] = [-128, 127];

/** The same where numbers of steps are stored in place of what they stand for: the function that rounds to steps counts them, and so do bounds. */
export function countedDims<D extends EndingDims>(dims: D, { quantized }: Numbers): D {
  if (quantized === undefined) return dims;
  const { scale, zeroPoint } = quantized;
  const { ACT, ALPHA = 0, BETA = 0, LO, HI } = dims;
  const byProduct = ACT === actOf("requantize");
  invariant(
    (byProduct || ACT === actOf("fake-quantize")) && ALPHA === scale,
    "what is counted is rounded to steps",
  );
  const number = (v: number): number => Math.round(v / scale) + zeroPoint;
  const [lo, hi] = [number(LO), number(HI)];
  return {
    ...dims,
    LO: lo <= LEAST ? NO_CLAMP.lo : lo,
    HI: hi >= MOST ? NO_CLAMP.hi : hi,
    ...(byProduct
      ? { ACT: actOf("quantize-by-product"), ALPHA: BETA, BETA: zeroPoint }
      : { ACT: actOf("quantize"), ALPHA, BETA: zeroPoint }),
  };
}

/**
 * The same of sums that are made as numbers of steps of what is stored: nothing is left to multiply. Undefined where something else is added in
 * between, or steps are divided.
 * @param most steps that a sum may be
 */
export function scaledDims<D extends SumDims>(dims: D, most: number): D | undefined {
  if (dims.ACT !== actOf("quantize-by-product") || dims.RES !== 0) return undefined;
  return { ...dims, ALPHA: 1, ...(most < SMALL && { ACT: actOf("quantize-small") }) };
}

/** Steps, with room for what is rounded, of a number that `quantize-small` takes. */
const SMALL = 2 ** 20;

/** The reverse, of a convolution: what these dims make it do. */
export function epilogueOf(dims: Epilogue): AddingEpilogue & LinearEpilogue {
  const { BIAS = 0, RES = 0, ACT = 0, ALPHA: alpha = 0, BETA: beta = 0, SLOPES = 0 } = dims;
  const fn = ACTIVATION_NAMES.find((name) => actOf(name) === ACT);
  return {
    bias: BIAS !== 0,
    residual: RES === 0 ? false : RES === AFTER ? "after" : "before",
    ...(fn && { activation: { fn, alpha, beta } }),
    ...(SLOPES !== 0 && fn === "leaky-relu" && { slopes: true }),
    clamp: { lo: dims.LO ?? NO_CLAMP.lo, hi: dims.HI ?? NO_CLAMP.hi },
  };
}
