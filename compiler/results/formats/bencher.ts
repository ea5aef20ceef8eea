import type { FigureKind } from "../figure-kinds.ts";
import { medianInterval } from "../median.ts";
import type { Results } from "../results.schema.ts";
import { figureRows } from "./figure-rows.ts";

/** `latency` is Bencher's own measure of nanoseconds; an emulator's are none of a board. */
const MEASURES: Readonly<Record<FigureKind, string>> = {
  instructions: "instructions",
  cycles: "modelled-cycles",
  measuredNs: "latency",
  emulatedNs: "emulated-latency",
  codeBytes: "code-bytes",
  weightBytes: "weight-bytes",
  arenaBytes: "arena-bytes",
  ofBound: "error-of-bound",
};

/** Bencher Metric Format: `{ name: { measure: { value, lower_value, upper_value } } }`; the bounds of times are those of their median. */
export function bencher(results: Results): string {
  const rows = figureRows(results).flatMap(({ label, figures }): [string, unknown][] => {
    const measures = [...figures].flatMap(([kind, value]): [string, unknown][] => {
      // JSON has no infinity.
      if (typeof value === "number" && !Number.isFinite(value)) return [];
      return [[MEASURES[kind], metric(value)]];
    });
    return measures.length === 0 ? [] : [[label, Object.fromEntries(measures)]];
  });
  return `${JSON.stringify(Object.fromEntries(rows), null, 2)}\n`;
}

function metric(value: number | readonly number[]): Readonly<Record<string, number>> {
  if (typeof value === "number") return { value };
  const { median, low, high } = medianInterval(value);
  return { value: median, lower_value: low, upper_value: high };
}
