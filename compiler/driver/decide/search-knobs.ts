import pLimit from "p-limit";
import type { Kernel } from "../../artifact/kernel.ts";
import type { Target } from "../../machine/target.schema.ts";
import type { Choice, Choices, Option } from "../../schedule/choose.ts";
import { compileTask, taskKnobs } from "../../task/compile-task.ts";
import type { Task } from "../../task/task.ts";
import type { Candidate, Found } from "./found-knobs.ts";
import type { KernelCycles } from "./model-kernel.ts";

export interface SearchOptions {
  readonly cycles: KernelCycles;
  /** Candidates compiled and run at a time. */
  readonly jobs: number;
  readonly signal: AbortSignal;
  readonly onTrial: (done: number, total: number) => void;
}

/** Of the options of a knob, the first so many are tried: the rest is for who has more time. */
const MOST_OPTIONS = 6;
/** A gain of less than this part leaves the preferred setting: the model is not that exact. */
const WORTH_CHANGING = 0.01;

/**
 * Tries the knobs of a task's schedule one after another, each with the others as found so far, and takes the setting of
 * fewest cycles. Undefined where there is nothing to choose.
 */
export async function searchKnobs(
  task: Task,
  target: Target,
  options: SearchOptions,
): Promise<Found | undefined> {
  const knobs = taskKnobs(task, target)
    .map(({ name, options: all }) => ({ name, options: all.slice(0, MOST_OPTIONS) }))
    .filter(({ options: several }) => several.length > 1);
  if (knobs.length === 0) return undefined;
  const total = knobs.reduce((sum, knob) => sum + knob.options.length - 1, 1);
  const compile = (choices: Choices): Kernel => compileTask(task, target, { choices });
  const limit = pLimit(options.jobs);
  let done = 0;
  const tryOne = (choices: Choices): Promise<Candidate> =>
    limit(async () => {
      options.signal.throwIfAborted();
      const kernel = compile(choices);
      const cycles = await options.cycles(kernel, options.signal);
      options.onTrial(++done, total);
      return { choices, choice: kernel.choice, cycles };
    });

  const candidates: Candidate[] = [];
  let best: Choices = Object.fromEntries(knobs.map(({ name, options: [first] }) => [name, first]));
  for (const knob of knobs) {
    const settings = others(knob, candidates.length === 0).map((option) => ({
      ...best,
      [knob.name]: option,
    }));
    candidates.push(...(await allOf(settings.map(tryOne))));
    best = pick(candidates).choices;
  }
  return { chosen: pick(candidates), candidates };
}

/** The options of a knob that are still to be tried. */
function others({ options }: Choice, first: boolean): readonly Option[] {
  return first ? options : options.slice(1);
}

/** The candidate of fewest cycles, the first of equals; the preferred one, which is the first, unless that is worth a change. */
export function pick<C extends { readonly cycles: number }>(candidates: readonly C[]): C {
  const [preferred] = candidates;
  const best = candidates.reduce((a, b) => (b.cycles < a.cycles ? b : a));
  return best.cycles <= preferred.cycles * (1 - WORTH_CHANGING) ? best : preferred;
}

/** Like Promise.all, but nothing is left running when one fails. */
export async function allOf<T>(work: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(work);
  return Promise.all(work);
}
