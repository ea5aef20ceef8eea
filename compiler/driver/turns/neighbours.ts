import type { BoardState } from "../../device/board-state.ts";
import { pairUp } from "../../results/compare/pair-up.ts";
import { medianOf } from "../../results/median.ts";
import { type Block, clockOf, isSameClock } from "../../results/steadiness/block.ts";
import { type BenchBlock, blockOf } from "../run/bench-block.ts";
import type { NetworkProgram } from "../run/network-program.ts";
import type { PairTimes } from "./time-pairs.ts";

/** What times are of: a layer, or the whole network. */
export interface Compared {
  /** Absent: the whole network. */
  readonly layer?: string;
  readonly op?: string;
  /** Equal C, flags and instruction set; of a layer. */
  readonly sameKernel?: boolean;
}

/** Of a pair of processes: nanoseconds of the one program, and how many times as many the other takes. */
export interface PairRatio {
  readonly base: number;
  readonly ratio: number;
}

/** Two processes, one of each program, as a block whose time is their ratio: what did not count of one spoils it. */
export interface Neighbours extends Block {
  readonly whole: PairRatio;
  readonly layers: readonly (Compared & { readonly times: PairRatio })[];
  readonly onlyBase: readonly string[];
  readonly onlyNow: readonly string[];
}

/** Programs that took turns, and the board's states around that. */
export interface TurnsTaken {
  readonly programs: readonly [base: NetworkProgram, now: NetworkProgram];
  readonly threads: number;
  readonly before: BoardState | undefined;
  readonly after: BoardState | undefined;
}

export function neighbours(times: PairTimes, { programs, threads, before, after }: TurnsTaken): Neighbours {
  const [base, now] = times.map((time) => blockOf(time, { threads }, before, after));
  const { pairs, onlyBase, onlyNow } = pairUp(layersOf(programs[0], base), layersOf(programs[1], now));
  const whole = ratioOf(base.ns, now.ns);
  return {
    ...both(base, now),
    ns: [whole.ratio],
    whole,
    layers: pairs.map((pair) => ({
      layer: pair.label,
      op: pair.now.op,
      sameKernel: pair.base.kernel === pair.now.kernel,
      times: ratioOf(pair.base.ns, pair.now.ns),
    })),
    onlyBase,
    onlyNow,
  };
}

/** Each burst beside the one that followed or preceded it. A layer that is done in less than the clock tells is as fast in both. */
function ratioOf(base: readonly number[], now: readonly number[]): PairRatio {
  return { base: medianOf(base), ratio: medianOf(base.map((ns, i) => (ns > 0 ? now[i] / ns : 1))) };
}

function layersOf({ metadata }: NetworkProgram, { layers }: BenchBlock) {
  return metadata.layers.flatMap(({ name, op, kernel }, i) => {
    const ns = layers.get(i);
    return ns === undefined ? [] : [{ name, op, kernel, ns }];
  });
}

/** What went on beside two processes. A clock that is slow for both makes no ratio. */
function both(a: BenchBlock, b: BenchBlock): Omit<Block, "ns"> {
  const { threads, throttling } = a;
  const machineNs =
    a.machineNs === undefined || b.machineNs === undefined ? undefined : a.machineNs + b.machineNs;
  return {
    reference: [],
    ...(!isSameClock(clockOf(a), clockOf(b)) && { spoilt: "slower clock" as const }),
    ...{ cycles: a.cycles, threads, machineNs },
    ...{ wallNs: a.wallNs + b.wallNs, processNs: a.processNs + b.processNs },
    ...(throttling !== undefined && { throttling }),
  };
}
