import { defined } from "../../support/assert.ts";
import { compilerBuild } from "../../support/compiler-build.ts";
import type { Kernels, Meter, Prepared } from "../tune/meter.ts";
import type { Outcome } from "../tune/outcome.ts";
import type { Effort } from "../tune/race-kernels.ts";
import type { Place } from "../tune/tune-record.ts";
import type { AskedKernel } from "./asked-kernel.ts";
import { type QueueJobs, type QueueJobsOptions, queueJobs, waitingForWorkers } from "./queue-jobs.ts";

/** Kernels of a job beside the reference: fewer are spread over more workers, more share a reference. */
const PART = { modelled: 2, measured: 4 } as const;

/**
 * Kernels that are built and measured by whoever serves a queue. A job's name is a key of all that it is: one that was done
 * before is not done again, and doing it twice harms nobody. Throws D194, D195, D197, D198.
 */
export function queueMeter(options: QueueJobsOptions): Meter<AskedKernel> {
  const { place } = options;
  const waiting = waitingForWorkers(options);
  return {
    // as where a board is measured here: a log made here is gone on with there
    ahead: place.kind === "measured",
    prepare: async (kernels, _, effort) => prepareParts(kernels, effort, place, queueJobs(options, waiting)),
  };
}

function prepareParts(
  kernels: Kernels<AskedKernel>,
  effort: Effort,
  place: Place,
  jobs: QueueJobs,
): Prepared {
  return {
    measure: async (wanted, tell) => {
      const codes: (string | null)[] = [];
      const outcomes = new Map<number, Outcome>();
      const ask = asking(kernels, effort, place, jobs);
      const parts = partsOf(wanted, PART[place.kind]).map((part) => ask(part));
      for (const part of parts) part.catch(() => {}); // all are waited for below
      try {
        // in their order, as what equal code was first found to be stands for all of it
        for (const part of parts) {
          const found = await part;
          for (const { kernel, code } of found) codes[kernel] = code;
          for (const { kernel, outcome } of found) outcomes.set(kernel, outcome);
          for (const { kernel } of found) tell(kernel, withTwin(kernel, kernels, codes, outcomes));
        }
      } finally {
        await Promise.allSettled(parts);
      }
    },
    drop: () => jobs.forget(),
  };
}

function partsOf(wanted: readonly number[], size: number): readonly (readonly number[])[] {
  const parts = Math.ceil(wanted.length / size);
  return Array.from({ length: parts }, (_, i) => wanted.slice(i * size, (i + 1) * size));
}

/** What was found of a kernel; of equal object code the first one's outcome stands for all, as in one program. */
function withTwin(
  i: number,
  kernels: Kernels<AskedKernel>,
  codes: readonly (string | null | undefined)[],
  outcomes: ReadonlyMap<number, Outcome>,
): Outcome {
  const own = defined(outcomes.get(i), "an outcome");
  const code = codes[i];
  const first = typeof code === "string" ? codes.indexOf(code) : i;
  if (first === i) return own;
  return { ...(outcomes.get(first) ?? own), sameAs: defined(kernels[first], "a kernel").name };
}

/** What became of one kernel, and what names its object code, where it has one. */
interface Found {
  readonly kernel: number;
  readonly outcome: Outcome;
  readonly code: string | null;
}

/** Asks for some kernels until something is known of each; what is found of them is in their order. */
function asking(
  kernels: Kernels<AskedKernel>,
  effort: Effort,
  place: Place,
  jobs: QueueJobs,
): (wanted: readonly number[]) => Promise<readonly Found[]> {
  const [reference] = kernels;
  const ask = async (wanted: readonly number[]): Promise<readonly Found[]> => {
    /** Of the job's kernels, which of all they are. */
    const numbers = [0, ...wanted.filter((i) => i !== 0)];
    const done = await jobs.done({
      ...{ build: compilerBuild(), place, task: reference.task, effort },
      kernels: numbers.map((i) => pointOf(defined(kernels[i], "a kernel"))),
      wanted: wanted.map((i) => numbers.indexOf(i)),
    });
    if ("deadly" in done) {
      const [only, ...others] = wanted;
      if (only !== undefined && others.length === 0)
        return [{ kernel: only, outcome: lostWith(done.deadly), code: null }];
      return (await Promise.all(wanted.map((i) => ask([i])))).flat();
    }
    const { told, codes, board } = done.answer;
    const on = board === place.board ? {} : { on: board };
    const found = told.map(
      ({ kernel, outcome }): Found => ({
        kernel: defined(numbers[kernel], "a kernel"),
        ...{ outcome: { ...outcome, ...on }, code: codes[kernel] ?? null },
      }),
    );
    const left = wanted.filter((i) => !found.some(({ kernel }) => kernel === i));
    const more = left.length > 0 ? await ask(left) : [];
    return [...found, ...more].sort((a, b) => a.kernel - b.kernel);
  };
  return ask;
}

function pointOf({ name, point }: AskedKernel) {
  return { schedule: point.schedule, knobs: { ...point.knobs }, kernel: name };
}

function lostWith(why: string): Outcome {
  return { outcome: "lost", why: `its job was given up: ${why}` };
}
