import { z } from "zod";
import { isCompilerFlag } from "./compiler-flag.ts";
import { INTENTS } from "./intent.ts";
import { CHOSEN_BY } from "./kernel.ts";

/** C and assembler files, in the folders that a bundle has. */
const source = z
  .string()
  .regex(/^(src|src\/kernels|runtime)\/\w[\w.-]{0,249}\.[cS]$/, "no source file of a bundle");
/** Names of a model are as long as somebody wrote them. */
const name = z.string().max(10_000);
/** Bytes, elements, parts. */
const count = z.int().min(0);
const shape = z
  .array(count)
  .max(32)
  .refine((dims) => dims.reduce((a, b) => a * b, 1) <= 2 ** 40, "more elements than any tensor has");
const cflags = z.array(z.string().refine(isCompilerFlag, "no flag of a bundle")).max(100);

/** What kernels ask of the C compiler; absent where they ask nothing, and in bundles of before it was told so. */
const intents = z.array(z.enum(INTENTS)).max(INTENTS.length).optional();

const storage = z.strictObject({
  shape,
  halo: z.array(z.strictObject({ before: z.int(), after: z.int() })).max(32),
  dims: z
    .array(
      z.union([
        z.strictObject({ part: z.literal("whole"), dim: count }),
        z.strictObject({ part: z.enum(["outer", "inner"]), dim: count, factor: z.int().min(1) }),
        z.strictObject({ part: z.literal("middle"), dim: count, factor: z.int().min(1), by: z.int().min(1) }),
      ]),
    )
    .max(64),
});

const port = z.strictObject({
  /** Name of the graph's tensor. */
  name,
  shape,
  /** What it holds; absent: f32. */
  dtype: z.enum(["f16", "f64", "i8", "u8", "i16", "u16", "i32", "u32", "i64", "u64", "bool"]).optional(),
  /** Along this axis only the first rows are used, as many as the network finds; others are -1, or NaN among floats. */
  rows: z.int().min(0).optional(),
});

/**
 * metadata.json of a bundle: everything a tool needs to run, check and profile the binary.
 * Layer i is the i-th step of one inference.
 */
export const bundleSchema = z.strictObject({
  version: z.literal(1),
  tilewright: name,
  /** Hash of the compiler that made it; absent in bundles of before it was told. */
  build: name.optional(),
  name,
  /** The name as a C identifier: prefix of the public functions, name of the program. */
  program: z.string().regex(/^[A-Za-z_]\w{0,199}$/, "no name of a program"),
  target: name,
  /** Instruction set of the kernels, as targets/isa names it. */
  isa: name,
  modelSha256: name,
  arenaBytes: count,
  weightBytes: count,
  inputs: z.array(port),
  outputs: z.array(port),
  /** Flags for the C compiler, beside those of single files below. */
  cflags,
  /** C and assembler files of the program, relative to the bundle. */
  sources: z.array(z.strictObject({ file: source, intents, cflags })),
  layers: z.array(
    z.strictObject({
      name,
      op: name,
      kernel: name,
      schedule: name,
      choice: name,
      /** Chosen among several by the model of the target's core, or by a person; absent: by estimate, or there was no choice. */
      chosen: z.enum(CHOSEN_BY).optional(),
      macs: z.number().min(0),
      /** Of a Winograd kernel: rows of the tensor that it computes, beginning where the layer before ended in one of several parts. */
      rows: count.optional(),
      /** Set where it computes in f16 or rounds to it, whatever tensor it writes. */
      floats: z.literal("f16").optional(),
      grid: count,
      /** Where steps end in a block of its chunks, which threads share one step after the other; absent: all may run at once. */
      steps: z.array(count).optional(),
      /** Local arrays of the kernel, on the stack of each thread that runs a part of it. */
      scratchBytes: count,
      /**
       * The tensor written, where it begins in the arena (bytes; -1: a network output), how it lies there
       * and how many bytes that takes. A trace holds these bytes, layer after layer. Absent for a layer
       * that only prepares memory.
       */
      output: z
        .strictObject({
          tensor: name,
          shape,
          arenaOffset: z.int().min(-1),
          bytes: count,
          storage,
          /** Of its numbers; absent: f32. */
          dtype: z.enum(["f16", "i8"]).optional(),
          /** What numbers of i8 stand for: scale * (number - zeroPoint). */
          quantized: z.strictObject({ scale: z.number(), zeroPoint: z.int() }).optional(),
        })
        .optional(),
    }),
  ),
});
export type BundleMetadata = z.infer<typeof bundleSchema>;
