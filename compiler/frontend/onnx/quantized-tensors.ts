import type { OnnxTensor } from "./model.ts";
import { FLOAT32, INT8, INT32 } from "./schema.ts";

/** Least and greatest number that a tensor held. */
export interface Range {
  readonly least: number;
  readonly most: number;
}

/** Steps of a map: `zero` of them stand for 0. */
export interface MapSteps {
  readonly scale: number;
  readonly zero: number;
}

/** A tensor that is quantized, by the scale of each output channel. */
interface ByChannel {
  readonly tensor: OnnxTensor;
  readonly scales: readonly number[];
}

/** The greatest number of steps of a weight. */
const MOST_STEPS = 127;

/** Steps of uint8 for what lies in a range, which 0 always does. */
export function mapSteps({ least, most }: Range): MapSteps {
  const [lo, hi] = [Math.min(0, least), Math.max(0, most)];
  const scale = Math.fround((hi - lo) / 255);
  // a map of zeros alone
  if (scale === 0) return { scale: 1, zero: 0 };
  return { scale, zero: Math.min(255, Math.max(0, Math.round(-lo / scale))) };
}

/** int8, with the scales of its output channels. */
export function weightsOf({ dims = [], rawData }: OnnxTensor): ByChannel {
  const data = floatsIn(rawData);
  const [channels = 1] = dims;
  const size = data.length / channels;
  const scales = Array.from({ length: channels }, (_, c) => {
    const most = data.subarray(c * size, (c + 1) * size).reduce((a, v) => Math.max(a, Math.abs(v)), 0);
    return Math.fround(most / MOST_STEPS) || 1;
  });
  const steps = Int8Array.from(data, (v, i) => Math.round(v / (scales[Math.floor(i / size)] ?? 1)));
  return { tensor: { dims, dataType: INT8, rawData: new Uint8Array(steps.buffer) }, scales };
}

/** int32 by the scales of the products that it is added to; undefined where one is too large for that. */
export function biasOf(
  { dims = [], rawData }: OnnxTensor,
  weights: readonly number[],
  map: MapSteps,
): ByChannel | undefined {
  const scales = weights.map((scale) => Math.fround(scale * map.scale));
  const steps = [...floatsIn(rawData)].map((v, i) => Math.round(v / (scales[i] ?? 1)));
  if (!steps.every((n) => Math.abs(n) < 2 ** 31)) return undefined;
  const data = Int32Array.from(steps);
  return { tensor: { dims, dataType: INT32, rawData: new Uint8Array(data.buffer) }, scales };
}

function floatsIn(rawData: Uint8Array = new Uint8Array()): Float32Array {
  return new Float32Array(rawData.slice().buffer);
}

export function floats(dims: readonly number[], values: readonly number[]): OnnxTensor {
  return { dims, dataType: FLOAT32, rawData: new Uint8Array(Float32Array.from(values).buffer) };
}

export function bytes(dataType: number, dims: readonly number[], values: readonly number[]): OnnxTensor {
  return { dims, dataType, rawData: Uint8Array.from(values, (v) => v & 0xff) };
}
