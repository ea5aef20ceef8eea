import type { TypedArray } from "./dtype.ts";

/** What numbers of i8 stand for, as ONNX's DequantizeLinear has it: scale * (number - zeroPoint). */
export interface Quantization {
  readonly scale: number;
  readonly zeroPoint: number;
}

/** The values that numbers stand for, in f32. */
export function dequantized(numbers: TypedArray, { scale, zeroPoint }: Quantization): Float32Array {
  return Float32Array.from(numbers, (n) => (n - zeroPoint) * scale);
}

export function isSameQuantization(a: Quantization | undefined, b: Quantization | undefined): boolean {
  return a?.scale === b?.scale && a?.zeroPoint === b?.zeroPoint;
}
