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

/** Of a unit of time. */
export const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, min: 60, h: 3600 };

/** A time such as 20s, 2m or 0.5 (seconds); undefined when the option is absent. Throws C205. */
export function readSeconds(option: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const [, count, unit = "s"] = /^(\d{1,9}(?:\.\d+)?) ?(s|m|min|h)?$/.exec(value.trim()) ?? [];
  const seconds = Number(count) * SECONDS[unit];
  if (seconds > 0) return seconds;
  throw badValue(option, value, "a time such as 20s or 2m");
}
