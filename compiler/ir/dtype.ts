/**
 * Types of numbers: what parameters, buffers and values hold. f32 and f16 are IEEE binary32 and binary16; i32 wraps around, as
 * the instructions do; i8 and u8 only hold numbers, which are converted before anything is computed with them.
 *
 * In Node the elements of a tensor are its numbers, in the typed array that holds them exactly; Node 20 has none for f16, so its
 * numbers lie in a Float32Array, and only bytes (files, memory of a board) hold their 16 bits.
 */
export type DType = "f32" | "f16" | "i8" | "u8" | "i32";

export const DTYPES: readonly DType[] = ["f32", "f16", "i8", "u8", "i32"];

/** Bytes of one element in memory. */
export const BYTES: Readonly<Record<DType, number>> = { f32: 4, f16: 2, i8: 1, u8: 1, i32: 4 };

/** Numbers of tensors as Node holds them. */
export type TypedArray = Float32Array | Int8Array | Uint8Array | Int32Array;

export function isDType(text: string): text is DType {
  return (DTYPES as readonly string[]).includes(text);
}

/** Whole numbers; the others have fractions, infinities and NaN. */
export function isInteger(dtype: DType): boolean {
  return RANGE[dtype] !== undefined;
}

/** Least and greatest number of the whole types. */
export const RANGE: Readonly<Record<DType, { readonly min: number; readonly max: number } | undefined>> = {
  f32: undefined,
  f16: undefined,
  i8: { min: -128, max: 127 },
  u8: { min: 0, max: 255 },
  i32: { min: -(2 ** 31), max: 2 ** 31 - 1 },
};

/** The number of a type that an operation of that type gives for an exact result: the nearest (ties to even), or wrapped around. */
export function rounded(dtype: DType, value: number): number {
  switch (dtype) {
    case "f32":
      return Math.fround(value);
    case "f16":
      return roundF16(value);
    case "i32":
      return value | 0;
    case "i8":
      return (value << 24) >> 24;
    case "u8":
      return value & 0xff;
  }
}

/** Whether the f32 nearest to a number has all its digits, and is no number that boards take for 0: neither infinite nor below 2^-126 in size. */
export function isNormal(v: number): boolean {
  const size = Math.abs(Math.fround(v));
  return size >= 2 ** -126 && size < Number.POSITIVE_INFINITY;
}

/** Largest f32. */
export const FLOAT_LARGEST = (2 - 2 ** -23) * 2 ** 127;
/** Largest f16. */
export const HALF_LARGEST = 65504;

/** Steps between f16 numbers below 2^-14 are 2^-24; above the greatest, 65504, half a step leads to infinity. */
const LEAST_EXPONENT = -14;
const FRACTION_BITS = 10;
/** Added to a double below it in size, and taken away again, it rounds to whole numbers, ties to even. */
const WHOLE = 2 ** 52;

const view = new DataView(new ArrayBuffer(8));

/** The f16 number nearest to a double, ties to even. */
export function roundF16(value: number): number {
  if (!Number.isFinite(value) || value === 0) return value;
  const size = Math.abs(value);
  view.setFloat64(0, size);
  const exponent = Math.max(LEAST_EXPONENT, (view.getUint32(0) >>> 20) - 1023);
  const step = 2 ** (exponent - FRACTION_BITS);
  const near = (size / step + WHOLE - WHOLE) * step;
  const found = near >= 65536 ? Number.POSITIVE_INFINITY : near;
  return value < 0 ? -found : found;
}

/** The 16 bits of the f16 number nearest to a value; NaN is the quiet one without a payload. */
export function f16Bits(value: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  const near = roundF16(value);
  const sign = near < 0 || Object.is(near, -0) ? 0x8000 : 0;
  const size = Math.abs(near);
  if (size === Number.POSITIVE_INFINITY) return sign | 0x7c00;
  if (size < 2 ** LEAST_EXPONENT) return sign | (size * 2 ** 24);
  view.setFloat64(0, size);
  const exponent = (view.getUint32(0) >>> 20) - 1023;
  const fraction = (size / 2 ** exponent - 1) * 2 ** FRACTION_BITS;
  return sign | ((exponent + 15) << FRACTION_BITS) | fraction;
}

/** The same of many floats at once, in operations on their own bits: a network's weights are some ten million. */
export function f16BitsOf(numbers: TypedArray): Uint16Array {
  const floats = numbers instanceof Float32Array ? numbers : Float32Array.from(numbers);
  const singles = new Uint32Array(floats.buffer, floats.byteOffset, floats.length);
  const halves = new Uint16Array(floats.length);
  for (let i = 0; i < floats.length; i++) {
    const size = singles[i] & 0x7fffffff;
    halves[i] = size > INFINITE_BITS ? 0x7e00 : ((singles[i] >>> 16) & 0x8000) | sizeBits(size, floats[i]);
  }
  return halves;
}

/** Bits of f32: infinity, 65520, which rounds to infinity, and 2^-14. */
const [INFINITE_BITS, BEYOND_BITS, LEAST_BITS] = [0x7f800000, 0x477ff000, 0x38800000];
/** What the exponents of f32 and f16 count from differs by 112. */
const EXPONENTS_APART = 112 << 23;

/** The bits of f16 for those of f32 without the sign: 13 digits fewer, ties to even. */
function sizeBits(size: number, value: number): number {
  if (size >= BEYOND_BITS) return 0x7c00;
  if (size < LEAST_BITS) return Math.abs(value) * 2 ** 24 + WHOLE - WHOLE;
  return (size - EXPONENTS_APART + 0xfff + ((size >>> 13) & 1)) >>> 13;
}

/** The number that 16 bits stand for. */
export function f16Value(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> FRACTION_BITS) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 2 ** FRACTION_BITS) * 2 ** (exponent - 15);
}
