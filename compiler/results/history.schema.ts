import { z } from "zod";
import { caseSchema, figuresSchema, layerSchema, resultsSchema } from "./results.schema.ts";

const amount = z.number().min(0);

/** Of one run, each a number: times are medians, errors that are no number are left out. */
const figures = figuresSchema.extend({ ns: amount.optional(), ofBound: amount.optional() }).loose();

const layer = layerSchema.pick({ name: true, kernel: true }).extend({ figures }).loose();

const entry = caseSchema
  .pick({
    ...{ name: true, board: true, target: true, core: true, isa: true, timing: true, threads: true },
    ...{ compiler: true, verdict: true },
  })
  .extend({ whole: figures, layers: z.array(layer).max(100_000) })
  .loose();

/** A line of a history: one run of a suite, as small as its figures allow. Fields of later versions are kept. */
export const historyLineSchema = resultsSchema
  .extend({
    format: z.literal("tilewright-history"),
    tilewright: resultsSchema.shape.tilewright.loose(),
    cases: z.array(entry).max(100_000),
  })
  .loose();
export type HistoryLine = z.infer<typeof historyLineSchema>;
export type HistoryCase = z.infer<typeof entry>;
export type HistoryFigures = z.infer<typeof figures>;
