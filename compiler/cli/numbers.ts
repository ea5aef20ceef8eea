import { badValue } from "./usage-errors.ts";

/** A whole number of at least `least`, or undefined when the option is absent. Throws C205. */
export function wholeNumber(option: string, value: number | undefined, least: number): number | undefined {
  if (value === undefined) return undefined;
  if (!Number.isSafeInteger(value) || value < least) {
    throw badValue(option, String(value), `a whole number, ${least} or more`);
  }
  return value;
}

/**
 * `--input-shape data:1,3,224,224` or, for a network with one input, `1,3,224,224`, as [name, dimensions];
 * the name is then empty. Brackets and `x` between numbers are understood as well. Throws C205.
 */
export function inputShapes(
  option: string,
  texts: readonly string[] | undefined,
): ReadonlyMap<string, readonly number[]> {
  return new Map((texts ?? []).map((text) => inputShape(option, text)));
}

function inputShape(option: string, text: string): [string, readonly number[]] {
  const colon = text.lastIndexOf(":");
  const numbers = text.slice(colon + 1).replace(/^\[|\]$/g, "");
  const dims = numbers.split(/[,x]/).map((word) => (/^\s*\d+\s*$/.test(word) ? Number(word) : Number.NaN));
  if (!dims.every((d) => Number.isSafeInteger(d) && d >= 1)) {
    throw badValue(option, text, "NAME:N,C,H,W with whole numbers of 1 or more, such as data:1,3,224,224");
  }
  return [colon < 0 ? "" : text.slice(0, colon), dims];
}
