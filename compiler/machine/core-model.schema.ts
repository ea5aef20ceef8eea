import { z } from "zod";

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
   * Cycles of one vector port for 128 bits of integers: of products as wide as what is multiplied or twice as wide, of sums of pairs added to an accumulator
   * (sadalp), of shifts and what narrows; for four elements rounded or made of another type. `ownPorts`: products and conversions are for the first
   * vector port alone, sums of pairs and shifts for the second one (out of order only).
   */
  special: z.strictObject({
    productCycles: portsOf,
    longProductCycles: portsOf,
    pairSumCycles: portsOf,
    shiftCycles: portsOf,
    convertCycles: portsOf,
    ownPorts: z.boolean(),
  }),
  /**
   * Cycles until a result can be used; `fmaAccumulate`, `productAccumulate`: by a multiply-accumulate that adds to it; `fdivInterval`: between divisions; `loadVector`: of what
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
    product: cyclesOf,
    productAccumulate: cyclesOf,
    pairSum: cyclesOf,
    shift: cyclesOf,
    convert: cyclesOf,
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
