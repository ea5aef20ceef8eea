import { largestSum, MOST_IN_16_BITS } from "../../support/largest-sum.ts";
import { copied } from "./float-types.ts";
import type { OnnxTensor } from "./model.ts";
import { FLOAT32, INT8, INT32 } from "./schema.ts";

/** Of what a tensor held. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** How uint8 stands for floats: `scale * (q - zeroPoint)`. */
export interface QuantParams {
  readonly scale: number;
  readonly zeroPoint: number;
}

/** A tensor that is quantized with a scale for each output channel, its first dimension; its zero points are 0. */
interface ByChannel {
  readonly tensor: OnnxTensor;
  readonly scales: readonly number[];
}

/** The greatest quantized weight; -128 is not used, so that they are symmetric. */
const MOST_WEIGHT = 127;
/**
 * The largest sum of the sizes of so many quantized weights whose products are to fit into 16 bits together, before they are rounded, each by half
 * at most.
 */
const FOUR = 4;
const MOST_OF_FOUR = MOST_IN_16_BITS - FOUR / 2;
/** The greatest quantized bias, which leaves sums of as much their room in 32 bits. */
const MOST_BIAS = 2 ** 30;
/** Of a map of zeros alone: small, so that the bias behind it keeps its digits. */
const ZERO_MAP_SCALE = 2 ** -20;
/** What is less is none. */
const LEAST_SCALE = 2 ** -60;

/** Of what lies in a range, which 0 always does: asymmetric uint8. */
export function quantParams({ min, max }: Range): QuantParams {
  const [lo, hi] = [Math.min(0, min), Math.max(0, max)];
  const scale = Math.fround((hi - lo) / 255);
  if (scale < LEAST_SCALE) return { scale: ZERO_MAP_SCALE, zeroPoint: 0 };
  return { scale, zeroPoint: Math.min(255, Math.max(0, Math.round(-lo / scale))) };
}

/**
 * Weights [OC, ...] of f32 as int8, by scales by which their bias fits int32, too.
 * @param map what they are multiplied with
 * @param reduceRange in fewer steps where four neighbours would be too large together (MOST_OF_FOUR)
 */
export function weightsOf(
  { dims = [], rawData }: OnnxTensor,
  bias: OnnxTensor | undefined,
  map: QuantParams,
  reduceRange = false,
): ByChannel {
  const data = floatsIn(rawData);
  const biases = floatsIn(bias?.rawData);
  const [channels = 1, IC = 1, ...kernel] = dims;
  const size = data.length / channels;
  const taps = kernel.reduce((a, b) => a * b, 1);
  const scales = Array.from({ length: channels }, (_, c) => {
    const row = data.subarray(c * size, (c + 1) * size);
    const most = row.reduce((a, v) => Math.max(a, Math.abs(v)), 0);
    const least = Math.abs(biases[c] ?? 0) / (MOST_BIAS * map.scale);
    const ofFour = reduceRange ? largestSum(row, { IC, taps }, FOUR) / MOST_OF_FOUR : 0;
    return Math.fround(Math.max(most / MOST_WEIGHT, ofFour, least, LEAST_SCALE));
  });
  const quantized = Int8Array.from(data, (v, i) => Math.round(v / (scales[Math.floor(i / size)] ?? 1)));
  return { tensor: { dims, dataType: INT8, rawData: new Uint8Array(quantized.buffer) }, scales };
}

/** A bias [OC] of f32 as int32, by the scales of the products that it is added to. */
export function biasOf(
  { dims = [], rawData }: OnnxTensor,
  weights: readonly number[],
  map: QuantParams,
): ByChannel {
  const scales = weights.map((scale) => Math.fround(scale * map.scale));
  const quantized = Int32Array.from(floatsIn(rawData), (v, i) => Math.round(v / (scales[i] ?? 1)));
  return { tensor: { dims, dataType: INT32, rawData: new Uint8Array(quantized.buffer) }, scales };
}

function floatsIn(rawData: Uint8Array = new Uint8Array()): Float32Array {
  return new Float32Array(copied(rawData));
}

/** A tensor of f32. */
export function floats(dims: readonly number[], values: readonly number[]): OnnxTensor {
  return { dims, dataType: FLOAT32, rawData: new Uint8Array(Float32Array.from(values).buffer) };
}

/** A tensor of int8 or uint8, as `dataType` says. */
export function bytes(dataType: number, dims: readonly number[], values: readonly number[]): OnnxTensor {
  return { dims, dataType, rawData: Uint8Array.from(values, (v) => v & 0xff) };
}
