import { type DType, RANGE, type TypedArray } from "./dtype.ts";
import { bytesOf, littleEndian, numbersIn } from "./typed-array.ts";

/**
 * What an input or output of a network may hold beside f32, in which all is computed. Most of them only its caller sees: an i64 is to
 * kernels a pair of i32, the lower half first; a bool is a byte, 0 or 1.
 */
export type WholeType = "i8" | "u8" | "i16" | "u16" | "i32" | "u32" | "i64" | "u64" | "bool";
/** Those, and numbers that are rounded to f32. */
export type CallerType = WholeType | "f64";

/** What an input or output of a network, or of a kernel alone, may hold. */
export type PortType = DType | CallerType;

/** What kernels read as it is given; of the others the runtime makes floats before they run. */
export type ReadType = DType | "i64" | "bool";

/** The type of its elements in memory, and how many of them make one number. */
export const PORT_MEMORY: Readonly<Record<ReadType, { readonly dtype: DType; readonly each: 1 | 2 }>> = {
  f32: { dtype: "f32", each: 1 },
  f16: { dtype: "f16", each: 1 },
  i8: { dtype: "i8", each: 1 },
  u8: { dtype: "u8", each: 1 },
  i32: { dtype: "i32", each: 1 },
  i64: { dtype: "i32", each: 2 },
  bool: { dtype: "u8", each: 1 },
};

export function isReadType(type: PortType): type is ReadType {
  return Object.hasOwn(PORT_MEMORY, type);
}

const PORT_BYTES: Readonly<Record<PortType, number>> = {
  ...{ f32: 4, f16: 2, f64: 8 },
  ...{ i8: 1, u8: 1, i16: 2, u16: 2, i32: 4, u32: 4, i64: 8, u64: 8, bool: 1 },
};

export function portBytes(type: PortType): number {
  return PORT_BYTES[type];
}

/** Whole numbers up to this in size are floats, each of them. */
export const EXACT_WHOLE = 2 ** 24;

type Range = { readonly min: number; readonly max: number };
const RANGES: Readonly<Record<PortType, Range | undefined>> = {
  ...RANGE,
  f64: undefined,
  i16: { min: -(2 ** 15), max: 2 ** 15 - 1 },
  u16: { min: 0, max: 2 ** 16 - 1 },
  u32: { min: 0, max: EXACT_WHOLE },
  i64: { min: -EXACT_WHOLE, max: EXACT_WHOLE },
  u64: { min: 0, max: EXACT_WHOLE },
  bool: { min: 0, max: 1 },
};

/** Least and greatest whole number of a type that a network takes, which computes in floats; undefined for types with fractions. */
export function heldRange(type: PortType): Range | undefined {
  const range = RANGES[type];
  return range && { min: Math.max(range.min, -EXACT_WHOLE), max: Math.min(range.max, EXACT_WHOLE) };
}

/** Whether a number is one of a type, and a float; of the type of doubles, whether the nearest float is finite where it is. */
export function isHeld(type: PortType, value: number): boolean {
  if (type === "f64") return !Number.isFinite(value) || Number.isFinite(Math.fround(value));
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
  if (isReadType(type)) return bytesOf(PORT_MEMORY[type].dtype, typedNumbers(type, numbers));
  const { buffer } = callerNumbers(type, numbers);
  return littleEndian(new Uint8Array(buffer), portBytes(type));
}

/** Numbers of a network as elements of a port that kernels read. */
export function typedNumbers(type: ReadType, numbers: Float32Array): TypedArray {
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

/** Numbers of a network as elements of a port that kernels do not read. */
export function callerNumbers(type: Exclude<PortType, ReadType>, numbers: Float32Array) {
  switch (type) {
    case "i16":
      return Int16Array.from(numbers);
    case "u16":
      return Uint16Array.from(numbers);
    case "u32":
      return Uint32Array.from(numbers);
    case "u64":
      return BigUint64Array.from(numbers, BigInt);
    case "f64":
      return Float64Array.from(numbers);
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
  if (!isReadType(type)) return callerDoubles(type, bytes);
  const found = numbersIn(PORT_MEMORY[type].dtype, bytes);
  if (found instanceof Float32Array) return found;
  if (type !== "i64") return Float64Array.from(found);
  const whole = (_: unknown, i: number): number => found[2 * i + 1] * 2 ** 32 + (found[2 * i] >>> 0);
  return Float64Array.from({ length: found.length / 2 }, whole);
}

function callerDoubles(type: Exclude<PortType, ReadType>, bytes: Uint8Array): Float64Array {
  const own = littleEndian(new Uint8Array(bytes), portBytes(type)).buffer;
  switch (type) {
    case "i16":
      return Float64Array.from(new Int16Array(own));
    case "u16":
      return Float64Array.from(new Uint16Array(own));
    case "u32":
      return Float64Array.from(new Uint32Array(own));
    case "u64":
      return Float64Array.from(new BigUint64Array(own), Number);
    case "f64":
      return new Float64Array(own);
  }
}
