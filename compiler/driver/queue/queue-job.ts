import { z } from "zod";
import { DTYPES } from "../../ir/dtype.ts";
import { parseStorage, physicalSize, type Storage, storageText } from "../../ir/storage.ts";
import { contentKey } from "../../support/stable.ts";
import type { Task } from "../../task/task.ts";
import type { Point } from "../tune/candidate.ts";
import type { Effort } from "../tune/race-kernels.ts";
import { aboutTask, type Place, pointFields, recordName, tunePlace } from "../tune/tune-record.ts";

/** Characters of a job as JSON: a task, and the points of a batch. */
export const LONGEST_JOB = 256 * 1024;
/** Kernels of a job, the reference among them. */
export const MOST_KERNELS = 64;
/** Numbers of all of a task's activations together. */
const MOST_ELEMENTS = 2 ** 26;

const extent = z.int().min(1).max(MOST_ELEMENTS);
/** How a tensor lies in memory, as storageText has it. */
const storage = z
  .strictObject({ shape: z.array(extent).max(8), lies: z.string().max(200) })
  .transform(({ shape, lies }, context): Storage => {
    const storage = parseStorage(lies, shape);
    if (storage !== undefined && physicalSize(storage) <= MOST_ELEMENTS) return storage;
    context.addIssue({ code: "custom", message: "no storage of a moderate size" });
    return z.NEVER;
  });

const jobSchema = z.strictObject({
  version: z.literal(1),
  /** Hash of the compiler that asks: only the same makes the same kernels. */
  build: recordName,
  place: tunePlace,
  task: z.strictObject({
    op: recordName,
    dims: aboutTask.dims,
    storage: z.record(recordName, storage),
    types: z.record(recordName, z.enum(DTYPES)).optional(),
    floats: z.literal("f16").optional(),
    inPlace: recordName.optional(),
  }),
  /** What makes each kernel, and its name, which is a key of its contents; the first is the reference. */
  kernels: z
    .array(z.strictObject({ ...pointFields, kernel: recordName }))
    .min(1)
    .max(MOST_KERNELS),
  /** Those that are to be measured, by number. */
  wanted: z
    .array(
      z
        .int()
        .min(0)
        .max(MOST_KERNELS - 1),
    )
    .min(1)
    .max(MOST_KERNELS),
  effort: z.strictObject({
    warmup: z.int().min(0).max(100),
    repeats: z.int().min(0).max(1000),
    stop: z.number().min(1).max(1_000_000).optional(),
    seconds: z.number().min(1).max(600).optional(),
    part: z.number().gt(0).max(1).optional(),
  }),
});

/** What a worker is asked: to build a task's kernels from their points, and to measure some beside the first. */
export interface QueueJob {
  readonly build: string;
  readonly place: Place;
  readonly task: Task;
  readonly kernels: readonly (Point & { readonly kernel: string })[];
  readonly wanted: readonly number[];
  readonly effort: Effort;
}

/** A job as a queue holds it: plain data. */
export function jobData({ build, place, task, kernels, wanted, effort }: QueueJob): object {
  const dims = Object.entries(task.dims).map(
    ([name, n]) => [name, Number.isFinite(n) ? n : n > 0 ? "Infinity" : "-Infinity"] as const,
  );
  const lying = Object.entries(task.storage).map(
    ([name, storage]) => [name, { shape: storage.shape, lies: storageText(storage) }] as const,
  );
  return {
    version: 1,
    ...{ build, place, kernels, wanted, effort },
    task: { ...task, dims: Object.fromEntries(dims), storage: Object.fromEntries(lying) },
  };
}

/** Names a job by all that it is. */
export function jobKey(data: object): string {
  return contentKey(data).slice(0, 32);
}

/** Reads what somebody put into a queue; a text says why it is no job. */
export function readJob(data: unknown): QueueJob | string {
  const size = JSON.stringify(data)?.length ?? 0;
  if (size > LONGEST_JOB) return `a job of ${size} characters, of at most ${LONGEST_JOB}`;
  const parsed = jobSchema.safeParse(data);
  if (!parsed.success) return `no job: ${z.prettifyError(parsed.error).slice(0, 500)}`;
  const { version: _, task, wanted, effort, ...job } = parsed.data;
  if (new Set(wanted).size < wanted.length || wanted.some((i) => i >= job.kernels.length))
    return "no job: it wants kernels that it does not have";
  const dims = Object.entries(task.dims).map(([name, n]) => [name, Number(n)] as const);
  const { types, floats, inPlace, ...rest } = task;
  const read = {
    ...rest,
    dims: Object.fromEntries(dims),
    ...(types && { types }),
    ...(floats && { floats }),
    ...(inPlace !== undefined && { inPlace }),
  };
  const { stop, seconds, part, ...turns } = effort;
  const limits = {
    ...(stop !== undefined && { stop }),
    ...(seconds !== undefined && { seconds }),
    ...(part !== undefined && { part }),
  };
  return { ...job, wanted, effort: { ...turns, ...limits }, task: read };
}
