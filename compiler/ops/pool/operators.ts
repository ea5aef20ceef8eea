import { none } from "../families.ts";
import { operatorsIn } from "../operators-in.ts";
import { pickByChannels, plain } from "../plain.schedules.ts";
import { avgPool } from "./avg-pool.kernel.ts";
import { globalAvgPool } from "./global-avg-pool.kernel.ts";
import { maxPool } from "./max-pool.kernel.ts";
import { globalPoolInLanes, poolInLanes } from "./pool.schedules.ts";

const POOL = { schedules: { "in-lanes": poolInLanes, plain }, pick: pickByChannels, macs: none } as const;

/** Maxima and means of windows and of whole maps. */
export const pools = operatorsIn("pool", {
  "max-pool": { kernel: maxPool, ...POOL, halves: "computed" },
  "avg-pool": { kernel: avgPool, ...POOL, halves: "stored" },
  "global-avg-pool": {
    kernel: globalAvgPool,
    schedules: { "in-lanes": globalPoolInLanes, plain },
    pick: pickByChannels,
    macs: none,
    halves: "stored",
  },
});
