/**
 * What a kernel file imports. A kernel is a plain function of loops over tensors: Node runs it as it
 * stands (the reference), the compiler parses the same text into loop IR.
 */

import { applyUnary, convertNumber } from "../ir/arithmetic.ts";
import { type DType, roundF16 } from "../ir/dtype.ts";
import { unwritten } from "../ir/typed-array.ts";

/** Compile-time constants of a kernel, by name. */
export type Dims = Readonly<Record<string, number>>;

type Names<T extends string> = T extends `${infer First} ${infer Rest}`
  ? First | Names<Rest>
  : Exclude<T, "">;

/**
 * Those of one kernel: `Sizes<"N C H W", "BIAS">` are N, C, H and W, and BIAS where it is given. Extents of tensors that the
 * kernel itself does not ask for are its sizes, too.
 */
export type Sizes<Needed extends string, Optional extends string = ""> = {
  readonly [Name in Names<Needed>]: number;
} & { readonly [Name in Names<Optional>]?: number };

/** Numbers of a type as Node holds them; those of f16 lie in a Float32Array. */
interface Arrays {
  readonly f32: Float32Array;
  readonly f16: Float32Array;
  readonly i8: Int8Array;
  readonly u8: Uint8Array;
  readonly i32: Int32Array;
}
/** What an argument beside a shape says of the elements; a text of another kind says how they lie in memory. */
type Elements<T extends string> = T extends keyof Arrays ? Arrays[T] : Float32Array;

type Nested<S extends readonly unknown[], E> = S extends readonly [unknown, infer Next, ...infer Rest]
  ? readonly Nested<readonly [Next, ...Rest], E>[]
  : E;

/**
 * A tensor of the given dimensions (names of compile-time constants, or numbers), only read: of f32, or of the type that is
 * named, `Input<["N"], "f16">`. Printed procedures add how it lies in memory as text (storageText in ir/storage.ts); Node does
 * not look at it.
 */
export type Input<
  S extends readonly (string | number)[],
  T extends string = "f32",
  _Storage extends string = string,
> = Nested<S, Elements<T>>;
/** A tensor known at compile time, laid out by the schedule. */
export type Weight<
  S extends readonly (string | number)[],
  T extends string = "f32",
  _Storage extends string = string,
> = Nested<S, Elements<T>>;
/**
 * A list of whole numbers from 0 to Below-1, known at compile time, that may choose elements: `x[at[i]]`. Below is a name of a
 * compile-time constant, or a number.
 */
export type Indices<
  S extends readonly [string | number],
  Below extends string | number,
  _Storage extends string = string,
> = Nested<S, Int32Array> & { readonly below?: Below };
/** A tensor that is written. */
export type Output<
  S extends readonly (string | number)[],
  T extends string = "f32",
  _Storage extends string = string,
> = Nested<S, Elements<T>>;

const ranges = new Map<number, readonly number[]>();

/** 0, 1, ..., n-1. The array is kept and shared, so a loop costs what a counted loop costs. */
export function range(n: number): readonly number[] {
  let r = ranges.get(n);
  if (r === undefined) {
    r = Array.from({ length: n }, (_, i) => i);
    ranges.set(n, r);
  }
  return r;
}

/** range() whose iterations may run at the same time. */
export const parallel = range;
/** range() that the compiler writes out. */
export const unroll = range;
/** range() whose iterations are the lanes of a vector. */
export const vector = range;
/** range() of a loop whose work, that of the loops inside included, one instruction does. */
export function instruction(n: number, _name: string): readonly number[] {
  return range(n);
}

/** A local array; shape [] is a number. */
export type Local<S extends readonly unknown[], T extends DType = "f32"> = S extends readonly []
  ? number
  : Nested<S, Arrays[T]>;

/** A local array in vector registers. Its contents start as NaN, or with all bits set: write before you read. */
export function register<const S extends readonly number[], T extends DType = "f32">(
  shape: S,
  dtype?: T,
): Local<S, T> {
  return makeLocal(shape, dtype ?? "f32") as Local<S, T>;
}

/** A local array on the stack. Its contents start as those of register() do. */
export const stack = register;

function makeLocal([extent, ...inner]: readonly number[], dtype: DType): unknown {
  if (extent === undefined) return Number.NaN;
  if (inner.length === 0) return unwritten(dtype, extent);
  return Array.from({ length: extent }, () => makeLocal(inner, dtype));
}

/** Asks for the memory of an element ahead of its use; the element must exist. Does nothing in Node. */
export function prefetch(_element: number): void {}

/** The same for an element that is written next: caches of other cores give it up meanwhile. */
export function prefetchToWrite(_element: number): void {}

/** The remainder that is never negative, for indices that may be. */
export function mod(i: number, n: number): number {
  return i - Math.floor(i / n) * n;
}

/**
 * A value as one of `below` indices, an element of an input of one dimension in `x[heldIndex(at[i], 8)]`: without its fraction, the
 * first for less and for NaN, the last for more.
 */
export { heldIndex } from "../ir/index-table.ts";

/** An index as a value. */
export function float(i: number): number {
  return i;
}

/** A value as f32: exact, but for whole numbers beyond 2^24, of which it is the nearest. */
export const f32 = Math.fround;
/** The f16 number nearest to a value, ties to even; beyond 65504 infinite. */
export const f16 = roundF16;

/** A value of i8 or u8, an index or a constant as i32. */
export function i32(v: number): number {
  return v;
}
/** A constant as i8. */
export const i8 = i32;
/** A constant as u8. */
export const u8 = i32;

/** The nearest whole number, ties to even, held between the least and the greatest of i32; NaN becomes 0. */
export function roundI32(v: number): number {
  return convertNumber("i32", v);
}
/** The same of a value that is below 2^22 in size, which takes less; of others it may be anything. */
export function roundSmallI32(v: number): number {
  return convertNumber("i32", v);
}
/** What is left of a value of i32 in 16 bits, with their sign: what is more wraps around. */
export function wrapI16(v: number): number {
  return applyUnary("wrapI16", v, "i32");
}
/** A value of i32 held between -128 and 127. */
export function saturateI8(v: number): number {
  return convertNumber("i8", v);
}
/** A value of i32 held between 0 and 255. */
export function saturateU8(v: number): number {
  return convertNumber("u8", v);
}

/** A list of numbers known at compile time, or of such lists. */
export type Table<S extends readonly unknown[]> = S extends readonly [unknown, ...infer Rest]
  ? readonly Table<Rest>[]
  : number;

/** a * b + c, rounded once where the hardware can. */
export function fma(a: number, b: number, c: number): number {
  return a * b + c;
}

export const { min, max, exp, sqrt, tanh } = Math;

export * from "./activations.kernel.ts";
export * from "./functions.ts";
