import { by, COLUMNS, PLAIN } from "../families.ts";
import { gatherRuns } from "../move/take.schedules.ts";
import { operatorsIn } from "../operators-in.ts";
import { check } from "./check.kernel.ts";
import { gatherAt } from "./gather-at.kernel.ts";
import { nonMax } from "./non-max.kernel.ts";
import { othersInLanes } from "./non-max.schedules.ts";
import { places } from "./places.kernel.ts";
import { scatterAt } from "./scatter-at.kernel.ts";
import { topK } from "./top-k.kernel.ts";
import { usedRows } from "./used-rows.kernel.ts";

/** What looks for elements, counts them, or takes them by computed indices. */
export const selections = operatorsIn("select", {
  check: { kernel: check, ...PLAIN },
  "non-max": { kernel: nonMax, ...by("in-lanes", othersInLanes) },
  places: { kernel: places, ...COLUMNS },
  "used-rows": { kernel: usedRows, ...PLAIN },
  "top-k": { kernel: topK, ...PLAIN },
  "gather-at": { kernel: gatherAt, ...by("runs", gatherRuns) },
  "scatter-at": { kernel: scatterAt, ...PLAIN },
});
