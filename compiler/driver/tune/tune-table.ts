import { readFile, stat } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import { z } from "zod";
import { UserError } from "../../support/diagnostic.ts";
import { sha256 } from "../../support/stable.ts";
import { pointText } from "./candidate.ts";
import { FEATURES } from "./features.ts";
import { FAULTS } from "./outcome.ts";
import { aboutTask, amount, type Place, pointFields, recordName, tunePlace } from "./tune-record.ts";

/** A file may come from somebody else. */
const MOST_BYTES = 2 ** 26;
const MOST_TEXT = 2 ** 28;

const point = z
  .strictObject({
    ...pointFields,
    /** Key of what it makes. */
    kernel: recordName,
    /** Characters of its C, what it takes at least by its text alone, and a number for each of the table's features. */
    characters: z.int().min(0),
    draft: amount,
    features: z.array(z.number()),
    /** What it was found to take, or what became of it. */
    cycles: amount.optional(),
    fault: z.enum(FAULTS).optional(),
  })
  .refine(
    ({ cycles, fault }) => (cycles === undefined) !== (fault === undefined),
    "either cycles or a fault",
  );

const task = z.strictObject({
  layer: recordName,
  ...aboutTask,
  /** Kernels of the space that are no points, as they draft far above the least. */
  left_out: z.int().min(0).optional(),
  /** The default first, then as the estimate has them. */
  points: z.array(point).min(1).max(1_000_000),
});

const tableSchema = z.strictObject({
  kind: z.literal("tuning-table"),
  version: z.literal(1),
  place: tunePlace,
  features: z.array(recordName),
  tasks: z.array(task).min(1).max(10_000),
});
export type TuneTable = z.infer<typeof tableSchema>;
export type TableTask = TuneTable["tasks"][number];
export type TablePoint = TableTask["points"][number];

/**
 * Reads a table of recorded results: JSON, compressed by gzip or not. Its place becomes one of its own, which changes with
 * the table, so that nothing found in it serves a board. Throws R156, R157.
 */
export async function readTuneTable(path: string): Promise<TuneTable> {
  const bytes = await bytesOf(path);
  const parsed = tableSchema.safeParse(jsonOf(path, bytes));
  if (!parsed.success) {
    const [{ path: at, message }] = parsed.error.issues;
    throw noTable(path, `${at.join(".") || "the whole file"}: ${message}`);
  }
  const table = parsed.data;
  checkTable(path, table);
  const place: Place = {
    ...table.place,
    board: `table:${path}`,
    made: `table-${sha256(bytes).slice(0, 16)}`,
  };
  return { ...table, place };
}

async function bytesOf(path: string): Promise<Buffer> {
  try {
    const { size } = await stat(path);
    if (size > MOST_BYTES) throw new Error(`it has ${size} bytes, the limit is ${MOST_BYTES}`);
    return await readFile(path);
  } catch (error) {
    throw new UserError(
      {
        code: "R156",
        exit: "badInput",
        title: `the table \`${path}\` cannot be read`,
        why: error instanceof Error ? error.message : String(error),
        help: ["`make tuner-tables` makes those of test/bench/tuner"],
      },
      { cause: error },
    );
  }
}

function jsonOf(path: string, bytes: Buffer): unknown {
  try {
    const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b;
    return JSON.parse(
      (isPacked ? gunzipSync(bytes, { maxOutputLength: MOST_TEXT }) : bytes).toString("utf8"),
    );
  } catch (error) {
    throw noTable(path, error instanceof Error ? error.message : String(error));
  }
}

/** What a schema does not say: features of this version, each point and task once, a default that was right. */
function checkTable(path: string, { features, tasks }: TuneTable): void {
  if (features.join() !== FEATURES.join())
    throw noTable(
      path,
      `its features are ${features.join(", ")}, those of this version ${FEATURES.join(", ")}`,
    );
  const workloads = new Set<string>();
  const costs = new Map<string, number | string | undefined>();
  for (const { layer, workload, points } of tasks) {
    if (workloads.has(workload)) throw noTable(path, `${layer} is there twice`);
    workloads.add(workload);
    const texts = new Set<string>();
    for (const one of points) {
      const text = pointText(one);
      if (texts.has(text)) throw noTable(path, `${layer} has ${text} twice`);
      if (one.features.length !== features.length)
        throw noTable(
          path,
          `${layer}, ${text}: ${one.features.length} numbers for ${features.length} features`,
        );
      texts.add(text);
      const cost = one.cycles ?? one.fault;
      if ((costs.get(one.kernel) ?? cost) !== cost)
        throw noTable(path, `${layer}, ${text}: the kernel ${one.kernel} is there with another cost`);
      costs.set(one.kernel, cost);
    }
    if (points[0].fault !== undefined) throw noTable(path, `the default of ${layer} is ${points[0].fault}`);
  }
}

function noTable(path: string, why: string): UserError {
  return new UserError({
    code: "R157",
    exit: "badInput",
    title: `\`${path}\` is no table of recorded results that this version reads`,
    why,
    help: ["`make tuner-tables` makes those of test/bench/tuner anew"],
  });
}
