import type { Target } from "../machine/target.schema.ts";
import type { LayerCost } from "./count-network.ts";
import { executedMacs } from "./lanes.ts";

/** The time no program can beat on a board: modelled from its data sheet, never measured. One core, all of the memory. */
export interface Bound {
  readonly compute_ms: number;
  readonly memory_ms: number;
  /** The larger of both. */
  readonly bound_ms: number;
  readonly bound_by: "compute" | "memory";
}

/** A board's two roofs. */
export interface Roofs {
  readonly lanes: number;
  readonly macsPerSecond: number;
  readonly bytesPerSecond: number;
}

/** Undefined where the board's file gives no clock or memory: those of PCs differ too much to be data. */
export function roofsOf({ board, core, isa }: Target): Roofs | undefined {
  const { clockMHz, memoryGBs } = board;
  if (clockMHz === undefined || memoryGBs === undefined) return undefined;
  return {
    lanes: isa.lanes,
    macsPerSecond: clockMHz * 1e6 * core.fmaPerCycle * isa.lanes,
    bytesPerSecond: memoryGBs * 1e9,
  };
}

export function boundOf(layer: LayerCost, { lanes, macsPerSecond, bytesPerSecond }: Roofs): Bound {
  const compute = (1e3 * executedMacs(layer, lanes)) / macsPerSecond;
  const memory = (1e3 * layer.bytes) / bytesPerSecond;
  return {
    compute_ms: compute,
    memory_ms: memory,
    bound_ms: Math.max(compute, memory),
    bound_by: compute >= memory ? "compute" : "memory",
  };
}
