import { f16Value } from "../../ir/dtype.ts";
import { DATA_TYPES } from "../onnx/schema.ts";
import { damaged } from "./flatbuffer.ts";
import type { Quantization, TfliteTensor } from "./model.ts";

/** ONNX's number of a tensor's type. */
export function typeNumber({ type }: Pick<TfliteTensor, "type">): number {
  return type === "other" ? 0 : Math.max(0, (DATA_TYPES as readonly string[]).indexOf(type));
}

/** How numbers of a type lie in a file. */
const READERS: Partial<
  Record<TfliteTensor["type"], readonly [bytes: number, (v: DataView, at: number) => number]>
> = {
  float32: [4, (v, at) => v.getFloat32(at, true)],
  float16: [2, (v, at) => f16Value(v.getUint16(at, true))],
  float64: [8, (v, at) => v.getFloat64(at, true)],
  int8: [1, (v, at) => v.getInt8(at)],
  uint8: [1, (v, at) => v.getUint8(at)],
  bool: [1, (v, at) => v.getUint8(at)],
  int16: [2, (v, at) => v.getInt16(at, true)],
  uint16: [2, (v, at) => v.getUint16(at, true)],
  int32: [4, (v, at) => v.getInt32(at, true)],
  uint32: [4, (v, at) => v.getUint32(at, true)],
  int64: [8, (v, at) => Number(v.getBigInt64(at, true))],
};

/** Numbers of a constant as they are in the file: floats, floats that quantized ones stand for, or whole numbers. Throws F121. */
export function constantNumbers(tensor: TfliteTensor): Float32Array | readonly number[] | undefined {
  const { data, type, shape, name, quantization, isSparse } = tensor;
  const reader = READERS[type];
  if (data === undefined || isSparse || reader === undefined) return undefined;
  const [bytes, read] = reader;
  const size = shape.reduce((a, b) => a * b, 1);
  if (data.length < size * bytes)
    throw damaged(`\`${name}\` of ${shape.join("x")} has ${data.length} bytes, not ${size * bytes}`);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const isFloat = type.startsWith("float");
  if (!isFloat && quantization === undefined)
    return Array.from({ length: size }, (_, i) => read(view, i * bytes));
  const step = quantization === undefined ? (n: number): number => n : stepsOf(quantization, tensor);
  return Float32Array.from({ length: size }, (_, i) => step(read(view, i * bytes), i));
}

/** From the number of an element to what it stands for. */
function stepsOf(
  { scales, zeroPoints, dimension }: Quantization,
  { shape, name }: TfliteTensor,
): (n: number, i: number) => number {
  if (scales.length === 1) return (n) => scales[0] * (n - zeroPoints[0]);
  // some converters leave a bias the dimension of its weights
  const along = shape.length === 1 ? 0 : dimension;
  if (shape[along] !== scales.length)
    throw damaged(`\`${name}\` has ${scales.length} scales for ${shape[along] ?? "no"} indices`);
  const each = shape.slice(along + 1).reduce((a, b) => a * b, 1);
  return (n, i) => {
    const at = Math.floor(i / each) % scales.length;
    return scales[at] * (n - zeroPoints[at]);
  };
}

/** Numbers of an array with its dimensions in another order. */
export function transposed<A extends Float32Array | readonly number[]>(
  numbers: A,
  shape: readonly number[],
  order: readonly number[],
): A {
  const strides = shape.map((_, d) => shape.slice(d + 1).reduce((a, b) => a * b, 1));
  const [extents, steps] = [order.map((d) => shape[d]), order.map((d) => strides[d])];
  const at = order.map(() => 0);
  let from = 0;
  const next = (): number => {
    const found = numbers[from];
    for (let d = order.length - 1; d >= 0; d--) {
      from += steps[d];
      if (++at[d] < extents[d]) break;
      from -= steps[d] * extents[d];
      at[d] = 0;
    }
    return found;
  };
  const made = numbers instanceof Float32Array ? Float32Array.from(numbers, next) : numbers.map(next);
  return made as unknown as A;
}
