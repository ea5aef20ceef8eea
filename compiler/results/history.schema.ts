import { z } from "zod";

const name = z.string().max(10_000);
const amount = z.number().min(0);

/** Of one run, each a number: times are medians, errors that are no number are left out. */
const figures = z.looseObject({
  instructions: amount.optional(),
  cycles: amount.optional(),
  ns: amount.optional(),
  codeBytes: amount.optional(),
  weightBytes: amount.optional(),
  arenaBytes: amount.optional(),
  ofBound: amount.optional(),
});

const layer = z.looseObject({ name, kernel: name, figures });

const entry = z.looseObject({
  name,
  board: name,
  target: name,
  core: name,
  isa: name,
  timing: z.enum(["measured", "emulated"]),
  threads: z.int().min(1),
  compiler: name.optional(),
  verdict: z.enum(["right", "wrong", "error"]),
  whole: figures,
  layers: z.array(layer).max(100_000),
});

/** A line of a history: one run of a suite, as small as its figures allow. Fields of later versions are kept. */
export const historyLineSchema = z.looseObject({
  format: z.literal("tilewright-history"),
  version: z.literal(1),
  tilewright: z.looseObject({ version: name, build: name.optional() }),
  suite: name,
  label: name.optional(),
  date: name.optional(),
  cases: z.array(entry).max(100_000),
});
export type HistoryLine = z.infer<typeof historyLineSchema>;
export type HistoryCase = z.infer<typeof entry>;
export type HistoryFigures = z.infer<typeof figures>;
