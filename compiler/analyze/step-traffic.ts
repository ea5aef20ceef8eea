import type { LoopProc } from "../ir/proc.ts";
import type { Core } from "../machine/target.schema.ts";
import { loopCosts } from "./loop-costs.ts";
import { trafficInto } from "./traffic.ts";

/** Modelled from a kernel's loops and the caches of a core. */
export interface Traffic {
  /** Bytes that the first-level data cache takes in. */
  readonly l1_bytes: number;
  /** Bytes that the second-level cache takes in from memory. */
  readonly l2_bytes: number;
}

/** What a kernel moves, once its schedule is applied. */
export function stepTraffic(scheduled: LoopProc, lanes: number, { l1dBytes, l2Bytes }: Core): Traffic {
  const costs = loopCosts(scheduled, lanes);
  return { l1_bytes: trafficInto(l1dBytes, costs), l2_bytes: trafficInto(l2Bytes, costs) };
}
