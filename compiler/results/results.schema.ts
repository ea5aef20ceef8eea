import { z } from "zod";
import { EXIT_KINDS } from "../support/exit-codes.ts";

/** A file may come from somebody else: names that fit a line, amounts that add up. Fields of later versions are passed over. */
const name = z.string().max(10_000);
const amount = z.number().min(0);
const count = z.int().min(0);
/** JSON has neither infinities nor NaN: they are words. */
const number = z.union([z.number(), z.enum(["NaN", "Infinity", "-Infinity"])]);

/** What was found of a network or of one of its steps; absent: not looked at. Each figure is of one kind, and kinds are never compared. */
export const figuresSchema = z.object({
  /** Executed under qemu in one inference: exact. */
  instructions: amount.optional(),
  /** Of the core's model in one inference after another: exact, no time of a board. */
  cycles: amount.optional(),
  /** Nanoseconds of each run, in order, as the case's `timing` says: a board's, or an emulator's. */
  ns: z.array(amount).max(1_000_000).optional(),
  /** Bytes of compiled code, of packed weights, and of the arena. */
  codeBytes: count.optional(),
  weightBytes: count.optional(),
  arenaBytes: count.optional(),
  /** The largest error of an element, in parts of its rounding bound: above 1 it is wrong. */
  ofBound: number.optional(),
});

export const layerSchema = z.object({
  name,
  op: name,
  /** A hash of what it is: equal names are equal C, flags and instruction set. */
  kernel: name,
  schedule: name,
  choice: name,
  macs: amount,
  figures: figuresSchema,
});

const element = z.object({ at: z.array(count), actual: number, wanted: number, bound: number });

/** Where a result first went wrong. */
const failure = z.object({
  tensor: name,
  /** The layer that made it; absent: an output of the network. */
  layer: name.optional(),
  op: name.optional(),
  kernel: name.optional(),
  badCount: count,
  count,
  /** The first bad element in row-major order, and the one that is furthest off. */
  first: element,
  worst: element,
  /** How many elements are off by up to 1, 10, 100, ... times their bound; the last holds all beyond, and what is no number. */
  histogram: z.array(count).max(20),
  /** The first step, pass or flag after which it is wrong, in words. */
  culprit: name.optional(),
  /** The smallest layer that was found to fail, too, as a suite takes it. */
  smallest: name.optional(),
  /** A C file that shows the difference. */
  reproducer: name.optional(),
});

/** One comparison: with which inputs, on how many threads, against what. */
const check = z.object({
  inputs: name,
  threads: z.int().min(1),
  reference: name,
  ok: z.boolean(),
  ofBound: number,
  /** Values that may have overflowed or not, which were not compared, and tensors of nothing else; absent: all were. */
  undecided: z.object({ values: count, of: count, whole: z.array(name) }).optional(),
  failure: failure.optional(),
});

export const caseSchema = z.object({
  /** Names the case in its suite: two files are compared case by case. */
  name,
  model: name,
  modelSha256: name.optional(),
  board: name,
  target: name,
  core: name,
  isa: name,
  timing: z.enum(["measured", "emulated", "unknown"]),
  threads: z.int().min(1),
  /** The C compiler as it says its version; absent where the binary was built elsewhere. */
  compiler: name.optional(),
  /** `unchecked`: only its figures were looked at. */
  verdict: z.enum(["right", "wrong", "error", "unchecked"]),
  /** Of a case that could not be run: its diagnostic. */
  error: z.object({ code: name, exit: z.enum(EXIT_KINDS), text: name }).optional(),
  seconds: amount,
  /** What a board's times are worth, and where the median lies, in nanoseconds; absent where they are not measured in blocks. */
  steadiness: z
    .object({
      verdict: z.enum(["steady", "noisy", "drifting", "throttled"]),
      reasons: z.array(name).max(100),
      median: amount,
      low: amount.optional(),
      high: amount.optional(),
    })
    .optional(),
  checks: z.array(check).max(10_000),
  whole: figuresSchema,
  layers: z.array(layerSchema).max(100_000),
});

/** What a run of a suite found: the file that `test --results` writes, and `compare`, `report` and `history` read. */
export const resultsSchema = z.object({
  format: z.literal("tilewright-results"),
  version: z.literal(1),
  tilewright: z.object({ version: name, build: name.optional() }),
  suite: name,
  /** What the user calls this run, a commit for instance. */
  label: name.optional(),
  /** ISO 8601, UTC; absent where nobody asked for it, so that equal runs are equal files. */
  date: name.optional(),
  cases: z.array(caseSchema).max(100_000),
});
export type Results = z.infer<typeof resultsSchema>;
export type CaseResult = z.infer<typeof caseSchema>;
export type Figures = z.infer<typeof figuresSchema>;
export type Verdict = CaseResult["verdict"];

/** Whether a case says that something is not as it should be. */
export function isBad(verdict: Verdict): boolean {
  return verdict === "wrong" || verdict === "error";
}

export type LayerResult = z.infer<typeof layerSchema>;
export type Check = z.infer<typeof check>;
export type Failure = z.infer<typeof failure>;
