import { BYTES, type DType, RANGE, type TypedArray } from "./dtype.ts";
import { bytesOf, numbersIn } from "./typed-array.ts";

/**
 * What an input or output of a network may hold beside f32, in which all is computed. Two of them only its caller sees: an i64 is to
 * kernels a pair of i32, the lower half first; a bool is a byte, 0 or 1.
 */
export type WholeType = "i8" | "u8" | "i32" | "i64" | "bool";

/** What an input or output of a network, or of a kernel alone, may hold. */
export type PortType = DType | WholeType;

/** The type of its elements in memory, and how many of them make one number. */
export const PORT_MEMORY: Readonly<Record<PortType, { readonly dtype: DType; readonly each: 1 | 2 }>> = {
  f32: { dtype: "f32", each: 1 },
  f16: { dtype: "f16", each: 1 },
  i8: { dtype: "i8", each: 1 },
  u8: { dtype: "u8", each: 1 },
  i32: { dtype: "i32", each: 1 },
  i64: { dtype: "i32", each: 2 },
  bool: { dtype: "u8", each: 1 },
};

export function portBytes(type: PortType): number {
  const { dtype, each } = PORT_MEMORY[type];
  return BYTES[dtype] * each;
}

/** Whole numbers up to this in size are floats, each of them. */
export const EXACT_WHOLE = 2 ** 24;

/** Least and greatest whole number of a type that a network takes, which computes in floats; undefined for types with fractions. */
export function heldRange(type: PortType): { readonly min: number; readonly max: number } | undefined {
  if (type === "bool") return { min: 0, max: 1 };
  const { min, max } = RANGE[PORT_MEMORY[type].dtype] ?? {};
  if (min === undefined || max === undefined) return undefined;
  return { min: Math.max(min, -EXACT_WHOLE), max: Math.min(max, EXACT_WHOLE) };
}

/** Whether a number is one of a type, and a float. */
export function isHeld(type: PortType, value: number): boolean {
  const range = heldRange(type);
  return range === undefined || (Number.isInteger(value) && value >= range.min && value <= range.max);
}

/** The number nearest to a value that an input of a type may hold; of types without NaN it is 0. */
export function nearestHeld(type: PortType, value: number): number {
  const range = heldRange(type);
  if (range === undefined) return value;
  return Number.isNaN(value) ? 0 : Math.min(Math.max(Math.round(value), range.min), range.max) + 0;
}

/** Numbers of a network as they lie in a port's memory, that of a little-endian machine. */
export function memoryOf(type: PortType, numbers: Float32Array): Uint8Array {
  const { dtype } = PORT_MEMORY[type];
  return bytesOf(dtype, typedNumbers(type, numbers));
}

/** Numbers of a network as elements of a port. */
export function typedNumbers(type: PortType, numbers: Float32Array): TypedArray {
  switch (type) {
    case "f32":
    case "f16":
      return numbers;
    case "i8":
      return Int8Array.from(numbers);
    case "u8":
    case "bool":
      return Uint8Array.from(numbers);
    case "i32":
      return Int32Array.from(numbers);
    case "i64":
      return pairsOf(numbers);
  }
}

/** The two halves of numbers of 64 bits, the lower first. */
function pairsOf(numbers: Float32Array): Int32Array {
  const halves = new Int32Array(2 * numbers.length);
  for (let i = 0; i < numbers.length; i++) {
    const whole = BigInt(numbers[i]);
    halves[2 * i] = Number(BigInt.asIntN(32, whole));
    halves[2 * i + 1] = Number(BigInt.asIntN(32, whole >> 32n));
  }
  return halves;
}

/** The numbers in a port's memory, as floats: those of a network are. */
export function floatsIn(type: PortType, bytes: Uint8Array): Float32Array {
  const found = doublesIn(type, bytes);
  return found instanceof Float32Array ? found : Float32Array.from(found);
}

/** The numbers in a port's memory; but for those beyond 2^53 of 64 bits nothing is rounded. */
export function doublesIn(type: PortType, bytes: Uint8Array): Float32Array | Float64Array {
  const found = numbersIn(PORT_MEMORY[type].dtype, bytes);
  if (found instanceof Float32Array) return found;
  if (type !== "i64") return Float64Array.from(found);
  const whole = (_: unknown, i: number): number => found[2 * i + 1] * 2 ** 32 + (found[2 * i] >>> 0);
  return Float64Array.from({ length: found.length / 2 }, whole);
}
