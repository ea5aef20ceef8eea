/** Set by `make test-long`: every case there is, instead of a sample of each kind. */
export const LONG = process.env.TILEWRIGHT_LONG === "1";

/** Every day a sample, the slow cases too with `make test-long`. */
export function sample<T>(cases: readonly T[], everyNth: number): readonly T[] {
  return LONG ? cases : cases.filter((_, i) => i % everyNth === 0);
}
