import { z } from "zod";

/** What may stand in file names and C compiler command lines without quotes. */
const plainName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, "letters, digits, `.`, `_` and `-` only");
const compilerFlag = z.string().regex(/^-[A-Za-z0-9=+.,_-]+$/, "a compiler flag, such as -mcpu=cortex-a72");

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
  /** f32 elements of one vector register. */
  lanes: z.int().min(1).max(64),
  /** Architectural vector registers. */
  registers: z.int().min(8),
  /** Of those, how many a schedule's tiles leave to all else; absent: 4. */
  spareRegisters: z.int().min(0).optional(),
  /** Time of a vector operation beside one of the widest vectors of the same machine; absent: 1. */
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
  /** Lines at the top of every kernel file. */
  prelude: z.array(z.string()),
  /** C type of a vector of f32. */
  vectorType: z.string(),
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
    /** The float whose bits are those of $1 moved up by 23 places: 2^n where $1 is 12583039 + n. */
    exponent: z.string(),
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

const cyclesOf = z.int().min(0).max(1000);
const portsOf = z.int().min(1).max(16);
const bytesOf = z.int().min(1).max(64);

/** What the model of a core's cycles (runtime-c/qemu/cycles.c) is told of it; the names are the plugin's options. */
export const coreModelSchema = z.strictObject({
  /** Instructions that begin in a cycle. */
  width: z.int().min(1).max(16),
  /**
   * `width` counts micro-operations: two for a 128-bit vector operation, one for each port cycle of a load or store,
   * one for a base register it changes (out of order only).
   */
  widthInUops: z.boolean(),
  /** Instructions in flight at most; of a core in order: for how long loops are followed. */
  window: z.int().min(1).max(512),
  ports: z.strictObject({
    simd: portsOf,
    load: portsOf,
    store: portsOf,
    integer: portsOf,
    branch: portsOf,
    /** Stores go through the load ports. */
    sharedLoadStore: z.boolean(),
    /** A load or store of more than one cycle lets nothing begin beside it (in order only). */
    wideAlone: z.boolean(),
    /** A 128-bit vector operation begins first in its cycle (in order only). */
    wideFirst: z.boolean(),
  }),
  /** What one port handles in a cycle; `storeSimdBytes`: of a vector store, a vector port besides; 0: none does. */
  bytes: z.strictObject({
    loadBytes: bytesOf,
    storeBytes: bytesOf,
    storeSimdBytes: z.int().min(0).max(64),
    fpBytes: bytesOf,
    simdBytes: bytesOf,
  }),
  /**
   * Cycles until a result can be used; `fmaAccumulate`: by a multiply-accumulate that adds to it; `fdivInterval`: between divisions; `loadVector`: of what
   * one port cycle loads, each further one adds a cycle; `loadPair`: more, for two vectors by one load; `addressAfter`:
   * more, where an integer result is an address.
   */
  latencies: z.strictObject({
    fma: cyclesOf,
    fmaAccumulate: cyclesOf,
    fmul: cyclesOf,
    fadd: cyclesOf,
    fdiv: cyclesOf,
    fdivInterval: cyclesOf,
    vector: cyclesOf,
    toVector: cyclesOf,
    fromVector: cyclesOf,
    loadInteger: cyclesOf,
    loadVector: cyclesOf,
    loadPair: cyclesOf,
    addressAfter: cyclesOf,
    add: cyclesOf,
    multiply: cyclesOf,
  }),
  /** Cycles a load waits beyond a hit in the first cache; `Interval`: cycles between lines that come one after another. */
  caches: z.strictObject({
    l1Ways: z.int().min(1),
    l2Ways: z.int().min(1),
    /** A third cache; 0: there is none, and its other figures mean nothing. */
    l3Bytes: z.int().min(0),
    l3Ways: z.int().min(0),
    lineBytes: z.int().min(16),
    /** Misses of a sequence before its next lines are fetched ahead; 0: none are. */
    prefetchAfter: z.int().min(0),
    /** Sequences followed at a time, how many lines apart the misses of one may be, and whether always as many. */
    prefetchStreams: z.int().min(0).max(32),
    prefetchReach: z.int().min(0),
    prefetchFixed: z.boolean(),
    l2Latency: cyclesOf,
    l2Interval: cyclesOf,
    l3Latency: cyclesOf,
    l3Interval: cyclesOf,
    memoryLatency: cyclesOf,
    memoryInterval: cyclesOf,
    /** Lines fetched ahead or stored that may be on their way while the core goes on. */
    ahead: z.int().min(0).max(64),
    /** Misses that are waited for at a time. */
    overlap: z.int().min(1),
  }),
  /** Where the figures come from, and which of them are estimates. */
  sources: z.strictObject({
    width: z.string(),
    ports: z.string(),
    latencies: z.string(),
    caches: z.string(),
    misses: z.string(),
  }),
});
export type CoreModel = z.infer<typeof coreModelSchema>;

/** A processor core as data (targets/cores/*.json). */
export const coreSchema = z.strictObject({
  $schema: z.string().optional(),
  name: z.string(),
  summary: z.string(),
  /** The name gcc's -mcpu and qemu's -cpu know. */
  mcpu: z.string(),
  /** It has no 64-bit state. */
  only32Bit: z.boolean().optional(),
  inOrder: z.boolean(),
  /** 128-bit fused multiply-adds a cycle. */
  fmaPerCycle: z.number(),
  fmaLatency: z.int(),
  l1dBytes: z.int(),
  l2Bytes: z.int(),
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
  name: plainName,
  summary: z.string(),
  /** Name of a file in targets/isa. */
  isa: plainName,
  /** For the machine at hand: wider instruction sets where its processor has a feature, the widest first. */
  wider: z.array(z.strictObject({ feature: z.string(), isa: plainName })).optional(),
  /** Name of a file in targets/cores; `native` compiles for the machine at hand. */
  core: plainName,
  cores: z.int().min(1),
  /** GNU triple of the cross compiler; absent: the machine's own compiler. */
  triple: plainName.optional(),
  cflags: z.array(compilerFlag),
  /** How binaries for this board are run when named as a `--board`: here, under qemu-user, or only over ssh. */
  run: z.enum(["native", "qemu", "ssh"]),
  /** Highest clock of the core above and peak bandwidth of the memory (10^9 bytes a second), for rooflines only. */
  clockMHz: z.number().positive().optional(),
  memoryGBs: z.number().positive().optional(),
  /** Memory of those that are sold with most, in MiB. */
  ramMiB: z.int().positive().optional(),
  /** Where these come from. */
  figures: z.string().optional(),
});
export type Board = z.infer<typeof boardSchema>;

/** Everything known of what is compiled for. */
export interface Target {
  readonly name: string;
  readonly board: Board;
  readonly isa: Isa;
  /** Instruction sets that a network may be compiled for instead, where their lanes are better filled. */
  readonly narrower?: readonly Isa[];
  readonly core: Core;
}
