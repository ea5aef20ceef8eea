import { z } from "zod";

/**
 * What a layer or network was found to cost: nanoseconds, or executed instructions. The kinds are never compared;
 * `modelled` are cycles of the core's model at its clock, `bound` the roofline.
 */
export const COST_KINDS = ["measured", "emulated", "unknown", "instructions", "modelled", "bound"] as const;
export type CostKind = (typeof COST_KINDS)[number];

/** A log may come from somebody else: names that fit a line, amounts that add up. */
const name = z.string().max(1000);
const count = z.int().min(0);
const amount = z.number().min(0);

const setting = z.strictObject({ g: z.int().min(1).optional(), G: z.int().min(1).optional() });

const layer = z.strictObject({
  name,
  groups: count,
  group_size: count,
  macs: amount,
  params: amount,
  activations: amount,
  bytes: amount,
  /** MACs of the vectors, those on idle lanes included. */
  executed_macs: amount,
  /** Whether a setting changes it. */
  variable: z.boolean(),
  cost: amount,
});

/** One setting of a network on a board, done: a line of the log. */
const settingRecord = z.strictObject({
  kind: z.literal("setting"),
  /** Content key of the network, the board, what compiled it and how it was measured; a setting under it is not measured again. */
  key: name,
  network: name,
  board: name,
  target: name,
  setting,
  macs: amount,
  params: amount,
  activations: amount,
  arithmetic_intensity: amount,
  bytes: amount,
  cost_kind: z.enum(COST_KINDS),
  cost: amount,
  /** Interquartile range of measured times. */
  spread: amount.optional(),
  /** Where the true time lies, and what that is worth; absent: it was not judged. */
  interval: z.strictObject({ low: amount, high: amount }).optional(),
  verdict: z.enum(["steady", "noisy", "drifting", "throttled"]).optional(),
  /** Tells the machine from others, whatever it is called. */
  machine: name.optional(),
  /** Absent: not measured. */
  energy: z
    .strictObject({
      mJ_per_frame: amount,
      /** Of the parts of the run with the least power and the most. */
      low_mJ: amount.optional(),
      high_mJ: amount.optional(),
      /** While nothing ran; it is in `watts`. */
      idle_watts: amount.optional(),
      /** Of one core, for reading the sensors. */
      reading_share: amount.optional(),
      watts: amount,
      sensors: z.array(name),
    })
    .optional(),
  layers: z.array(layer).max(100_000),
});

/** C compiler and flags that made a kernel's binary; lines of older logs have none, and are not used. */
const made = name.optional();

/** Instructions of one kernel, which layers of several settings share. */
const kernelRecord = z.strictObject({
  kind: z.literal("kernel"),
  target: name,
  made,
  kernel: name,
  instructions: amount,
});

/** Modelled cycles of one kernel; `core`: content key of the core they were modelled for. */
const cyclesRecord = z.strictObject({
  kind: z.literal("cycles"),
  target: name,
  made,
  core: name,
  kernel: name,
  cycles: amount,
});

export const sweepLineSchema = z.discriminatedUnion("kind", [settingRecord, kernelRecord, cyclesRecord]);
export type SweepLine = z.infer<typeof sweepLineSchema>;
export type SweepRecord = z.infer<typeof settingRecord>;
export type SweepLayer = z.infer<typeof layer>;
export type Setting = z.infer<typeof setting>;
