import { badValue } from "./usage-errors.ts";

/** A whole number of at least `least`; `fallback` when the option is absent. Throws C205. */
export function wholeNumber(
  option: string,
  value: number | undefined,
  least: number,
  fallback: number,
): number {
  if (value === undefined) return fallback;
  if (!Number.isSafeInteger(value) || value < least) {
    throw badValue(option, String(value), `a whole number, ${least} or more`);
  }
  return value;
}
