import { csvLine, csvText } from "../support/csv.ts";
import type { Analysis, LayerAnalysis } from "./analyze-network.ts";

const COLUMNS = [
  "name",
  "op",
  "input",
  "output",
  "kernel",
  "groups",
  "group_size",
  "macs",
  "params",
  "activations",
  "arithmetic_intensity",
  "bytes",
  "share",
  "lanes_used",
  "compute_ms",
  "memory_ms",
  "bound_ms",
  "bound_by",
  "l1_bytes",
  "l2_bytes",
] as const;

/** One line a layer, then the total; shapes as 1x32x112x112, nothing where a column does not apply. */
export function analysisCsv({ layers, total }: Analysis): string {
  const cell = (layer: Partial<LayerAnalysis>, column: (typeof COLUMNS)[number]): string => {
    const value = layer[column];
    return value === undefined ? "" : typeof value === "object" ? value.join("x") : csvText(String(value));
  };
  const rows: readonly Partial<LayerAnalysis>[] = [...layers, { name: "total", ...total, share: 1 }];
  return [COLUMNS, ...rows.map((row) => COLUMNS.map((column) => cell(row, column)))].map(csvLine).join("");
}
