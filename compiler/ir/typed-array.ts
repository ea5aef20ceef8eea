import { BYTES, type DType, f16BitsOf, f16Value, type TypedArray } from "./dtype.ts";

/** An array of so many zeros of a type. */
export function makeArray(dtype: DType, size: number): TypedArray {
  switch (dtype) {
    case "f32":
    case "f16":
      return new Float32Array(size);
    case "i8":
      return new Int8Array(size);
    case "u8":
      return new Uint8Array(size);
    case "i32":
      return new Int32Array(size);
  }
}

/** An array like another one, of another size. */
export function arrayLike<A extends TypedArray | Float64Array>(array: A, size: number): A {
  return new (array.constructor as new (size: number) => A)(size);
}

/** The numbers of all of these, one after another. */
export function joinedFloats(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** What nothing has been written to: NaN, which shows wherever it is read; whole types have none, and hold ones in all bits. */
export function unwritten(dtype: DType, size: number): TypedArray {
  const array = makeArray(dtype, size);
  return array instanceof Float32Array ? array.fill(Number.NaN) : array.fill(-1);
}

/** The bytes of numbers as they lie in the memory of a little-endian machine; no copy where they lie so already. */
export function bytesOf(dtype: DType, numbers: TypedArray): Uint8Array {
  const data = dtype === "f16" ? f16BitsOf(numbers) : numbers;
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return littleEndian(bytes, BYTES[dtype]);
}

/** Bytes of numbers of this machine as a little-endian one has them, or the other way around. */
export function littleEndian(bytes: Uint8Array, width: number): Uint8Array {
  return LITTLE_ENDIAN ? bytes : swapped(bytes, width);
}

const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

function swapped(bytes: Uint8Array, width: number): Uint8Array {
  return bytes.map((_, i) => bytes[i - (i % width) + width - 1 - (i % width)]);
}

/** The numbers in little-endian bytes, copied: bytes may begin anywhere in a larger buffer. */
export function numbersIn(dtype: "f32" | "f16", bytes: Uint8Array): Float32Array;
export function numbersIn(dtype: DType, bytes: Uint8Array): TypedArray;
export function numbersIn(dtype: DType, bytes: Uint8Array): TypedArray {
  // a copy: what a Buffer calls a slice is the same memory, and begins elsewhere
  const own = littleEndian(new Uint8Array(bytes), BYTES[dtype]).buffer;
  switch (dtype) {
    case "f32":
      return new Float32Array(own);
    case "f16":
      return Float32Array.from(new Uint16Array(own), f16Value);
    case "i8":
      return new Int8Array(own);
    case "u8":
      return new Uint8Array(own);
    case "i32":
      return new Int32Array(own);
  }
}
