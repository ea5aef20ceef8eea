import { takesHalfVectors, vectorBytes } from "../../machine/isa-rows.ts";
import type { Target } from "../../machine/target.schema.ts";
import { loadCost } from "../tiles.ts";
import { ESTIMATE } from "./estimate-constants.ts";

/** Vector instructions of a loop, and what else it has. */
export interface Work {
  readonly products: number;
  readonly loads: number;
  readonly stores: number;
  readonly others: number;
  /** Loads of half vectors by whose lanes is multiplied, where a core loads these beside multiply-adds; absent: none. */
  readonly halfLoads?: number;
}

/** Loads of so many vectors by whose lanes is multiplied, whole ones where each vector that is multiplied is used once: of a single pixel. */
export function factorLoads(
  vectors: number,
  target: Target,
  uses = vectors,
): Pick<Work, "loads" | "halfLoads"> {
  return takesHalfVectors(target) && uses > 1 ? { loads: 0, halfLoads: 2 * vectors } : { loads: vectors };
}

/** Cycles of a load of half a vector beside multiply-adds. */
export function halfLoad({ core }: Target): number {
  return core.halfLoad ?? 0;
}

/** What a multiply-add costs more where a core in order waits for its sum: so many go into other sums before the next into it. */
export function waitingForSum(between: number, { core }: Target): number {
  const gap = core.model?.latencies.fmaAccumulate;
  return core.inOrder && gap !== undefined ? Math.max(1, gap / between) : 1;
}

/**
 * Processors of desktops and servers, which are not described, in the time of a multiply-add: they begin two of these in a cycle, as many
 * loads, whether of their own or as operands, one store, and six of all together. Loads alone keep them less busy: measured, 1.05.
 */
const USUAL = { load: 1.05, store: 2, any: 1 / 3 };

function usualTime({ products, loads, stores, others }: Work): number {
  const all = products + loads + stores + others;
  const busiest = Math.max(products, loads * USUAL.load, stores * USUAL.store, all * USUAL.any);
  return busiest + ESTIMATE.unhidden * all;
}

/**
 * Time of a loop whose data are at hand: cycles where the core is described, else multiply-adds of a processor without lane operands,
 * or instructions (loads of two vectors by one count half).
 */
export function workCycles(work: Work, target: Target): number {
  const { products, loads, stores, others, halfLoads = 0 } = work;
  const { core, isa } = target;
  const { model } = core;
  if (model === undefined) {
    return isa.ops.fmaLane === undefined
      ? usualTime(work)
      : products + loads * loadCost(target) + stores + others;
  }
  const { ports, bytes, width, widthInUops } = { ...model };
  const vector = vectorBytes(isa);
  const productTime = vector / bytes.fpBytes / ports.simd;
  const loadTime = vector / Math.min(vector, bytes.loadBytes) / ports.load;
  const storeTime = vector / Math.min(vector, bytes.storeBytes) / ports.store;
  const memory = loads * loadTime + stores * storeTime;
  // nothing begins beside a wide load
  if (core.inOrder && ports.wideAlone && vector > bytes.loadBytes)
    return products * productTime + memory + halfLoads * halfLoad(target) + others / width;
  const slots = products * (widthInUops ? 2 : 1) + loads + stores + others;
  const busiest = Math.max(
    products * productTime,
    ports.sharedLoadStore ? memory : Math.max(loads * loadTime, stores * storeTime),
    slots / width,
  );
  return busiest + ESTIMATE.unhidden * (products + loads + stores + others);
}
