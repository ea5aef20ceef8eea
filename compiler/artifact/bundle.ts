import { z } from "zod";

const storage = z.strictObject({
  shape: z.array(z.int()),
  halo: z.array(z.strictObject({ before: z.int(), after: z.int() })),
  dims: z.array(
    z.union([
      z.strictObject({ part: z.literal("whole"), dim: z.int() }),
      z.strictObject({ part: z.enum(["outer", "inner"]), dim: z.int(), factor: z.int() }),
    ]),
  ),
});

const port = z.strictObject({
  /** Name of the graph's tensor. */
  name: z.string(),
  shape: z.array(z.int()),
});

/**
 * metadata.json of a bundle: everything a tool needs to run, check and profile the binary.
 * Layer i is the i-th step of one inference.
 */
export const bundleSchema = z.strictObject({
  version: z.literal(1),
  tilewright: z.string(),
  name: z.string(),
  /** The name as a C identifier: prefix of the public functions, name of the program. */
  program: z.string(),
  target: z.string(),
  /** Instruction set of the kernels, as targets/isa names it. */
  isa: z.string(),
  modelSha256: z.string(),
  arenaBytes: z.int(),
  weightBytes: z.int(),
  inputs: z.array(port),
  outputs: z.array(port),
  /** Flags for the C compiler, beside those of single files below. */
  cflags: z.array(z.string()),
  /** C and assembler files of the program, relative to the bundle. */
  sources: z.array(z.strictObject({ file: z.string(), cflags: z.array(z.string()) })),
  layers: z.array(
    z.strictObject({
      name: z.string(),
      op: z.string(),
      kernel: z.string(),
      schedule: z.string(),
      choice: z.string(),
      /** Chosen among several by the model of the target's core; absent: by estimate, or there was no choice. */
      chosen: z.literal("modelled").optional(),
      macs: z.number(),
      /** Of a Winograd kernel: rows of the tensor that it computes, beginning where the layer before ended in one of several parts. */
      rows: z.int().optional(),
      grid: z.int(),
      /** Local arrays of the kernel, on the stack of each thread that runs a part of it. */
      scratchBytes: z.int(),
      /**
       * The tensor written, where it begins in the arena (bytes; -1: a network output), how it lies there
       * and how many bytes that takes. A trace holds these bytes, layer after layer. Absent for a layer
       * that only prepares memory.
       */
      output: z
        .strictObject({
          tensor: z.string(),
          shape: z.array(z.int()),
          arenaOffset: z.int(),
          bytes: z.int(),
          storage,
        })
        .optional(),
    }),
  ),
});
export type BundleMetadata = z.infer<typeof bundleSchema>;
