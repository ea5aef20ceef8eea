import { z } from "zod";
import { coreModelSchema } from "./core-model.schema.ts";

/** What may stand in file names and C compiler command lines without quotes. */
const plainName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, "letters, digits, `.`, `_` and `-` only");
const compilerFlag = z.string().regex(/^-[A-Za-z0-9=+.,_-]+$/, "a compiler flag, such as -mcpu=cortex-a72");

/** Features that a core may have beyond its instruction set, as gcc's -mcpu names them. */
const feature = z.enum(["fp16", "dotprod", "i8mm"]);
/** A vector of so many numbers of a type, `f16x8`. */
/** Type and number of its elements; then of registers, if there are several, each of which is filled with copies of so many. */
const vectorOf = z
  .string()
  .regex(/^(f32|f16|i8|u8|i32)x[1-9][0-9]*(x[2-9])?$/, "a vector type, such as f16x8");

/** C of one operation on vectors of one type, and what a core needs for it. */
const row = z.strictObject({
  op: z.enum([
    "load",
    /** A load that a C compiler leaves where it is among others of its kind. */
    "loadInOrder",
    "store",
    "splat",
    "add",
    "sub",
    "mul",
    "div",
    "min",
    "max",
    "fma",
    "fms",
    "convert",
    /** Of floats below 2^22 in size to the nearest whole numbers. */
    "convertSmall",
    /** Of two vectors to one of smaller numbers. */
    "narrow",
    "iota",
    "fmaLane",
    "mulLane",
    "exponent",
    "reciprocal",
    /** Of vectors of f32 that are none of its floats; those have their functions by themselves. */
    "roundEven",
  ]),
  /** Of the result; of what is stored. */
  type: vectorOf,
  /** Of what is converted. */
  from: vectorOf.optional(),
  needs: feature.optional(),
  c: z.string(),
});

/** An instruction that does the work of loops, for `tensorize`: its meaning is the body of a kernel whose parameters are `args`. */
const instruction = z.strictObject({
  name: z.string().regex(/^[a-z]\w*$/, "a name"),
  needs: feature.optional(),
  /** The types of its operands: what it writes, then what it reads. */
  args: z.record(z.string().regex(/^[a-z]\w*$/, "a name"), vectorOf),
  means: z.string(),
  /** `$1`, `$2`, ... are its operands, `$first` what `first` gives. */
  c: z.string(),
  /** What it adds to its first operand, in C of a type: on a core in order other instructions begin before that is added. */
  first: z.strictObject({ type: plainName, c: z.string() }).optional(),
});

/** An instruction set as data: how each vector operation is written in C (targets/isa/*.json). */
export const isaSchema = z.strictObject({
  $schema: z.string().optional(),
  name: z.string(),
  summary: z.string(),
  extends: z.string().optional(),
  /**
   * The program of qemu-user that runs programs for it on another machine, and whether cycles can be modelled there: the
   * plugin (runtime-c/qemu) decodes its instructions. Absent: none runs them.
   */
  emulation: z.strictObject({ program: plainName, cycles: z.boolean() }).optional(),
  /** Type of the floats that \`lanes\` counts and \`ops\` are of; absent: f32. */
  float: z.literal("f16").optional(),
  /** The same registers as vectors of f16, for cores that have fp16; absent: there is none. */
  halves: plainName.optional(),
  /** Floats of one vector register. */
  lanes: z.int().min(1).max(64),
  /** Architectural vector registers. */
  registers: z.int().min(8),
  /** The first of them, by whose lanes alone is multiplied; absent: all. */
  laneRegisters: z
    .strictObject({
      count: z.int().min(8),
      /** In C, behind a variable's name: that it is in register \`$number\`. */
      c: z.string(),
    })
    .optional(),
  /** Of those, how many a schedule's tiles leave to all else; absent: 4. */
  spareRegisters: z.int().min(0).optional(),
  /** Time of a vector operation beside one of narrow vectors of the same machine; absent: 1. */
  vectorTime: z.number().positive().optional(),
  /** Bytes from a pointer to the farthest two vectors that one instruction can load; absent if none loads two. */
  pairReach: z.int().min(1).optional(),
  /** Bits of an address; absent: 64. */
  addressBits: z.literal(32).optional(),
  /** Vector loads and stores take no offset, but can move their pointer on to the next vector. */
  postIncrement: z.boolean().optional(),
  /** Letter of inline assembly (GCC, Clang) for a vector register; absent: constants are left to the C compiler. */
  vectorConstraint: z
    .string()
    .regex(/^[a-z]$/)
    .optional(),
  /** `fma` and `fms` always round once; absent: where the hardware and the C compiler like. */
  fused: z.literal(true).optional(),
  /** Lines at the top of every kernel file. */
  prelude: z.array(z.string()),
  /** C type of a whole register of floats. */
  vectorType: z.string(),
  /** C type of an f16 number in memory; absent: there is none, and no kernel has one. */
  halfType: z.string().optional(),
  /**
   * C types of vectors of other types; of one that fills no register the first lanes count. Absent: there are none, and loops
   * over other types stay loops, which the C compiler may make vectors of.
   */
  vectorTypes: z.record(vectorOf, z.string()).optional(),
  /** Operations on those, by signature. */
  rows: z.array(row).optional(),
  /** Instructions that a schedule may ask for by name. */
  instructions: z.array(instruction).optional(),
  /** Functions that rows call, lines of C by name, which begins as no kernel's own does: each is printed where it is used. */
  helpers: z.record(z.string().regex(/^tw_\w+$/), z.array(z.string())).optional(),
  /**
   * C of each operation, `$1`, `$2`, ... its arguments and `$lane` a lane number. An operation without
   * a row is not used: `fmaLane` is optional, the others are not.
   */
  ops: z.strictObject({
    load: z.string(),
    store: z.string(),
    splat: z.string(),
    /** 0, 1, 2, ...: each lane's number. */
    iota: z.string(),
    add: z.string(),
    sub: z.string(),
    mul: z.string(),
    div: z.string(),
    min: z.string(),
    max: z.string(),
    /** Absent: each lane's is taken by itself. */
    sqrt: z.string().optional(),
    /**
     * The float whose bits are those of $1 moved up to where its exponent begins: 2^n where $1 is 12583039 + n (f32, by 23 places), or
     * 1551 + n (f16, by 10).
     */
    exponent: z.string(),
    /** About 1 / $1, right in its first eight binary digits. */
    reciprocal: z.string().optional(),
    /** $1 + $2 * $3, fused where the hardware fuses. */
    fma: z.string(),
    /** $1 - $2 * $3, fused where the hardware fuses. */
    fms: z.string(),
    /** $1 + $2 * $3[$lane]. */
    fmaLane: z.string().optional(),
    /** $1 * $2[$lane]. */
    mulLane: z.string().optional(),
  }),
});
export type Isa = z.infer<typeof isaSchema>;
export type IsaRow = z.infer<typeof row>;
export type Feature = z.infer<typeof feature>;

