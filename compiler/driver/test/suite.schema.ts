import { z } from "zod";
import { ACTIVATION_NAMES } from "../../ops/activation/activations.ts";
import { NUMERICS } from "../../ops/numerics.ts";
import { INPUT_KINDS, MEASURES, MOST_THREADS, MOST_TOLERANCE, REFERENCES } from "./suite-words.ts";

const text = z.string().min(1).max(1000);
const extent = z
  .int()
  .min(1)
  .max(2 ** 20);
const pair = z.union([extent, z.tuple([extent, extent])]);

/** One convolution with random weights. */
const layer = z.strictObject({
  name: text.optional().describe("what results call it; default: its sizes"),
  n: extent.default(1).describe("images"),
  ic: extent.describe("input channels"),
  oc: extent.describe("output channels"),
  ih: extent.describe("input rows"),
  iw: extent.describe("input columns"),
  kh: extent.default(1).describe("kernel rows"),
  kw: extent.default(1).describe("kernel columns"),
  stride: pair.default(1),
  pad: z.int().min(0).max(1024).default(0).describe("on every side"),
  dilation: pair.default(1),
  groups: extent.default(1),
  bias: z.boolean().default(true),
  activation: z.enum(["none", "relu", ...ACTIVATION_NAMES]).default("none"),
  residual: z.boolean().default(false).describe("a second input is added to the result"),
  /** Rows of tables of layers say these as well. */
  oh: extent.optional(),
  ow: extent.optional(),
  macs: z.number().optional(),
  source: z.string().max(1000).optional(),
});

const numbers = z.union([z.number(), z.array(z.number()).min(1).max(1000)]);

/** As the options `--input-u8`, `--input-layout`, ... of `compile` say it. */
const frames = z.strictObject({
  u8: z.boolean().default(false).describe("bytes, 0 to 255"),
  layout: z.enum(["nchw", "nhwc"]).default("nchw"),
  order: z.enum(["rgb", "bgr"]).default("rgb"),
  size: z.tuple([extent, extent]).optional().describe("rows and columns, where the model has others"),
  mean: numbers.default(0).describe("(x - mean) * scale, one number or one for each channel"),
  scale: numbers.default(1),
});

/** What a case is tried on and compared by; said for the whole suite, or for a case in its place. */
const conditions = {
  boards: z.array(text).min(1).max(100).optional().describe("host, qemu-..., user@host; default: host"),
  target: text.optional().describe("what to compile for, where a board is reached over ssh"),
  threads: z.array(z.int().min(1).max(MOST_THREADS)).min(1).max(16).optional().describe("default: 1 and 4"),
  inputs: z
    .array(z.union([z.enum(INPUT_KINDS), z.strictObject({ files: z.array(text).min(1).max(100) })]))
    .min(1)
    .max(100)
    .optional()
    .describe("default: random, ones and ramp; files as --input takes them"),
  seed: z
    .int()
    .min(0)
    .max(2 ** 31)
    .optional()
    .describe("of random inputs; default 1"),
  references: z
    .array(
      z.union([
        z.enum(REFERENCES),
        z.strictObject({
          golden: text.describe("a folder of `test --write-golden`, or an .npz or .npy file of outputs"),
        }),
        z.strictObject({ bundle: text.describe("a folder of `compile -o`, of the same model") }),
        z.strictObject({ tilewright: text.describe("a checkout or package of another version") }),
      ]),
    )
    .min(1)
    .max(10)
    .optional()
    .describe("default: the kernels run as TypeScript"),
  tolerance: z
    .number()
    .gt(0)
    .max(MOST_TOLERANCE)
    .optional()
    .describe("how many times its rounding bound each value may be off; default 1"),
  measure: z.array(z.enum(MEASURES)).max(2).optional().describe("default: nothing but sizes"),
  numerics: z.enum(NUMERICS).optional(),
  decisions: text.optional().describe("a file of `compile --decisions-out`"),
  records: z.array(text).max(100).optional().describe("logs of `tune`"),
};

const cases = z.array(
  z.union([
    z.strictObject({
      model: text.describe("an ONNX or TensorFlow Lite file, or zoo:NAME"),
      name: text.optional(),
      inputShape: z
        .array(text)
        .max(100)
        .optional()
        .describe("as NAME:N,C,H,W, of inputs the file leaves open"),
      inputValue: z
        .array(text)
        .max(100)
        .optional()
        .describe("as NAME=NUMBER, of inputs that always are the same"),
      frames: frames.optional().describe("pictures as a camera gives them, for the input of images"),
      topK: extent.optional().describe("so many of the greatest scores and their classes for all scores"),
      ...conditions,
    }),
    z.strictObject({ layer, name: text.optional(), ...conditions }),
    z.strictObject({
      layers: text.describe("a JSON file: a list of layers, each as `layer` has it"),
      ...conditions,
    }),
    z.strictObject({
      kernel: text.describe("a file of kernel functions, as `schedule` takes it"),
      kernelFunction: text.optional().describe("where the file exports several"),
      schedule: text.optional().describe("a file of schedule functions"),
      scheduleFunction: text.optional().describe("where the file exports several"),
      name: text.optional(),
      sizes: z.record(text, z.number()).optional().describe("of the kernel's dims"),
      set: z.record(text, z.union([z.number(), z.string().max(1000), z.boolean()])).optional(),
      boards: conditions.boards,
      target: conditions.target,
      threads: conditions.threads,
      seed: conditions.seed,
    }),
  ]),
);

/** A file of test cases, in YAML or JSON. Paths are relative to it. */
export const suiteSchema = z.strictObject({
  $schema: z.string().max(1000).optional(),
  name: text.optional().describe("default: the file's name"),
  ...conditions,
  cases: cases.min(1).max(10_000),
});
export const layersSchema = z.array(layer).min(1).max(10_000);

export type Suite = z.infer<typeof suiteSchema>;
export type SuiteCase = Suite["cases"][number];
export type ModelCase = Extract<SuiteCase, { readonly model: string }>;
export type LayerSizes = z.infer<typeof layer>;
export type Conditions = Pick<Suite, keyof typeof conditions>;
export type InputWish = NonNullable<Conditions["inputs"]>[number];
export type ReferenceWish = NonNullable<Conditions["references"]>[number];
