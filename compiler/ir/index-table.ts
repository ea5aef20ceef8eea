import { InternalError } from "../support/diagnostic.ts";
import type { TypedArray } from "./dtype.ts";

/**
 * Refuses contents of an index table that are not all whole numbers of 0 .. bound-1: by these bounds every address made of them
 * was proven to stay inside.
 */
export function checkIndices(table: string, data: TypedArray, bound: number): void {
  const wrong = data.find((v) => !Number.isInteger(v) || v < 0 || v >= bound);
  if (wrong !== undefined)
    throw new InternalError(`index table ${table} holds ${wrong}, no index below ${bound}`);
}

/** A number as one of `below` indices: without its fraction, the first for less and for NaN, the last for more. */
export function heldIndex(v: number, below: number): number {
  return v >= 1 ? Math.min(Math.trunc(v), below - 1) : 0;
}
