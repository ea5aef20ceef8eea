import { type FigureKind, KINDS } from "./figure-kinds.ts";
import { medianOf } from "./median.ts";

const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/** A figure with its unit, for people; of samples the median. */
export function amountText(kind: FigureKind, figure: number | readonly number[]): string {
  const value = typeof figure === "number" ? figure : medianOf(figure);
  switch (KINDS[kind].unit) {
    case "ns":
      return timeText(value);
    case "of its bound":
      return Number.isFinite(value) ? value.toPrecision(3) : "no number";
    default:
      return whole.format(value);
  }
}

/** Nanoseconds in the unit that fits. */
export function timeText(ns: number): string {
  const [scale, unit] = Math.abs(ns) < 1e3 ? [1, "ns"] : Math.abs(ns) < 1e6 ? [1e3, "us"] : [1e6, "ms"];
  return `${(ns / scale).toFixed(scale === 1 ? 0 : 3)} ${unit}`;
}

/** By how much something changed, as `+1.23 %`; "" where a ratio says nothing. */
export function changeText(ratio: number | undefined): string {
  if (ratio === undefined) return "";
  const percent = 100 * (ratio - 1);
  const digits = percent !== 0 && Math.abs(percent) < 0.1 ? 4 : 2;
  return `${percent < 0 ? "" : "+"}${percent.toFixed(digits)} %`;
}
