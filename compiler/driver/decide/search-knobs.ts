import pLimit from "p-limit";
import type { Kernel } from "../../artifact/kernel.ts";
import type { Target } from "../../machine/target.schema.ts";
import type { Choices } from "../../schedule/choose.ts";
import { UserError } from "../../support/diagnostic.ts";
import { stableJson } from "../../support/stable.ts";
import { compileTask, taskKnobs } from "../../task/compile-task.ts";
import type { Task } from "../../task/task.ts";
import { cheapPart } from "./cheap-run.ts";
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
/** What by a part of its grid takes so many times the best is not run whole. */
const NEAR_BY_PART = 1.02;
/** A gain of less than this part leaves the preferred setting: the model is not that exact. */
const WORTH_CHANGING = 0.01;

/**
 * Tries the knobs of a task's schedule one after another, each with the others as found so far, and takes the setting of
 * fewest cycles; those that have none to win by a part of their grid are no candidates. Undefined where there is nothing to choose.
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
  const limit = pLimit(options.jobs);
  let done = 0;
  // what runs in part may run whole later, and the best so far beside each knob
  const kernels = new Map<string, Kernel>();
  const kernelOf = (choices: Choices): Kernel => {
    const key = stableJson(choices);
    const kernel = kernels.get(key) ?? compileTask(task, target, { choices });
    kernels.set(key, kernel);
    return kernel;
  };
  const run = (choices: Choices, part?: number): Promise<Candidate> =>
    limit(async () => {
      options.signal.throwIfAborted();
      const kernel = kernelOf(choices);
      return { choices, choice: kernel.choice, cycles: await options.cycles(kernel, options.signal, part) };
    });
  const whole = async (choices: Choices): Promise<Candidate> => {
    const candidate = await run(choices);
    options.onTrial(++done, total);
    return candidate;
  };
  /** Those that may be better than the best so far. */
  const promising = async (
    settings: readonly Choices[],
    best: Choices,
    part: number,
  ): Promise<readonly Choices[]> => {
    const [of, ...each] = await allOf([best, ...settings].map((choices) => run(choices, part)));
    const least = each.reduce((a, { cycles }) => Math.min(a, cycles), of.cycles);
    const left = settings.filter((_, i) => each[i].cycles <= NEAR_BY_PART * least);
    for (let i = left.length; i < settings.length; i++) options.onTrial(++done, total);
    return left;
  };

  let best: Choices = Object.fromEntries(knobs.map(({ name, options: [first] }) => [name, first]));
  const part = cheapPart(task.op, task.dims);
  const candidates: Candidate[] = [];
  for (const [i, knob] of knobs.entries()) {
    const others = knob.options.slice(1);
    const settings = others.flatMap((o) => togetherWith(best, { [knob.name]: o }, i === 0, kernelOf));
    for (let left = settings.length; left < others.length; left++) options.onTrial(++done, total);
    const preferred = candidates.length === 0 ? [whole(best)] : [];
    const first = part === undefined ? settings : promising(settings, best, part);
    const [left, ...own] = await allOf([first, ...preferred]);
    candidates.push(...own, ...(await allOf(left.map(whole))));
    best = pick(candidates).choices;
  }
  return { chosen: pick(candidates), candidates };
}

/** An option with the best of the other knobs: where it has not all of these, the first knob's with what it prefers of them, or none. */
function togetherWith(
  best: Choices,
  option: Choices,
  first: boolean,
  kernelOf: (choices: Choices) => Kernel,
): readonly Choices[] {
  const found = [{ ...best, ...option }, ...(first ? [option] : [])].find((choices) => {
    try {
      kernelOf(choices);
      return true;
    } catch (error) {
      if (error instanceof UserError && error.diagnostic.code === "S402") return false;
      throw error;
    }
  });
  return found === undefined ? [] : [found];
}

/** The candidate of fewest cycles, the first of equals; the preferred one, which is the first, unless that is worth a change. */
export function pick<C extends { readonly cycles: number }>(candidates: readonly C[]): C {
  const [preferred] = candidates;
  const best = candidates.reduce((a, b) => (b.cycles < a.cycles ? b : a));
  return best.cycles <= preferred.cycles * (1 - WORTH_CHANGING) ? best : preferred;
}

/** Like Promise.all, but nothing is left running when one fails. */
export async function allOf<const T extends readonly unknown[]>(
  work: T,
): Promise<{ -readonly [I in keyof T]: Awaited<T[I]> }> {
  await Promise.allSettled(work);
  return Promise.all(work);
}
