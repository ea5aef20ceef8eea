import { z } from "zod";

/**
 * What a layer or network was found to cost: nanoseconds, or executed instructions. The kinds are never compared;
 * `modelled` are cycles of the core's model at its clock, `bound` the roofline.
 */
export const COST_KINDS = ["measured", "emulated", "instructions", "modelled", "bound"] as const;
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

/** Modelled cycles of one kernel; `core`: content key of the core they were modelled for. */
const cyclesRecord = z.strictObject({
  kind: z.literal("cycles"),
  target: z.string(),
  core: z.string(),
  kernel: z.string(),
  cycles: z.number(),
});

export const sweepLineSchema = z.discriminatedUnion("kind", [settingRecord, kernelRecord, cyclesRecord]);
export type SweepLine = z.infer<typeof sweepLineSchema>;
export type SweepRecord = z.infer<typeof settingRecord>;
export type SweepLayer = z.infer<typeof layer>;
export type Setting = z.infer<typeof setting>;
