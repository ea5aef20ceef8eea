import { COLUMNS, none, PLAIN } from "../families.ts";
import { operatorsIn } from "../operators-in.ts";
import { plain } from "../plain.schedules.ts";
import { argExtreme } from "./arg-extreme.kernel.ts";
import { cumSum } from "./cum-sum.kernel.ts";
import { det } from "./det.kernel.ts";
import { columnsInLanes, pickColumns, rowPartsInLanes } from "./reduce.schedules.ts";
import { reduceColumns } from "./reduce-columns.kernel.ts";
import { reduceRows } from "./reduce-rows.kernel.ts";

/** What is joined, found or summed along axes. */
export const reductionOperators = operatorsIn("reduce", {
  "reduce-rows": {
    kernel: reduceRows,
    schedules: { "in-lanes": rowPartsInLanes, plain },
    pick: (_, d) => (d.DL > 0 ? "in-lanes" : "plain"),
    macs: none,
  },
  "reduce-columns": {
    kernel: reduceColumns,
    schedules: { "in-lanes": columnsInLanes, plain },
    pick: pickColumns,
    macs: none,
  },
  "arg-extreme": { kernel: argExtreme, ...COLUMNS },
  det: { kernel: det, ...PLAIN },
  "cum-sum": { kernel: cumSum, ...COLUMNS },
});
