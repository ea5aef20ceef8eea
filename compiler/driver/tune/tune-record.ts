import { existsSync } from "node:fs";
import { z } from "zod";
import { CHOSEN_BY } from "../../artifact/kernel.ts";
import { UserError } from "../../support/diagnostic.ts";
import {
  type KeptLines,
  keepLines,
  type LineLog,
  type LogKind,
  openLineLog,
  pruneLines,
  readLineLog,
} from "../../support/line-log.ts";
import { FAULTS, STAGES } from "./outcome.ts";

/** A log may come from somebody else: names that fit a line, amounts that add up. Fields of later versions are kept. */
export const recordName = z.string().max(1000);
export const amount = z.number().min(0);
const option = z.union([z.number(), z.boolean(), z.string().max(1000)]);

/** Between the names of boards that were tuned on together. */
export const BESIDE = " + ";

/** What a cost belongs to beside the kernel: on another board, core or instruction set, or by another compiler, it is another. */
export const tunePlace = z.looseObject({
  board: recordName,
  target: recordName,
  core: recordName,
  isa: recordName,
  threads: z.int().min(1),
  /** Key of the C compiler and its flags. */
  made: recordName,
  kind: z.enum(CHOSEN_BY).exclude(["user"]),
});

/** Content key of the operator, its sizes and how its activations lie; what of that a person reads. */
export const aboutTask = {
  workload: recordName,
  op: recordName,
  dims: z.record(recordName, z.union([z.number(), z.enum(["Infinity", "-Infinity"])])),
};
export const pointFields = { schedule: recordName, knobs: z.record(recordName, option) };

const candidate = {
  version: z.literal(1),
  place: tunePlace,
  ...aboutTask,
  ...pointFields,
  /** What these make, and what it was compared with: names that are keys of their contents. */
  kernel: recordName,
  reference: recordName,
};

/** One candidate, measured once. */
const trial = z.looseObject({
  kind: z.literal("trial"),
  ...candidate,
  stage: z.enum(STAGES),
  outcome: z.enum(["ok", ...FAULTS]),
  /** The kernel of equal object code that was measured in its place. */
  same_as: recordName.optional(),
  /** Which of several boards it was measured on. */
  on: recordName.optional(),
  why: z.string().max(10_000).optional(),
  cycles: amount.optional(),
  /** Nanoseconds of it and of the reference, turn by turn. */
  ns: z.array(amount).max(1_000_000).optional(),
  reference_ns: z.array(amount).max(1_000_000).optional(),
});

/** What a task is best computed by, as far as was tried: the reference, unless another is surely faster. */
const winner = z.looseObject({
  kind: z.literal("winner"),
  ...candidate,
  /** Its cost in parts of the reference's, and where that surely lies. */
  ratio: z.looseObject({ median: amount, low: amount, high: amount }),
  /** Nanoseconds or cycles of the reference. */
  cost: amount,
  trials: z.int().min(0),
  /** Hash of the compiler that made the kernels. */
  build: recordName,
});

/** What a convolution is best computed by, each algorithm with the best kernels that were found for it. */
const algorithm = z.looseObject({
  kind: z.literal("algorithm"),
  version: z.literal(1),
  place: tunePlace,
  /** Content key of the work that each algorithm takes. */
  contest: recordName,
  algorithm: recordName,
  /** Nanoseconds or cycles of each. */
  costs: z.record(recordName, amount),
});

const tuneLineSchema = z.discriminatedUnion("kind", [trial, winner, algorithm]);
export type TuneLine = z.infer<typeof tuneLineSchema>;
export type Trial = z.infer<typeof trial>;
export type Winner = z.infer<typeof winner>;
export type AlgorithmRecord = z.infer<typeof algorithm>;
export type Place = z.infer<typeof tunePlace>;
export type TuneLog = LineLog<TuneLine>;

const kind = (onOdd: (text: string) => void): LogKind<TuneLine> => ({
  schema: tuneLineSchema,
  unusable: (path, why, cause) =>
    new UserError(
      { code: "R151", exit: "usage", title: `the tuning log \`${path}\` cannot be used`, why },
      { cause },
    ),
  foreign: (path) =>
    new UserError({
      code: "R155",
      exit: "usage",
      title: `\`${path}\` is another kind of file than a tuning log`,
      why: "none of its lines is a record of tuning; nothing was written to it",
      help: ["give another file with --log"],
    }),
  // one bad line does not cost the others
  onOdd: (path, line, why) => onOdd(`${path}, line ${line} is left out: ${why}`),
});

/** Opens a tuning log, creating it when there is none. A line that is none is told and left out. Throws R151, R155. */
export function openTuneLog(path: string, notice: (text: string) => void): Promise<TuneLog> {
  return openLineLog(path, kind(notice));
}

/** What is left of a tuning log, lines of later versions among it. Throws R151, R152 for a file that is not there or has none. */
export function keepRecords(
  path: string,
  keep: (lines: readonly TuneLine[]) => readonly TuneLine[],
): Promise<KeptLines<TuneLine>> {
  return keepLines(path, QUIET, keepAny(path, keep));
}

/** Leaves only that in the log itself; a tune may go on writing to it. Throws R151, R152, C302. */
export function pruneRecords(
  path: string,
  keep: (lines: readonly TuneLine[]) => readonly TuneLine[],
): Promise<KeptLines<TuneLine>> {
  return pruneLines(path, QUIET, keepAny(path, keep));
}

const QUIET = kind(() => {});

function keepAny(path: string, keep: (lines: readonly TuneLine[]) => readonly TuneLine[]): typeof keep {
  return (lines) => {
    if (lines.length === 0) throw noRecords(path, existsSync(path));
    return keep(lines);
  };
}

/** The lines of a tuning log. Throws R151, R152 for a file that is not there or has none. */
export async function readTuneLog(
  path: string,
  notice: (text: string) => void,
): Promise<readonly TuneLine[]> {
  const lines = await readLineLog(path, kind(notice));
  if (lines.length > 0) return lines;
  throw noRecords(path, existsSync(path));
}

function noRecords(path: string, found: boolean): UserError {
  return new UserError({
    code: "R152",
    exit: "badInput",
    title: `\`${path}\` holds no records of tuning`,
    why: found ? "it is empty, or is another kind of file" : "it is not there",
    help: ["`tilewright tune MODEL --board BOARD --log FILE` writes such files"],
  });
}
