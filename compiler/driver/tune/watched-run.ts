import { setTimeout as sleep } from "node:timers/promises";
import { stateOfCores } from "../../device/board-cores.ts";
import type { BoardState } from "../../device/board-state.ts";
import { wasThrottled } from "../../results/steadiness/block.ts";
import { coolDown } from "../run/cool-down.ts";
import type { BuiltRace } from "./build-race.ts";
import type { Failed, Outcome } from "./outcome.ts";
import { type Effort, type RunPlace, runLayers } from "./race-kernels.ts";

/** Layers in a run between two looks at the board. */
const IN_A_RUN = 4;
/** Runs of the same layers; what is throttled in each is left. */
const MOST_RUNS = 4;
/** A clock that may reach less of what it might before: heat or a power mode took the rest. */
const SAME_LIMIT = 0.97;

/**
 * Races some of a program's layers, a few at a time where the board tells of heat: times beside which it was throttled do not
 * count and are taken again. What is throttled each time is told so. Throws what `runLayers` throws.
 */
export async function runWatched(
  race: BuiltRace,
  first: number,
  last: number,
  place: RunPlace,
  effort: Effort,
  tell: (layer: number, outcome: Outcome) => void,
): Promise<void> {
  const { runner, watch = {}, cores, signal } = place;
  const look = async (): Promise<BoardState | undefined> => {
    if (effort.repeats === 0 || runner.timing === "emulated") return undefined;
    const state = await runner.readState?.();
    if (state !== undefined) watch.onState?.(runner.board, state);
    return state;
  };
  for (let from = first; from <= last; ) {
    await coolDown(runner, cores, { coolDownC: watch.coolDownC, signal, say: watch.onWait });
    const before = await look();
    if (before === undefined || !tellsHeat(before)) {
      await runLayers(race, from, last, place, effort, tell);
      return;
    }
    const to = Math.min(last, from + IN_A_RUN - 1);
    await runUnthrottled(race, { from, to, before, look }, place, effort, tell);
    from = to + 1;
  }
}

interface Looking {
  readonly from: number;
  readonly to: number;
  readonly before: BoardState;
  readonly look: () => Promise<BoardState | undefined>;
}

async function runUnthrottled(
  race: BuiltRace,
  { from, to, before, look }: Looking,
  place: RunPlace,
  effort: Effort,
  tell: (layer: number, outcome: Outcome) => void,
): Promise<void> {
  const { runner, watch = {}, signal } = place;
  const faulty = new Set<number>();
  for (let run = 1, was = before; ; run++) {
    /** Times wait until it is known whether they count; faults count however hot it is. */
    const times: [number, Outcome][] = [];
    const hold = (layer: number, outcome: Outcome): void => {
      if (faulty.has(layer)) return;
      if (outcome.outcome === "ok") {
        times.push([layer, outcome]);
        return;
      }
      faulty.add(layer);
      tell(layer, outcome);
    };
    await runLayers(race, from, to, place, effort, hold);
    const after = (await look()) ?? was;
    const why = whyThrottled(was, after, place);
    if (why === undefined || run === MOST_RUNS) {
      for (const [layer, outcome] of times)
        tell(layer, why === undefined ? outcome : { outcome: "throttled", why });
      return;
    }
    watch.onThrottled?.(runner.board, why);
    await sleep(watch.pauseMs ?? 5000 * run, undefined, { signal }).catch(() => {});
    signal.throwIfAborted();
    await coolDown(runner, place.cores, { coolDownC: watch.coolDownC, signal, say: watch.onWait });
    was = (await look()) ?? after;
  }
}

/** MHz that each board was seen to reach at most: less later is heat, or a power mode that somebody changed. */
const full = new WeakMap<RunPlace["runner"], number>();

/** Whether looking again will show anything. */
function tellsHeat(state: BoardState): boolean {
  return state.throttling !== undefined || stateOfCores(state, undefined).limitMHz !== undefined;
}

/** Undefined where nothing held the clock back between two looks, or before. */
function whyThrottled(
  before: BoardState,
  after: BoardState,
  { runner, cores }: RunPlace,
): Failed["why"] | undefined {
  const bits = before.throttling && after.throttling && ([before.throttling, after.throttling] as const);
  if (bits !== undefined && wasThrottled({ throttling: bits }))
    return "its firmware says that the clock was held back: too little power, or heat";
  const [was, is] = [before, after].map((state) => stateOfCores(state, cores).limitMHz ?? 0);
  const most = Math.max(full.get(runner) ?? 0, was, is);
  full.set(runner, most);
  const least = Math.min(was, is);
  return least < SAME_LIMIT * most ? `the clock may reach ${least} MHz, ${most} before` : undefined;
}
