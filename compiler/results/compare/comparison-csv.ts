import { csvLine, csvText } from "../../support/csv.ts";
import { KINDS } from "../figure-kinds.ts";
import { changeRows } from "./change-rows.ts";
import type { Comparison } from "./comparison.ts";

const HEAD = ["case", "layer", "same_kernel", "figure", "unit", "base", "now", "ratio", "change", "p"];

/** A line for each figure that is in both files; `p` of times alone. */
export function comparisonCsv(comparison: Comparison): string {
  const lines = changeRows(comparison).map(({ case: found, layer, change, word }) => [
    csvText(found.name),
    layer === undefined ? "" : csvText(layer.layer),
    layer === undefined ? "" : layer.sameKernel ? "yes" : "no",
    KINDS[change.kind].title,
    KINDS[change.kind].unit,
    ...[change.base, change.now].map(String),
    change.ratio === undefined ? "" : String(change.ratio),
    word,
    change.times === undefined ? "" : String(change.times.p),
  ]);
  return [HEAD, ...lines].map(csvLine).join("");
}
