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

/** The whole numbers from 1 on of a list such as 1,2,4, each once; none when the option is absent. Throws C205. */
export function numberList(option: string, value: string | undefined): readonly number[] {
  if (value === undefined) return [];
  const words = value.split(",");
  if (words.some((word) => !/^[1-9]\d{0,5}$/.test(word)))
    throw badValue(option, value, "whole numbers from 1 on with commas between, such as 1,2,4");
  return [...new Set(words.map(Number))];
}
