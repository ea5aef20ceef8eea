import { operatorsIn } from "../operators-in.ts";
import { pickOrRows, plain } from "../plain.schedules.ts";
import { resample } from "./resample.kernel.ts";
import { resampleInLanes, resampleRows, resampleRuns } from "./resample.schedules.ts";
import { resampleAxis } from "./resample-axis.kernel.ts";

/** Images of another size. */
export const resamplings = operatorsIn("resample", {
  resample: {
    kernel: resample,
    schedules: { "in-lanes": resampleInLanes, rows: resampleRows, plain },
    pick: pickOrRows,
    macs: (d) => d.N * d.C * d.H * (d.IW * d.KH + d.W * d.KW),
  },
  "resample-axis": {
    kernel: resampleAxis,
    schedules: { runs: resampleRuns, plain },
    pick: () => "runs",
    macs: (d) => d.M * d.K * d.L * d.T,
  },
});
