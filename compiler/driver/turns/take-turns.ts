import type { Runner } from "../../device/runner.ts";
import { type MedianInterval, medianInterval, medianOf } from "../../results/median.ts";
import { type Certainty, judgeBlocks } from "../../results/steadiness/judge-blocks.ts";
import type { NetworkProgram } from "../run/network-program.ts";
import { type Compared, type Neighbours, neighbours, type TurnRun, timeTurn } from "./neighbours.ts";

export interface TurnOptions extends TurnRun {
  /** Rounds of four runs of a program each, A B B A: at least. */
  readonly rounds: number;
  /** Half the width of the ratio's interval that is small enough, in parts of it; absent: just so many rounds. */
  readonly precision?: number;
  /** Seconds after which it is given up to become sure. */
  readonly budgetSeconds?: number;
  /** Whether nothing more can be learned that is asked for, by what counts so far; needs a precision, and goes before it. */
  readonly isDecided?: (changes: readonly TurnChange[]) => boolean;
  /** How many rounds there are for sure. */
  readonly onRound?: (done: number, total: number) => void;
  /** Seconds of any clock. */
  readonly clock?: () => number;
}

/** A whole network or a layer of both programs, in nanoseconds. */
export interface TurnChange extends Compared {
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
  /** Rounds that were made. */
  readonly rounds: number;
  /** What the ratio of the whole networks is worth; a pair of neighbours is a block. */
  readonly certainty: Certainty;
  /** Rounds ended as all that was asked was decided. */
  readonly decided: boolean;
}

/**
 * Runs two programs in turns, A B B A in each round: what makes the board slower from run to run is once to the one's
 * advantage and once to the other's. Each round gives two ratios of neighbours, of the whole and of each layer of a name, so
 * one disturbed run spoils one ratio. Each run is a process of its own: where its memory happens to lie is noise, too. Neighbours
 * of which one was throttled, or had a slower clock, do not count, and rounds go on until what is asked is decided,
 * the ratio is sure or the budget ends. Throws what running throws.
 */
export async function takeTurns(
  base: NetworkProgram,
  now: NetworkProgram,
  runner: Runner,
  {
    rounds: least,
    precision,
    budgetSeconds = 0,
    isDecided,
    onRound,
    clock = seconds,
    ...options
  }: TurnOptions,
): Promise<Turns> {
  let state = await runner.readState?.();
  const run = async (network: NetworkProgram) => {
    const turn = await timeTurn(network, runner, options, state);
    state = turn.after;
    return turn;
  };
  const began = clock();
  const found: Neighbours[] = [];
  for (let rounds = 1; ; rounds++) {
    const [a, b, c, d] = [await run(base), await run(now), await run(now), await run(base)];
    found.push(neighbours(a, b), neighbours(d, c));
    onRound?.(rounds, Math.max(least, rounds));
    if (rounds < least) continue;
    const { certainty, counted } = judgeBlocks(found, precision ?? Number.POSITIVE_INFINITY);
    const isSure = precision === undefined || certainty.verdict === "steady";
    // Of a board that is throttled all the time its times are all there is.
    const pairs = counted.length > 0 ? counted : found;
    const decided =
      !isSure && certainty.interval !== undefined && isDecided?.(changesOf(pairs).changes) === true;
    if (isSure || decided || clock() - began > budgetSeconds)
      return { ...changesOf(pairs), rounds, certainty, decided };
  }
}

const seconds = (): number => performance.now() / 1e3;

function changesOf(found: readonly Neighbours[]): Pick<Turns, "changes" | "onlyBase" | "onlyNow"> {
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

/** A layer that is done in less than the clock tells is as fast in both. */
function changeOf(all: readonly Neighbours["whole"][]): Pick<TurnChange, "base" | "ratio"> {
  return {
    base: medianOf(all.map(([base]) => base)),
    ratio: medianInterval(all.map(([base, now]) => (base > 0 ? now / base : 1))),
  };
}
