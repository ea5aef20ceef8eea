import { EXACT_WHOLE } from "../../ir/port-type.ts";
import { rangeOfType } from "./integer-range.ts";
import type { IntegersValue, IntegerType, Whole } from "./value.ts";

// Whole numbers lie in float32. Up to 2^24 in size each has a place of its own; what is computed beyond is NaN.

/** Whole numbers below it in size are exact, and so is whether a rounded sum of such is below it. */
export const EXACT = EXACT_WHOLE;

/** Numbers of a type that an input may have. */
export function wholeInput(type: IntegerType): Whole {
  const [lo, hi] = rangeOfType(type);
  return { type, lo: Math.max(lo, -EXACT), hi: Math.min(hi, EXACT) };
}

export const TRUTH: Whole = { type: "bool", lo: 0, hi: 1 };

/** Indices of so many elements. */
export function placesOf(size: number): Whole {
  return { type: "int64", lo: 0, hi: size - 1 };
}

/** What holds the numbers of all of these. */
export function joined(all: readonly Whole[]): Whole {
  const [{ type }] = all;
  const unsure = all.some((whole) => whole.unsure);
  return {
    type,
    lo: Math.min(...all.map(({ lo }) => lo)),
    hi: Math.max(...all.map(({ hi }) => hi)),
    ...(unsure && { unsure }),
  };
}

/** The same numbers, of which some may be NaN. */
export function unsure(whole: Whole): Whole {
  return { ...whole, unsure: true };
}

/** The range of known whole numbers; undefined where float32 does not hold them all. */
export function wholeKnown(known: IntegersValue): Whole | undefined {
  const { type, data } = known;
  if (data.length === 0 || findInteger(known, (v) => Math.fround(v) !== v) !== undefined) return undefined;
  let [lo, hi] = [data[0], data[0]];
  for (let i = 1; i < data.length; i++) {
    lo = Math.min(lo, data[i]);
    hi = Math.max(hi, data[i]);
  }
  return { type, lo, hi };
}

/** The first of known integers that is so. */
export function findInteger({ data }: IntegersValue, is: (v: number) => boolean): number | undefined {
  for (let i = 0; i < data.length; i++) if (is(data[i])) return data[i];
  return undefined;
}
