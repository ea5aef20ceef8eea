import type { Runner } from "../../device/runner.ts";
import { pairUp } from "../../results/compare/pair-up.ts";
import { type MedianInterval, medianInterval, medianOf } from "../../results/median.ts";
import { type BenchOptions, type BenchReport, benchNetwork } from "../run/bench-network.ts";
import type { NetworkProgram } from "../run/network-program.ts";

export interface TurnOptions extends BenchOptions {
  /** Rounds of four runs of a program each: A B B A. */
  readonly rounds: number;
  readonly onRound?: (done: number, total: number) => void;
}

/** A whole network or a layer of both programs, in nanoseconds. */
export interface TurnChange {
  /** Absent: the whole network. */
  readonly layer?: string;
  readonly op?: string;
  /** Equal C, flags and instruction set; of a layer. */
  readonly sameKernel?: boolean;
  /** Median of all runs. */
  readonly base: number;
  /** `now` in parts of `base`, one of two neighbouring runs after the other. */
  readonly ratio: MedianInterval;
}

/** What rounds found. */
export interface Turns {
  readonly changes: readonly TurnChange[];
  /** Layers that one program has alone. */
  readonly onlyBase: readonly string[];
  readonly onlyNow: readonly string[];
}

/** Of neighbouring runs, the first two of a round or the last two. */
type Times = readonly [base: number, now: number];

interface Neighbours {
  readonly whole: Times;
  readonly layers: readonly (Pick<TurnChange, "layer" | "op" | "sameKernel"> & { readonly times: Times })[];
  readonly onlyBase: readonly string[];
  readonly onlyNow: readonly string[];
}

/**
 * Runs two programs in turns, A B B A in each round: what makes the board slower from run to run is once to the one's
 * advantage and once to the other's. Each round gives two ratios of neighbours, of the whole and of each layer of a name, so
 * one disturbed run spoils one ratio. Each run is a process of its own: where its memory happens to lie is noise, too. Throws
 * what running throws.
 */
export async function takeTurns(
  base: NetworkProgram,
  now: NetworkProgram,
  runner: Runner,
  { rounds, onRound, ...options }: TurnOptions,
): Promise<Turns> {
  const run = (program: NetworkProgram): Promise<BenchReport> => benchNetwork(program, runner, options);
  const found: Neighbours[] = [];
  for (let round = 0; round < rounds; round++) {
    const [a, b, c, d] = [await run(base), await run(now), await run(now), await run(base)];
    found.push(neighbours(a, b), neighbours(d, c));
    onRound?.(round + 1, rounds);
  }
  const [{ layers, onlyBase, onlyNow }] = found;
  return {
    changes: [
      changeOf(found.map(({ whole }) => whole)),
      ...layers.map(({ times: _, ...layer }, i) => ({
        ...layer,
        ...changeOf(found.map((two) => two.layers[i].times)),
      })),
    ],
    onlyBase,
    onlyNow,
  };
}

function neighbours(base: BenchReport, now: BenchReport): Neighbours {
  const { pairs, onlyBase, onlyNow } = pairUp(base.layers, now.layers);
  return {
    whole: [base.whole.median, now.whole.median],
    layers: pairs.map((pair) => ({
      layer: pair.label,
      op: pair.now.op,
      sameKernel: pair.base.kernel === pair.now.kernel,
      times: [pair.base.times.median, pair.now.times.median],
    })),
    onlyBase,
    onlyNow,
  };
}

/** A layer that is done in less than the clock tells is as fast in both. */
function changeOf(all: readonly Times[]): Pick<TurnChange, "base" | "ratio"> {
  return {
    base: medianOf(all.map(([base]) => base)),
    ratio: medianInterval(all.map(([base, now]) => (base > 0 ? now / base : 1))),
  };
}
