/** Set by `make test-long`: every case there is, instead of a sample of each kind. */
export const LONG = process.env.TILEWRIGHT_LONG === "1";

/** How many random cases: some every day, all of them with `make test-long`. */
export function amount(daily: number, long: number): number {
  return LONG ? long : daily;
}

/** Every day a sample, the slow cases too with `make test-long`. */
export function sample<T>(cases: readonly T[], everyNth: number): readonly T[] {
  return LONG ? cases : cases.filter((_, i) => i % everyNth === 0);
}
