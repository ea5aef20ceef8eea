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

/** The board that all cases are compiled for every day: the kernels of 64-bit Arm are those that most users run. */
const DAILY_BOARD = "qemu-rpi4";
/** One case in so many is compiled for the other boards every day. */
const ELSEWHERE = 6;

/** Cases of a board: all on one, a sample on the others, all of them with `make test-long`. */
export function sampleOn<T>(board: string, cases: readonly T[]): readonly T[] {
  return board === DAILY_BOARD ? cases : sample(cases, ELSEWHERE);
}

/** The same of named cases. */
export function casesOn<T>(board: string, cases: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  return Object.fromEntries(sampleOn(board, Object.entries(cases)));
}
