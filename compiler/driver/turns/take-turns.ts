import type { Runner } from "../../device/runner.ts";
import { type MedianInterval, medianInterval, medianOf } from "../../results/median.ts";
import { type Certainty, halfWidth, judgeBlocks } from "../../results/steadiness/judge-blocks.ts";
import type { NetworkProgram } from "../run/network-program.ts";
import { type Compared, type Neighbours, neighbours, type PairRatio } from "./neighbours.ts";
import { type TurnRun, timePairs } from "./time-pairs.ts";

export interface TurnOptions extends TurnRun {
  /** Rounds of two pairs of processes, one of each program: at least. */
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
  /** Median of all pairs. */
  readonly base: number;
  /** `now` in parts of `base`, pair by pair. */
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
 * Runs two programs in turns, of a few milliseconds each, by pairs of processes; who goes first changes from pair to pair. Each
 * pair gives one ratio of the whole and of each layer of a name, so what disturbs one turn spoils one ratio at most. Where a
 * process's memory happens to lie is noise, too: processes are many, and short. Pairs that were throttled, or of which
 * one had a slower clock, do not count, and rounds go on until what is asked is decided, the ratio is sure or the budget ends.
 * Throws R198 and what running throws.
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
  let before = await runner.readState?.();
  const began = clock();
  const found: Neighbours[] = [];
  for (let rounds = 1; ; rounds++) {
    const pairs = await timePairs([base.program, now.program], runner, options);
    const after = await runner.readState?.();
    const taken = { programs: [base, now], threads: options.threads, before, after } as const;
    found.push(...pairs.map((pair) => neighbours(pair, taken)));
    before = after;
    onRound?.(rounds, Math.max(least, rounds));
    if (rounds < least) continue;
    const { certainty, counted } = judgeBlocks(found, precision ?? Number.POSITIVE_INFINITY);
    const isSure = precision === undefined || isKnown(certainty, precision);
    // Of a board that is throttled all the time its times are all there is.
    const all = counted.length > 0 ? counted : found;
    const decided =
      !isSure && certainty.interval !== undefined && isDecided?.(changesOf(all).changes) === true;
    if (isSure || decided || clock() - began > budgetSeconds)
      return { ...changesOf(all), rounds, certainty, decided };
  }
}

/** What other programs do makes a ratio no less sure than its interval says. */
function isKnown({ verdict, interval }: Certainty, precision: number): boolean {
  if (verdict !== "noisy") return verdict === "steady";
  return interval !== undefined && halfWidth(interval) <= precision;
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

function changeOf(all: readonly PairRatio[]): Pick<TurnChange, "base" | "ratio"> {
  return {
    base: medianOf(all.map(({ base }) => base)),
    ratio: medianInterval(all.map(({ ratio }) => ratio)),
  };
}
