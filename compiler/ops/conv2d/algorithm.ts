import type { DType, TypedArray } from "../../ir/dtype.ts";
import type { Dims, Sizes } from "../../language/kernel.ts";
import type { Epilogue } from "../epilogue/epilogue.kernel.ts";
import type { Numerics } from "../numerics.ts";
import type { NamedSchedule, OpDef } from "../op.ts";
import type { ConvSizes } from "./conv2d.kernel.ts";

/** A schedule of convolutions by plain sums. */
export type ConvSchedule = NamedSchedule<ConvSizes>;

/** A kernel call for some rows of a convolution, all columns, by an algorithm of its own. */
export interface ConvPart {
  /** Its operator, with the parameters of `conv2d` but for `weights` in place of w. */
  readonly op: string;
  readonly from: number;
  readonly rows: number;
  /** Rows and columns of the output that it writes, from row `from` on: those that hang over too. */
  readonly covers: readonly [number, number];
  /** Rows and columns of the window that it sees: the convolution's, or more whose weights are zero. */
  readonly window: readonly [number, number];
  /** All sizes of its operator, by those that every algorithm is told. */
  readonly sizes: (told: PartSizes) => Dims;
  readonly weights: readonly PartWeights[];
  /** It reads numbers of steps where these lie in memory, and writes such where its ending makes them. */
  readonly counts?: true;
  /** The bias is part of what is made of the weights; absent: it is added to sums as they are. */
  readonly takesBias?: true;
}
/** A parameter that is made of the weights. */
export interface PartWeights {
  readonly param: string;
  /** Of its elements; absent: f32, or as wide. */
  readonly dtype?: DType;
  /** Of what is arranged, for groups and channels as the kernel has them. */
  readonly shape: (channels: KernelExtents) => readonly number[];
  /** From w [G, OC, IC, KH, KW], and a bias [G, OC] where the part takes it. */
  readonly arrange: (w: Float32Array, channels: KernelExtents, bias: Float32Array | undefined) => TypedArray;
}
/** What hangs over is part of the sizes; ROWS and COLUMNS are those that were asked for. */
export type PartSizes = Sizes<"N G OC IC OH OW KH KW IH IW ROWS COLUMNS"> & Epilogue;

export interface KernelExtents {
  readonly G: number;
  readonly OC: number;
  readonly IC: number;
}

/** Parts from top to bottom; only the last may hang over in rows. */
export interface ConvPlan {
  /** Absent where nobody asks by what it is computed. */
  readonly algorithm?: string;
  readonly parts: readonly ConvPart[];
}

/** A way to compute a convolution, beside that by plain sums. */
export interface ConvCandidate extends ConvPlan {
  /** "winograd4", or with the rows of each part "winograd6:48+winograd4:8". */
  readonly algorithm: string;
  /** Time by estimate, in instructions, relative to the direct convolution's. */
  readonly cost: number;
  /** Elements of the weights of all parts, arranged. */
  readonly weights: number;
  /** Whether the estimate takes it rather than the direct convolution. */
  readonly pays: boolean;
}

/** What algorithms may be made of. */
export interface AlgorithmLimits {
  /** Vector registers for a tile. */
  readonly registers: number;
  readonly numerics: Exclude<Numerics, "f16">;
  /** What it computes in; absent: f32. */
  readonly floats?: "f16" | undefined;
  /** Whether the core starts instructions in their order; absent: it does not. */
  readonly inOrder?: boolean;
  /** Bytes of its first cache; absent: unknown. */
  readonly l1dBytes?: number;
  /** Bytes of its second cache; absent: unknown. */
  readonly l2Bytes?: number;
  /** What it takes with i8; absent: no instruction sums products of such in its lanes. */
  readonly int8?: Int8Times | undefined;
}

/** Beside the time of a multiply-add of a vector. */
export interface Int8Times {
  /** Ways to sum them, the best first. */
  readonly dots: readonly DotTimes[];
  /** Of an instruction that computes no products. */
  readonly others: number;
  /** Whether there are instructions that multiply the numbers of each channel by a weight of its own. */
  readonly eachChannel: boolean;
}

export interface DotTimes {
  /** Products that are summed in 16 bits first, which must hold them; 1: none are. */
  readonly terms: number;
  /** Channels that are multiplied are so many together. */
  readonly channels: number;
  /** Of as many products of i8. */
  readonly products: number;
  /** What its operands take: of each pixel of a tile, of each vector of weights. */
  readonly operands: { readonly pixel: number; readonly weights: number };
}

/** What a window is like, whatever it slides over. */
export type Window = Sizes<"KH KW SH SW DH DW">;

/**
 * Dimensions of the direct convolution; HELD where it leaves out input channels that only fill vectors, and other algorithms
 * do not: all there are in memory; SCALE and OFFSET where all it multiplies are 8-bit numbers of steps: what is read are multiples of SCALE,
 * whose number is OFFSET more than an i8; WHOLE_BIAS is 1 where its bias is whole numbers of products of steps, too, TERMS how many products 16 bits hold the sum of, SHIFTED 1
 * where the weights' numbers are not those of i8 (int8-weights.ts); COUNTED is 1 where what is read are those i8 themselves, INTO what sums are multiplied by to
 * be numbers of steps of the output.
 */
export type ConvDims = Window &
  Sizes<"N G OC IC OH OW", "HELD SCALE OFFSET WHOLE_BIAS TERMS SHIFTED COUNTED INTO">;

type Operators = Readonly<Record<string, OpDef>>;

/** An algorithm of convolutions: its folder is all that knows of it. */
export interface ConvAlgorithm<Ops extends Operators = Operators> {
  readonly operators: Ops;
  /** Of its ways, as decisions have them, whatever windows each is for. */
  readonly names: readonly string[];
  /** Where plain sums are NaN, its results may be any number. */
  readonly dropsNaN?: true;
  /** It multiplies numbers of steps, in whatever floats they lie, and is exact up to what f32 rounds behind its sums. */
  readonly ofSteps?: true;
  /** Roundings of a channel of the output come from the sums of others, too. */
  readonly mixesChannels?: true;
  /** Whether it can compute convolutions of such windows. */
  readonly applies: (window: Window) => boolean;
  /** The ways to compute a map, cheapest first: none where it does not apply. */
  readonly candidates: (d: ConvDims, lanes: number, limits: AlgorithmLimits) => readonly ConvCandidate[];
  /**
   * A call of one of its operators whose results are those of any for these rows, however its work is arranged; absent: they are no
   * farther from exact ones than plain sums may be.
   */
  readonly part?: (
    op: string,
    rows: Pick<ConvPart, "from" | "rows">,
    d: Window & Pick<ConvDims, "OW">,
  ) => ConvPart;
}
