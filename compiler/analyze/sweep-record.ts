import { z } from "zod";
import type { NetworkCost } from "./count-network.ts";

/** What a layer or network was found to cost: nanoseconds, or executed instructions. The kinds are never compared. */
export const COST_KINDS = ["measured", "emulated", "instructions", "bound"] as const;
export type CostKind = (typeof COST_KINDS)[number];

const setting = z.strictObject({ g: z.int().min(1).optional(), G: z.int().min(1).optional() });

const layer = z.strictObject({
  name: z.string(),
  groups: z.int(),
  group_size: z.int(),
  macs: z.number(),
  params: z.number(),
  activations: z.number(),
  bytes: z.number(),
  /** MACs of the vectors, those on idle lanes included. */
  executed_macs: z.number(),
  /** Whether a setting changes it. */
  variable: z.boolean(),
  cost: z.number(),
});

/** One setting of a network on a board, done: a line of the log. */
const settingRecord = z.strictObject({
  kind: z.literal("setting"),
  /** Content key of the network, the board and how it was measured; a setting under it is not measured again. */
  key: z.string(),
  network: z.string(),
  board: z.string(),
  target: z.string(),
  setting,
  macs: z.number(),
  params: z.number(),
  activations: z.number(),
  arithmetic_intensity: z.number(),
  bytes: z.number(),
  cost_kind: z.enum(COST_KINDS),
  cost: z.number(),
  /** Interquartile range of measured times. */
  spread: z.number().optional(),
  /** Absent: not measured. */
  energy: z
    .strictObject({
      mJ_per_frame: z.number(),
      watts: z.number(),
      sensors: z.array(z.string()),
    })
    .optional(),
  layers: z.array(layer),
});

/** Instructions of one kernel, which layers of several settings share. */
const kernelRecord = z.strictObject({
  kind: z.literal("kernel"),
  target: z.string(),
  kernel: z.string(),
  instructions: z.number(),
});

export const sweepLineSchema = z.discriminatedUnion("kind", [settingRecord, kernelRecord]);
export type SweepLine = z.infer<typeof sweepLineSchema>;
export type SweepRecord = z.infer<typeof settingRecord>;
export type SweepLayer = z.infer<typeof layer>;
export type Setting = z.infer<typeof setting>;

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
}
