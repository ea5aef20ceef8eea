import type { NetworkCost } from "./count-network.ts";
import type { CostKind, Setting, SweepRecord } from "./sweep-line.schema.ts";

export type { CostKind, Setting, SweepLayer, SweepLine, SweepRecord } from "./sweep-line.schema.ts";

/** A setting as the zoo and regroup take it: without undefined. */
export function groupingOf({ g, G }: Setting): { readonly g?: number; readonly G?: number } {
  return { ...(g !== undefined && { g }), ...(G !== undefined && { G }) };
}

/** "G=8" (E2GC, a constant group size) or "g=8" (FgGC, a constant number of groups). */
export function settingText({ g, G }: Setting): string {
  return G !== undefined ? `G=${G}` : g !== undefined ? `g=${g}` : "as it is";
}

export function costUnit(kind: CostKind): "ns" | "instructions" {
  return kind === "instructions" ? "instructions" : "ns";
}

/** What a setting costs, as comparisons, fits and plots take it: from a sweep or from a table. */
export interface SweepRow extends Pick<NetworkCost, "macs" | "params" | "activations" | "bytes"> {
  readonly setting: Setting;
  /** Sum over layers of macs / AI^2: large where some layers reuse what they load much less than others. */
  readonly imbalance: number;
  readonly cost: number;
  /** Where the true cost lies, of measured times. */
  readonly interval?: { readonly low: number; readonly high: number } | undefined;
}

/** Boards over which settings were spread. */
export function boardsOfRecords(records: readonly Pick<SweepRecord, "board">[]): readonly string[] {
  return [...new Set(records.map(({ board }) => board))].sort();
}
