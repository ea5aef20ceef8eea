/**
 * What a kernel file imports. A kernel is a plain function of loops over tensors: Node runs it as it
 * stands (the reference), the compiler parses the same text into loop IR.
 */

/** Compile-time constants of a kernel, by name. */
export type Dims = Readonly<Record<string, number>>;

type Nested<S extends readonly unknown[]> = S extends readonly [unknown, infer Next, ...infer Rest]
  ? readonly Nested<readonly [Next, ...Rest]>[]
  : Float32Array;

/** A tensor of the given dimensions (names of compile-time constants, or numbers), only read. */
export type Input<S extends readonly (string | number)[]> = Nested<S>;
/** A tensor known at compile time, laid out by the schedule. */
export type Weight<S extends readonly (string | number)[]> = Nested<S>;
/** A tensor that is written. */
export type Output<S extends readonly (string | number)[]> = Nested<S>;

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

export const { min, max, exp, sqrt, tanh } = Math;
