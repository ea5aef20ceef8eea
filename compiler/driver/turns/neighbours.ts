import type { BoardState } from "../../device/board-state.ts";
import type { Runner } from "../../device/runner.ts";
import { pairUp } from "../../results/compare/pair-up.ts";
import { medianOf } from "../../results/median.ts";
import type { Block } from "../../results/steadiness/block.ts";
import { type BenchBlock, blockOf, timeBlock } from "../run/bench-block.ts";
import type { NetworkProgram } from "../run/network-program.ts";

/** How a program is run when it is its turn. */
export interface TurnRun {
  readonly warmup: number;
  /** Inferences that count. */
  readonly repeats: number;
  readonly threads: number;
  readonly timeoutSeconds: number;
  readonly signal?: AbortSignal;
}

/** What times are of: a layer, or the whole network. */
export interface Compared {
  /** Absent: the whole network. */
  readonly layer?: string;
  readonly op?: string;
  /** Equal C, flags and instruction set; of a layer. */
  readonly sameKernel?: boolean;
}

/** Of neighbouring runs, the first two of a round or the last two. */
type Times = readonly [base: number, now: number];

/** Two runs, one of each program, as a block whose time is their ratio: what did not count of one spoils it. */
export interface Neighbours extends Block {
  readonly whole: Times;
  readonly layers: readonly (Compared & { readonly times: Times })[];
  readonly onlyBase: readonly string[];
  readonly onlyNow: readonly string[];
}

/** One run of a program, and the board's state behind it. */
export interface Turn {
  readonly network: NetworkProgram;
  readonly block: BenchBlock;
  readonly after: BoardState | undefined;
}

/** Runs a program once. Throws what running throws. */
export async function timeTurn(
  network: NetworkProgram,
  runner: Runner,
  options: TurnRun,
  before: BoardState | undefined,
): Promise<Turn> {
  const run = { ...options, layers: true, beside: true };
  const times = await timeBlock(network.program, runner, run);
  const after = await runner.readState?.();
  return { network, block: blockOf(times, run, before, after), after };
}

export function neighbours(base: Turn, now: Turn): Neighbours {
  const { pairs, onlyBase, onlyNow } = pairUp(layersOf(base), layersOf(now));
  const whole: Times = [medianOf(base.block.ns), medianOf(now.block.ns)];
  return {
    ...both(base.block, now.block),
    ns: [whole[0] > 0 ? whole[1] / whole[0] : 1],
    whole,
    layers: pairs.map((pair) => ({
      layer: pair.label,
      op: pair.now.op,
      sameKernel: pair.base.kernel === pair.now.kernel,
      times: [pair.base.median, pair.now.median],
    })),
    onlyBase,
    onlyNow,
  };
}

function layersOf({ network, block }: Turn) {
  return network.metadata.layers.flatMap(({ name, op, kernel }, i) => {
    const ns = block.layers.get(i);
    return ns === undefined ? [] : [{ name, op, kernel, median: medianOf(ns) }];
  });
}

/** What went on beside two runs. */
function both(a: BenchBlock, b: BenchBlock): Omit<Block, "ns"> {
  const limits = [a.limitMHz, b.limitMHz].flatMap((limit) => limit ?? []);
  const machineNs =
    a.machineNs === undefined || b.machineNs === undefined ? undefined : a.machineNs + b.machineNs;
  const throttling = [...(a.throttling ?? []), ...(b.throttling ?? [])];
  const [first, ...others] = throttling;
  return {
    reference: [...a.reference, ...b.reference],
    ...{ cycles: a.cycles, threads: a.threads, machineNs },
    ...{ wallNs: a.wallNs + b.wallNs, processNs: a.processNs + b.processNs },
    ...(limits.length > 0 && { limitMHz: Math.max(...limits) }),
    ...(first !== undefined &&
      others.length > 0 && {
        throttling: [
          first,
          { now: throttling.reduce((bits, { now }) => bits | now, 0), since: others.at(-1)?.since ?? 0 },
        ] as const,
      }),
  };
}
