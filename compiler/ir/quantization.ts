import type { TypedArray } from "./dtype.ts";

/** What numbers of i8 stand for, as ONNX's DequantizeLinear has it: scale * (number - zeroPoint). */
export interface Quantization {
  readonly scale: number;
  readonly zeroPoint: number;
}

/** The values that a tensor's numbers in memory stand for, in f32: themselves, where they are not quantized. */
export function valuesOf(numbers: TypedArray, quantized: Quantization | undefined): Float32Array {
  if (quantized === undefined) return Float32Array.from(numbers);
  const { scale, zeroPoint } = quantized;
  return Float32Array.from(numbers, (n) => (n - zeroPoint) * scale);
}

export function isSameQuantization(a: Quantization | undefined, b: Quantization | undefined): boolean {
  return a?.scale === b?.scale && a?.zeroPoint === b?.zeroPoint;
}
