import pLimit from "p-limit";
import type { Kernel } from "../../artifact/kernel.ts";
import type { KernelCycles } from "../decide/model-kernel.ts";
import { allOf } from "../decide/search-knobs.ts";
import type { Named } from "./candidate.ts";
import type { Outcome } from "./outcome.ts";
import { type Effort, type RacePlace, raceKernels } from "./race-kernels.ts";
import type { TaskData } from "./task-data.ts";

/** Finds out what kernels of one task cost; the first is the reference. */
export interface Meter<K extends Named = Kernel> {
  measure(kernels: readonly [K, ...K[]], data: () => TaskData, effort: Effort): Promise<readonly Outcome[]>;
}

/** Times of a board, taken in turns with the reference. */
export function measuredMeter(place: RacePlace): Meter {
  return {
    measure: (kernels, data, effort) => raceKernels(kernels, data(), place, effort),
  };
}

/** Cycles of a modelled core, of what an emulator of the same core has found right. */
export function modelledMeter(place: RacePlace, cycles: KernelCycles): Meter {
  const limit = pLimit(place.jobs);
  const modelled = async (kernel: Kernel): Promise<Outcome> => {
    place.signal.throwIfAborted();
    return { outcome: "ok", cost: { kind: "modelled", cycles: await cycles(kernel, place.signal) } };
  };
  return {
    measure: async (kernels, data) => {
      const checked = await raceKernels(kernels, data(), place, { warmup: 0, repeats: 0 });
      return allOf(
        checked.map((outcome, i) =>
          outcome.outcome === "ok" ? limit(() => modelled(kernels[i])) : Promise.resolve(outcome),
        ),
      );
    },
  };
}
