import { type MedianInterval, medianInterval, medianOf } from "../median.ts";
import { type Block, clockOf, type Exclusion, exclusions } from "./block.ts";
import { trend } from "./trend.ts";

/** What a time is worth. */
export type Verdict = "steady" | "noisy" | "drifting" | "throttled";

export interface Certainty {
  readonly verdict: Verdict;
  /** Why it is not steady, and what did not count. */
  readonly reasons: readonly string[];
  /** Of the blocks' medians: where the true one lies. Absent: of too few blocks nothing is known. */
  readonly interval?: MedianInterval;
  /** Blocks that count, and all that were measured. */
  readonly counted: number;
  readonly blocks: number;
  /** MHz of the clock, by a kernel whose cycles are known. */
  readonly clockMHz?: number;
  /** Cores that other programs kept busy, on average. */
  readonly others?: number;
}

/** An interval of so many medians, from the least to the greatest, holds the true one all but once in 1,000. */
export const LEAST_BLOCKS = 11;
/** Of one core: more of it at work for others shows in the times, on whichever core it is. */
const MOST_OTHERS = 0.5;
/** Part of the blocks with a slower clock: fewer are a look at the clock that was disturbed. */
const MOST_SLOW = 1 / 3;
/** Part of the time that a thread may wait for its core. */
const MOST_WAITING = 0.02;

/**
 * What blocks in the order they were measured say of a time, and which of them count.
 * @param precision half the interval's width that is small enough, in parts of the median
 */
export function judgeBlocks<B extends Block>(
  blocks: readonly B[],
  precision: number,
): { readonly certainty: Certainty; readonly counted: readonly B[] } {
  const why = exclusions(blocks);
  const counted = blocks.filter((_, i) => why[i] === undefined);
  const excluded = (kind: Exclusion): number => why.filter((reason) => reason === kind).length;
  const medians = counted.map(({ ns }) => medianOf(ns));
  const interval = counted.length >= LEAST_BLOCKS ? medianInterval(medians) : undefined;
  const others = othersOf(counted.length > 0 ? counted : blocks);
  const moved = trend(medians);
  const faults = {
    throttled: excluded("throttled") > 0 && interval === undefined,
    drifting:
      (interval === undefined && excluded("slower clock") > MOST_SLOW * blocks.length) ||
      (moved !== undefined && Math.abs(moved) > precision),
    noisy: [...disturbances(counted, others), ...imprecision(counted, interval, precision)],
  };
  const verdict = faults.throttled
    ? "throttled"
    : faults.drifting
      ? "drifting"
      : faults.noisy.length > 0
        ? "noisy"
        : "steady";
  const certainty: Certainty = {
    verdict,
    reasons: [
      ...leftOut(excluded("throttled"), "throttled: too little power, or heat"),
      ...leftOut(excluded("slower clock"), "measured at a slower clock"),
      ...(moved === undefined || verdict === "steady" ? [] : [`times went ${movement(moved)} meanwhile`]),
      ...faults.noisy,
    ],
    ...(interval !== undefined && { interval }),
    counted: counted.length,
    blocks: blocks.length,
    ...clockMHz(counted),
    ...(others !== undefined && { others }),
  };
  return { certainty, counted };
}

function clockMHz(blocks: readonly Block[]): Pick<Certainty, "clockMHz"> {
  const clocks = blocks.filter(({ reference }) => reference.length > 0).map(clockOf);
  return clocks.length === 0 ? {} : { clockMHz: medianOf(clocks) };
}

/** Undefined where a block does not know what the machine did. */
function othersOf(blocks: readonly Block[]): number | undefined {
  let [busy, wall] = [0, 0];
  for (const { machineNs, processNs, wallNs } of blocks) {
    if (machineNs === undefined) return undefined;
    busy += machineNs - processNs;
    wall += wallNs;
  }
  return wall > 0 ? Math.max(0, busy / wall) : undefined;
}

function disturbances(blocks: readonly Block[], others: number | undefined): string[] {
  const alone = blocks.filter(({ threads }) => threads === 1);
  const wall = alone.reduce((sum, { wallNs }) => sum + wallNs, 0);
  const had = alone.reduce((sum, { processNs }) => sum + processNs, 0);
  return [
    ...(others !== undefined && others > MOST_OTHERS
      ? [`other programs kept ${others.toFixed(1)} cores busy`]
      : []),
    ...(wall > 0 && had < (1 - MOST_WAITING) * wall
      ? [`the program had its core for ${((100 * had) / wall).toFixed(0)} % of the time`]
      : []),
  ];
}

function imprecision(
  counted: readonly Block[],
  interval: MedianInterval | undefined,
  precision: number,
): string[] {
  if (interval === undefined) return [`${counted.length} of ${LEAST_BLOCKS} blocks count`];
  const half = halfWidth(interval);
  if (half <= precision) return [];
  return [`it is known within ${(100 * half).toFixed(1)} %, wanted ${(100 * precision).toFixed(1)} %`];
}

/** Half of an interval in parts of its median. */
export function halfWidth({ median, low, high }: MedianInterval): number {
  return median > 0 ? (high - low) / (2 * median) : 0;
}

function leftOut(count: number, what: string): string[] {
  return count === 0 ? [] : [`${count} ${count === 1 ? "block" : "blocks"} not counted (${what})`];
}

function movement(part: number): string {
  return `${part > 0 ? "up" : "down"} by ${(100 * Math.abs(part)).toFixed(1)} %`;
}