/** A processor core as data (targets/cores/*.json). */
export const coreSchema = z.strictObject({
  $schema: z.string().optional(),
  name: z.string(),
  summary: z.string(),
  /** The name gcc's -mcpu and qemu's -cpu know. */
  mcpu: z.string(),
  /** Its CPU implementer and part, as /proc/cpuinfo has them: `0x41:0xd08`. */
  midr: z
    .string()
    .regex(/^0x[0-9a-f]{2}:0x[0-9a-f]{3}$/, "implementer and part, such as 0x41:0xd08")
    .optional(),
  /** What it has in 64-bit state beyond Armv8.0; absent: nothing that is asked for. */
  features: z.array(feature).optional(),
  /** It has no 64-bit state. */
  only32Bit: z.boolean().optional(),
  inOrder: z.boolean(),
  /** 128-bit fused multiply-adds a cycle. */
  fmaPerCycle: z.number(),
  fmaLatency: z.int(),
  l1dBytes: z.int(),
  l2Bytes: z.int(),
  /** Whether 1x1 layers ask ahead for weights that come from memory, and for outputs that go there; as measured where they do. */
  asksAhead: z.literal(true).optional(),
  /**
   * Cycles that a load of half a vector takes beside multiply-adds, as far as estimates are concerned: a little, as not each finds one to
   * go beside; more where sources do not agree that it is none. Absent: 0.
   */
  halfLoad: z.number().min(0).max(1).optional(),
  /** The core whose timing llvm-mca is asked for, and what is known of how well that fits; absent: none fits. */
  llvmMca: z.strictObject({ cpu: plainName, note: z.string().optional() }).optional(),
  /** Absent: its cycles cannot be modelled. */
  model: coreModelSchema.optional(),
  source: z.string(),
});
export type Core = z.infer<typeof coreSchema>;

/** A board as data (targets/*.json). */
export const boardSchema = z.strictObject({
  $schema: z.string().optional(),
  /** A board of targets/ that has all that this file does not say. */
  extends: plainName.optional(),
  name: plainName,
  summary: z.string(),
  /** Name of a file in targets/isa. */
  isa: plainName,
  /**
   * For the machine at hand: wider instruction sets where its processor has all of some features, the widest first, and of one width
   * the one that is taken. `avx_vnni` tells processors whose units are 512 bits wide (Sapphire Rapids, Zen 5) from earlier ones.
   */
  wider: z.array(z.strictObject({ features: z.array(z.string()).min(1), isa: plainName })).optional(),
  /** Name of a file in targets/cores; `native` compiles for the machine at hand. */
  core: plainName,
  cores: z.int().min(1),
  /** GNU triple of the cross compiler; absent: the machine's own compiler. */
  triple: plainName.optional(),
  cflags: z.array(compilerFlag),
  /** How binaries for this board are run when named as a `--board`: here, under qemu-user, or only over ssh. */
  run: z.enum(["native", "qemu", "ssh"]),
  /** Names in a device tree's `compatible` by which such boards are known. */
  compatible: z.array(z.string().regex(/^[\w.+-]+,[\w.+-]+$/, "a name such as maker,board")).optional(),
  /** Features that its core has besides those in the core's file. */
  features: z.array(feature).optional(),
  /** Highest clock of the core above and peak bandwidth of the memory (10^9 bytes a second), for rooflines only. */
  clockMHz: z.number().positive().optional(),
  memoryGBs: z.number().positive().optional(),
  /** Memory of those that are sold with most, in MiB. */
  ramMiB: z.int().positive().optional(),
  /** Where these come from. */
  figures: z.string().optional(),
  /**
   * Times of the board from cycles of its core's model: factor * cycles / clock + missNs * misses of the first cache. `within`: how far
   * the worst of the networks is off that this was fitted to, as a part; `leftOut`: how far one that it was not fitted to.
   */
  published: z
    .strictObject({
      factor: z.number().min(1),
      missNs: z.number().min(0),
      within: z.number().positive(),
      leftOut: z.number().positive(),
      source: z.string(),
    })
    .optional(),
});
export type Board = z.infer<typeof boardSchema>;

/** Everything known of what is compiled for. */
export interface Target {
  readonly name: string;
  readonly board: Board;
  readonly isa: Isa;
  /** Instruction sets that a network may be compiled for instead, where their lanes are better filled. */
  readonly narrower?: readonly Isa[];
  /** The instruction set over f16 of the same registers, where the core has one. */
  readonly halves?: Isa;
  readonly core: Core;
}
