import pLimit from "p-limit";
import type { Kernel } from "../../artifact/kernel.ts";
import { UserError } from "../../support/diagnostic.ts";
import type { KernelCycles } from "../decide/model-kernel.ts";
import { allOf } from "../decide/search-knobs.ts";
import { type BuildPlace, buildRace, compileRace } from "./build-race.ts";
import type { Named } from "./candidate.ts";
import type { Outcome } from "./outcome.ts";
import { type Effort, layerOf, type RunPlace } from "./race-kernels.ts";
import { overBoards, type RaceLayers } from "./spread-layers.ts";
import type { TaskData } from "./task-data.ts";

export type Kernels<K extends Named = Kernel> = readonly [reference: K, ...others: K[]];
/** Told of a kernel, by its number, as soon as it is known what became of it. */
export type Tell = (kernel: number, outcome: Outcome) => void;

/** Finds out what kernels of one task cost. */
export interface Meter<K extends Named = Kernel> {
  /** Whether it builds while something else is measured: then the next batch is proposed before the last one's outcomes are known. */
  readonly ahead: boolean;
  /** Builds what is needed to measure kernels, and measures nothing. */
  prepare(kernels: Kernels<K>, data: () => TaskData, effort: Effort): Promise<Prepared>;
}
/** Kernels that are built. */
export interface Prepared {
  /** Names each kernel's object code, where it has one: what measures elsewhere tells so which are equal. */
  readonly codes?: readonly (string | undefined)[];
  /** Measures some, and the first of all where others need it as their reference. Each of those wanted is told once. */
  measure(wanted: readonly number[], tell: Tell): Promise<void>;
  /** Forgets what was built. */
  drop(): Promise<void>;
}

/** A meter that has nothing to build. */
export function immediateMeter<K extends Named>(
  measure: (kernels: Kernels<K>, effort: Effort) => Promise<readonly Outcome[]>,
): Meter<K> {
  return {
    ahead: false,
    prepare: async (kernels, _, effort) => ({
      measure: async (wanted, tell) => {
        const outcomes = await measure(kernels, effort);
        for (const i of wanted) tell(i, outcomes[i]);
      },
      drop: async () => {},
    }),
  };
}

/** Where a meter builds, and the boards that it measures on: equal ones, if several. */
export type MeterPlace = BuildPlace & {
  readonly boards: readonly RunPlace[];
  readonly notice?: ((text: string) => void) | undefined;
};

/** Times of a board, taken in turns with the reference. */
export function measuredMeter(place: MeterPlace): Meter {
  const raceLayers = overBoards(place.boards, place.notice ?? (() => {}));
  return { ahead: true, prepare: (...asked) => prepareRace(...asked, place, raceLayers) };
}

/** Cycles of a modelled core, of what an emulator of the same core has found right; by a part of the grid of anything that runs. */
export function modelledMeter(place: MeterPlace, cycles: KernelCycles): Meter {
  const limit = pLimit(place.jobs);
  const raceLayers = overBoards(place.boards, place.notice ?? (() => {}));
  const modelled = async (kernel: Kernel, part: number | undefined): Promise<Outcome> => {
    place.signal.throwIfAborted();
    try {
      const cost = { kind: "modelled", cycles: await cycles(kernel, place.signal, part) } as const;
      return { outcome: "ok", cost };
    } catch (error) {
      if (part === undefined || !isRunsFault(error)) throw error;
      return { outcome: "crashed", why: error.diagnostic.title };
    }
  };
  return {
    ahead: false,
    prepare: async (kernels, data, { part }) => {
      const race =
        part === undefined
          ? await prepareRace(kernels, data, CHECK, place, raceLayers)
          : await prepareUnchecked(kernels, place);
      return {
        ...race,
        measure: async (wanted, tell) => {
          const found = new Map<string, Promise<Outcome>>();
          const work: Promise<void>[] = [];
          const model = (i: number, checked: Outcome): void => {
            if (checked.outcome !== "ok") {
              tell(i, checked);
              return;
            }
            const code = checked.sameAs ?? kernels[i].name;
            const cost = found.get(code) ?? limit(() => modelled(kernels[i], part));
            found.set(code, cost);
            const told = cost.then((known) => tell(i, { ...checked, ...known }));
            told.catch(() => {}); // it is waited for below
            work.push(told);
          };
          await race.measure(wanted, model).finally(() => Promise.allSettled(work));
          await allOf(work);
        },
      };
    },
  };
}

const CHECK: Effort = { warmup: 0, repeats: 0 };

function isRunsFault(error: unknown): error is UserError {
  return error instanceof UserError && error.diagnostic.exit === "runFailed";
}

/** Compiles kernels, and tells of each that can be run that it costs nothing. */
async function prepareUnchecked(kernels: Kernels, place: MeterPlace): Promise<Prepared> {
  const { seats, codes } = await compileRace(kernels, place);
  return {
    codes,
    drop: async () => {},
    measure: async (wanted, tell) => {
      for (const i of wanted) {
        const seat = seats[i];
        const cost = { kind: "modelled", cycles: 0 } as const;
        if (seat.kind === "failed") tell(i, seat.outcome);
        else tell(i, { outcome: "ok", cost, ...(seat.kind === "twin" && { sameAs: kernels[seat.of].name }) });
      }
    },
  };
}

async function prepareRace(
  kernels: Kernels,
  data: () => TaskData,
  effort: Effort,
  place: MeterPlace,
  raceLayers: RaceLayers,
): Promise<Prepared> {
  const race = await buildRace(kernels, data(), place);
  const { seats, codes } = race;
  return {
    codes,
    drop: race.remove,
    measure: async (wanted, tell) => {
      /** By layer: the kernels that are told what it is found to be. */
      const told = new Map<number, number[]>();
      for (const i of wanted) {
        const seat = seats[i];
        if (seat.kind === "failed") tell(i, seat.outcome);
        else told.set(layerOf(seats, i), [...(told.get(layerOf(seats, i)) ?? []), i]);
      }
      const first = Math.min(...told.keys());
      const last = Math.max(...told.keys());
      if (told.size === 0) return;
      const share = (layer: number, outcome: Outcome, board: string): void => {
        const code = seats.findIndex((seat) => seat.kind === "runs" && seat.layer === layer);
        const on = place.boards.length > 1 ? { on: board } : {};
        for (const i of told.get(layer) ?? [])
          tell(i, { ...outcome, ...on, ...(i !== code && { sameAs: kernels[code].name }) });
      };
      await raceLayers(race, { first, last }, effort, share);
    },
  };
}
