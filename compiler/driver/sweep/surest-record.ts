import type { SweepRecord } from "../../analyze/sweep-record.ts";
import type { SweepPlace } from "./sweep-setting.ts";

type Judged = Pick<SweepRecord, "verdict" | "interval" | "cost">;

/** The one of some records of a setting to go by. */
export function surest<R extends Judged>([first, ...others]: readonly R[]): R | undefined {
  return first === undefined ? undefined : others.reduce<R>(surer, first);
}

/** Counts are exact, and so many runs were asked for: only what was to become sure may not be. */
export function isSettled(record: Judged, repeats: SweepPlace["repeats"]): boolean {
  if (record.verdict === undefined || typeof repeats === "number") return true;
  return record.verdict === "steady" && widthOf(record) <= 2 * repeats.precision;
}

/** The steady one, else the one known within less; where nothing tells them apart the first. */
export function surer<R extends Judged>(a: R, b: R): R {
  const [first, second] = [a, b].map(({ verdict }) => verdict === "steady");
  return first === second ? (widthOf(b) < widthOf(a) ? b : a) : second ? b : a;
}

/** Of the interval in parts of the cost. */
function widthOf({ interval, cost }: Judged): number {
  return interval === undefined ? Number.POSITIVE_INFINITY : (interval.high - interval.low) / cost;
}
