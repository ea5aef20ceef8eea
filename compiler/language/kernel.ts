/**
 * What a kernel file imports. A kernel is a plain function of loops over tensors: Node runs it as it
 * stands (the reference), the compiler parses the same text into loop IR.
 */

/** Compile-time constants of a kernel, by name. */
export type Dims = Readonly<Record<string, number>>;

type Nested<S extends readonly unknown[]> = S extends readonly [unknown, infer Next, ...infer Rest]
  ? readonly Nested<readonly [Next, ...Rest]>[]
  : Float32Array;

/**
 * A tensor of the given dimensions (names of compile-time constants, or numbers), only read. Printed
 * procedures add how it lies in memory as text (storageText in ir/storage.ts); Node does not look at it.
 */
export type Input<S extends readonly (string | number)[], _Storage extends string = string> = Nested<S>;
/** A tensor known at compile time, laid out by the schedule. */
export type Weight<S extends readonly (string | number)[], _Storage extends string = string> = Nested<S>;
/** A tensor that is written. */
export type Output<S extends readonly (string | number)[], _Storage extends string = string> = Nested<S>;

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

/** A local array; shape [] is a number. */
export type Local<S extends readonly unknown[]> = S extends readonly [] ? number : Nested<S>;

/** A local array in vector registers. Its contents start as NaN: write before you read. */
export function register<const S extends readonly number[]>(shape: S): Local<S> {
  return makeLocal(shape) as Local<S>;
}

/** A local array on the stack. Its contents start as NaN: write before you read. */
export const stack = register;

function makeLocal([extent, ...inner]: readonly number[]): unknown {
  if (extent === undefined) return Number.NaN;
  if (inner.length === 0) return new Float32Array(extent).fill(Number.NaN);
  return Array.from({ length: extent }, () => makeLocal(inner));
}

/** Asks for the memory of an element ahead of its use; the element must exist. Does nothing in Node. */
export function prefetch(_element: number): void {}

/** The remainder that is never negative, for indices that may be. */
export function mod(i: number, n: number): number {
  return i - Math.floor(i / n) * n;
}

/** An index as a value. */
export function float(i: number): number {
  return i;
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
