import { someOf, visible } from "../support/text.ts";
import type { Comparison } from "./compare.ts";

/** Values of several tensors of which nothing could be said. */
export interface Undecided {
  readonly values: number;
  readonly of: number;
  /** What was not compared at all, by name. */
  readonly whole: readonly string[];
}

/** What of these was not compared; undefined: all was. */
export function undecidedOf(
  compared: readonly (readonly [name: string, Pick<Comparison, "undecided" | "count">])[],
): Undecided | undefined {
  let [values, of] = [0, 0];
  for (const [, { undecided, count }] of compared) [values, of] = [values + undecided, of + count];
  if (values === 0) return undefined;
  const whole = compared.filter(([, { undecided, count }]) => undecided === count && count > 0);
  return { values, of, whole: whole.map(([name]) => name) };
}

/** The same in words. */
export function undecidedText({ values, of, whole }: Undecided): string {
  const some = `${values} of ${of} values may have overflowed and were not compared`;
  return whole.length === 0 ? some : `${some}: none of ${visible(someOf(whole))}`;
}
