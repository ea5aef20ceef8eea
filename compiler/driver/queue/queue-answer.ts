import { z } from "zod";
import { EXIT_KINDS } from "../../support/exit-codes.ts";
import { type Cost, FAULTS } from "../tune/outcome.ts";
import { amount, recordName } from "../tune/tune-record.ts";
import { answerUnreadable, workRefused } from "./queue-failures.ts";
import { MOST_KERNELS, type QueueJob } from "./queue-job.ts";

const why = z.string().max(10_000);
const times = z.array(amount).max(10_000);

const told = z.strictObject({
  /** Number of the kernel in its job. */
  kernel: z
    .int()
    .min(0)
    .max(MOST_KERNELS - 1),
  outcome: z.union([
    z.strictObject({
      outcome: z.literal("ok"),
      cost: z.discriminatedUnion("kind", [
        z.strictObject({ kind: z.literal("modelled"), cycles: amount }),
        z.strictObject({ kind: z.literal("measured"), ns: times, reference: times }),
      ]),
    }),
    z.strictObject({ outcome: z.enum(FAULTS), why }),
  ]),
});

const answerSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    version: z.literal(1),
    kind: z.literal("told"),
    /** Where they were measured. */
    board: recordName,
    /** What became of kernels; of those that are not among them nothing is known yet. */
    told: z.array(told).min(1).max(MOST_KERNELS),
    /** Names each kernel's object code, where it has one. */
    codes: z.array(z.union([recordName, z.null()])).max(MOST_KERNELS),
  }),
  z.strictObject({
    version: z.literal(1),
    kind: z.literal("failed"),
    code: z.string().regex(/^[FKSLBDCR]\d{3}$/),
    exit: z.enum(EXIT_KINDS),
    title: z.string().max(2000),
    why: why.optional(),
  }),
  /** The job is not one that this worker may do. */
  z.strictObject({ version: z.literal(1), kind: z.literal("refused"), why }),
]);
export type QueueAnswer = z.infer<typeof answerSchema>;
export type ToldAnswer = Extract<QueueAnswer, { kind: "told" }>;

/** What a worker has found of a job, checked: it comes from a stranger. Throws D197 where the worker did not do it, and D198. */
export function readAnswer(
  value: unknown,
  { wanted, kernels }: Pick<QueueJob, "wanted" | "kernels">,
  kind: Cost["kind"],
): ToldAnswer {
  const parsed = answerSchema.safeParse(value);
  if (!parsed.success) throw answerUnreadable(z.prettifyError(parsed.error).slice(0, 500));
  const answer = parsed.data;
  if (answer.kind === "refused") throw workRefused(answer.why);
  if (answer.kind === "failed") {
    const { code, title, why } = answer;
    throw workRefused(`error[${code}]: ${title}${why === undefined ? "" : `\n${why}`}`);
  }
  const numbers = answer.told.map(({ kernel }) => kernel);
  if (new Set(numbers).size < numbers.length || numbers.some((i) => !wanted.includes(i)))
    throw answerUnreadable("it tells of kernels that were not asked for");
  if (answer.codes.length !== kernels.length) throw answerUnreadable("it has codes of other kernels");
  for (const { outcome } of answer.told) if (outcome.outcome === "ok") checkCost(outcome.cost, kind);
  return answer;
}

function checkCost(cost: Cost, kind: Cost["kind"]): void {
  if (cost.kind !== kind) throw answerUnreadable(`its costs are ${cost.kind}, and not ${kind}`);
  if (cost.kind === "measured" && (cost.ns.length === 0 || cost.ns.length !== cost.reference.length))
    throw answerUnreadable("its times are not in turns with the reference's");
}
