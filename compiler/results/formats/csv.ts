import { csvLine, csvText } from "../../support/csv.ts";
import { KINDS } from "../figure-kinds.ts";
import { medianInterval } from "../median.ts";
import type { Results } from "../results.schema.ts";
import { figureRows } from "./figure-rows.ts";

const HEAD = [
  ...["case", "model", "board", "target", "core", "isa", "threads", "verdict"],
  ...["layer", "op", "kernel", "figure", "unit", "value", "low", "high", "samples"],
];

/** A line for each figure; of times the median, and the interval that holds it. */
export function csv(results: Results): string {
  const lines = figureRows(results).flatMap(({ case: found, layer, figures }) => {
    const { name, model, board, target, core, isa, threads, verdict } = found;
    const place = [name, model, board, target, core, isa].map(csvText);
    const what = [layer?.name ?? "", layer?.op ?? "", layer?.kernel ?? ""].map(csvText);
    return [...figures].map(([kind, value]) => [
      ...[...place, String(threads), verdict, ...what, KINDS[kind].title, KINDS[kind].unit],
      ...valueCells(value),
    ]);
  });
  return [HEAD, ...lines].map(csvLine).join("");
}

function valueCells(value: number | readonly number[]): string[] {
  if (typeof value === "number") return [String(value), "", "", "1"];
  const { median, low, high } = medianInterval(value);
  return [median, low, high, value.length].map(String);
}
