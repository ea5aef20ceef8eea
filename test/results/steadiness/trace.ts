import type { Block } from "../../../compiler/results/steadiness/block.ts";
import type { Rng } from "../../../compiler/support/rng.ts";

/** A board that measures: what is true of it, and what goes wrong. Times in seconds, of a clock of its own. */
export interface Trace {
  /** Nanoseconds of an inference at the full clock. */
  readonly truth: number;
  /** Standard deviations, in parts: between processes, within one. */
  readonly between: number;
  readonly within: number;
  /** Part of the samples that something else prolongs, up to three times. */
  readonly outliers: number;
  /** Cycles of a slow wander of the clock, in parts of it, with a period of 40 s. */
  readonly wander: number;
  /** Whether it says how fast its clock may be. */
  readonly tellsLimit: boolean;
  /** When the clock is held back: from, to, to which part of it, and whether the firmware says so. */
  readonly episodes: readonly Episode[];
}
export interface Episode {
  readonly from: number;
  readonly to: number;
  readonly clock: number;
  readonly told: boolean;
}
/** A block, and how many of its samples were measured while the clock was held back. */
export interface TracedBlock extends Block {
  readonly heldBack: number;
  readonly told: number;
}

const MHZ = 1800;
const CYCLES = 32768;
/** A block's, as the program measures them. */
const BLOCK_SECONDS = 0.12;
/** Of a process that starts, and of reading the board's state. */
const PAUSE_SECONDS = 0.15;

/**
 * Any trace: 0 to 4 episodes of 0.05 to 4 s in the first 14 s, to 40 to 90 % of the clock, half of them told of by the firmware.
 * Where nothing says how fast the clock may be, a board that starts held back cannot be told from a slow one: there they come later.
 */
export function randomTrace(rng: Rng): Trace {
  const between = (low: number, high: number): number => low + (high - low) * rng.next();
  const tellsLimit = rng.next() < 0.5;
  return {
    tellsLimit,
    truth: 10 ** between(4.5, 7),
    between: between(0.0005, 0.004),
    within: between(0.001, 0.02),
    outliers: between(0, 0.25),
    wander: between(0, 0.005),
    episodes: Array.from({ length: rng.int(5) }, () => {
      const from = between(tellsLimit ? 0 : 0.5, 14);
      return { from, to: from + between(0.05, 4), clock: between(0.4, 0.9), told: rng.next() < 0.5 };
    }),
  };
}

/** The board: measures a block each time it is asked, and tells its time. */
export function tracedBoard(
  trace: Trace,
  rng: Rng,
): { readonly measure: () => Promise<TracedBlock>; readonly now: () => number } {
  let time = 0;
  let since = 0;
  const holding = (): Episode | undefined => trace.episodes.find(({ from, to }) => time >= from && time < to);
  const clock = (): number =>
    (holding()?.clock ?? 1) * (1 + trace.wander * Math.sin((2 * Math.PI * time) / 40));
  const firmware = (): { now: number; since: number } => {
    if (trace.episodes.some(({ told, from }) => told && from <= time)) since |= 4;
    return { now: holding()?.told === true ? 4 : 0, since };
  };
  const measure = async (): Promise<TracedBlock> => {
    time += PAUSE_SECONDS;
    const before = firmware();
    const process = 1 + trace.between * rng.normal();
    const [ns, reference]: [number[], number[]] = [[], []];
    let [heldBack, told] = [0, 0];
    const took = (sample: number): number => {
      time += sample / 1e9;
      return sample;
    };
    const began = time;
    let looked = Number.NEGATIVE_INFINITY;
    while (time - began < BLOCK_SECONDS) {
      if (time - looked >= 0.002) {
        reference.push(took((1000 * CYCLES * (1 + 0.001 * Math.abs(rng.normal()))) / (MHZ * clock())));
        looked = time;
      }
      const episode = holding();
      if (episode !== undefined) heldBack++;
      if (episode?.told === true) told++;
      const noise = 1 + trace.within * rng.normal();
      const outlier = rng.next() < trace.outliers ? 1.1 + 1.9 * rng.next() : 1;
      ns.push(took((trace.truth * process * noise * outlier) / clock()));
    }
    const wallNs = 1e9 * (time - began);
    return {
      ...{ ns, reference, cycles: CYCLES, wallNs, processNs: wallNs, machineNs: wallNs, threads: 1 },
      throttling: [before, firmware()],
      ...(trace.tellsLimit && { limitMHz: MHZ }),
      ...{ heldBack, told },
    };
  };
  return { measure, now: () => time };
}
