import { z } from "zod";

const name = z.string().max(10_000);

/** Where a two-part rule holds, and its two parts. */
const rule = z.looseObject({
  /** Learned from files of separate runs, or from two programs run in turns: these vary less. */
  how: z.enum(["files", "turns"]),
  /** The suite's name of the case; of programs run in turns the network's. */
  case: name,
  board: name,
  target: name,
  threads: z.int().min(1),
  /** Of layers the operator; absent: of the whole network. */
  op: name.optional(),
  /** Slower counts where it is by more than both. */
  percent: z.number().min(0),
  nanoseconds: z.number().min(0),
});

/** What `gate calibrate` writes and `compare --rules` reads. */
export const gateRulesSchema = z.looseObject({
  format: z.literal("tilewright-gate-rules"),
  version: z.literal(1),
  /** How many times the largest difference of equal runs each part is. */
  margin: z.number().min(1),
  rules: z.array(rule).max(100_000),
});
export type GateRules = z.infer<typeof gateRulesSchema>;
export type GateRule = z.infer<typeof rule>;
