import type { StorageDim } from "../ir/storage.ts";

/** Dimensions that lie in memory as they are, in this order. */
export const dims = (...list: readonly number[]): StorageDim[] => list.map(whole);
export const whole = (dim: number): StorageDim => ({ part: "whole", dim });
/** The number of a block of `factor` along a dimension, and the place inside it. */
export const outer = (dim: number, factor: number): StorageDim => ({ part: "outer", dim, factor });
/** In blocks of `factor`, the number of a smaller one of `by`. */
export const middle = (dim: number, factor: number, by: number): StorageDim => ({
  part: "middle",
  dim,
  factor,
  by,
});
export const inner = (dim: number, factor: number): StorageDim => ({ part: "inner", dim, factor });
