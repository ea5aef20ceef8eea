import { type EqualMacs, equalMacs, paretoFront } from "./compare-settings.ts";
import { type CostModels, fitCost } from "./fit-cost.ts";
import type { CostKind, Setting, SweepRow } from "./sweep-record.ts";

/** What one column of a sweep (the time on a board, the energy there, a column of a table) says. */
export interface ColumnReport {
  readonly column: string;
  readonly kind: CostKind | "energy";
  readonly unit: "ns" | "instructions" | "mJ";
  readonly costs: readonly ColumnCost[];
  readonly equal_macs: readonly EqualMacs[];
  /** Settings that no other beats in both MACs and cost. */
  readonly pareto: readonly Setting[];
  /** Absent with too few settings. */
  readonly models?: CostModels;
}

export interface ColumnCost extends Pick<SweepRow, "setting" | "cost" | "interval"> {
  readonly per_mac: number;
}

/** `times` (ns, one for each row) when the column is energy and times are known. */
export function reportColumn(
  { column, kind, unit }: Pick<ColumnReport, "column" | "kind" | "unit">,
  rows: readonly SweepRow[],
  times?: readonly number[],
): ColumnReport {
  const models = fitCost(rows, times);
  return {
    column,
    kind,
    unit,
    costs: rows.map(({ setting, cost, macs, interval }) => ({
      ...{ setting, cost, per_mac: cost / macs },
      ...(interval !== undefined && { interval }),
    })),
    equal_macs: equalMacs(rows),
    pareto: paretoFront(rows).map(({ setting }) => setting),
    ...(models !== undefined && { models }),
  };
}
