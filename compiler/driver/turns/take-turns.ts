import type { Runner } from "../../device/runner.ts";
import { pairUp } from "../../results/compare/pair-up.ts";
import { type MedianInterval, medianInterval, medianOf } from "../../results/median.ts";
import { type BenchOptions, type BenchReport, benchNetwork, type LayerReport } from "../run/bench-network.ts";
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
  /** Median of the rounds. */
  readonly base: number;
  /** `now` in parts of `base`, round by round. */
  readonly ratio: MedianInterval;
}

/** What rounds found. */
export interface Turns {
  readonly changes: readonly TurnChange[];
  /** Layers that one program has alone. */
  readonly onlyBase: readonly string[];
  readonly onlyNow: readonly string[];
}

type Times = readonly [base: number, now: number];

interface Round {
  readonly whole: Times;
  readonly layers: readonly (Pick<TurnChange, "layer" | "op" | "sameKernel"> & { readonly times: Times })[];
  readonly onlyBase: readonly string[];
  readonly onlyNow: readonly string[];
}

/**
 * Runs two programs in turns, A B B A in each round: what makes the board slower from run to run adds as much to both.
 * Each round gives one ratio, of the whole and of each layer of a name; each run is a process of its own, so where memory
 * happens to lie counts as noise, too. Throws what running throws.
 */
export async function takeTurns(
  base: NetworkProgram,
  now: NetworkProgram,
  runner: Runner,
  { rounds, onRound, ...options }: TurnOptions,
): Promise<Turns> {
  const found: Round[] = [];
  for (let round = 0; round < rounds; round++) {
    const reports: BenchReport[] = [];
    for (const program of [base, now, now, base]) reports.push(await benchNetwork(program, runner, options));
    found.push(roundOf(reports));
    onRound?.(round + 1, rounds);
  }
  const [{ layers, onlyBase, onlyNow }] = found;
  return {
    changes: [
      changeOf(found.map(({ whole }) => whole)),
      ...layers.map(({ times: _, ...layer }, i) => ({
        ...layer,
        ...changeOf(found.map((round) => round.layers[i].times)),
      })),
    ],
    onlyBase,
    onlyNow,
  };
}

function roundOf([a, b, c, d]: readonly BenchReport[]): Round {
  const middle = (one: LayerReport, other: LayerReport): number =>
    (one.times.median + other.times.median) / 2;
  const { pairs, onlyBase, onlyNow } = pairUp(a.layers, b.layers);
  const second = pairUp(d.layers, c.layers).pairs;
  return {
    whole: [(a.whole.median + d.whole.median) / 2, (b.whole.median + c.whole.median) / 2],
    layers: pairs.map(({ base, now, label }, i) => ({
      layer: label,
      op: now.op,
      sameKernel: base.kernel === now.kernel,
      times: [middle(base, second[i].base), middle(now, second[i].now)],
    })),
    onlyBase,
    onlyNow,
  };
}

/** A layer that is done in less than the clock tells is as fast in both. */
function changeOf(rounds: readonly Times[]): Pick<TurnChange, "base" | "ratio"> {
  return {
    base: medianOf(rounds.map(([base]) => base)),
    ratio: medianInterval(rounds.map(([base, now]) => (base > 0 ? now / base : 1))),
  };
}
