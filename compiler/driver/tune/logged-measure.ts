import { defined } from "../../support/assert.ts";
import type { AboutTask } from "./about-task.ts";
import type { Candidate, Named } from "./candidate.ts";
import type { Meter } from "./meter.ts";
import type { Outcome, Stage } from "./outcome.ts";
import type { TaskData } from "./task-data.ts";
import type { Place, Trial, TuneLine, TuneLog } from "./tune-record.ts";
import type { Measure, Measurement } from "./tune-task.ts";

const PLACE = ["board", "target", "core", "isa", "threads", "made", "kind"] as const;

/** Whether a record's place is this one: nothing measured elsewhere, or made by another compiler, is taken for it. */
export function samePlace(a: Place, b: Place): boolean {
  return PLACE.every((field) => a[field] === b[field]);
}

/**
 * A task's measurements, each logged as soon as it is there; what the log has already is not measured again.
 * @param onTrial called for each candidate that is measured for the first time
 * @param first what a candidate is measured for first
 */
export function loggedMeasure<K extends Named>(
  about: AboutTask,
  data: () => TaskData,
  place: Place,
  meter: Meter<K>,
  log: TuneLog,
  onTrial: () => void,
  first: Stage = "screen",
): Measure<K> {
  let made: TaskData | undefined;
  const lazyData = (): TaskData => {
    made ??= data();
    return made;
  };
  const old = knownTrials(log.lines, about.workload, place);
  let last: Promise<void> = Promise.resolve();
  /** One line after the other, though nobody waits for the one before. */
  const append = (line: TuneLine): Promise<void> => {
    last = last.then(() => log.append(line));
    last.catch(() => {});
    return last;
  };
  return async (reference, candidates, stage, effort) => {
    const known = candidates.map(({ kernel }) => old.get(keyOf(kernel.name, reference.kernel.name, stage)));
    const outcomes = known.map((line) => line && outcomeOf(line));
    const fresh = candidates.flatMap((candidate, at) =>
      outcomes[at] === undefined ? [{ at, candidate }] : [],
    );
    if (fresh.length === 0) return { measure: async () => outcomes, drop: async () => {} };
    const others = fresh.filter(({ candidate }) => candidate.kernel.name !== reference.kernel.name);
    const kernels = [reference.kernel, ...others.map(({ candidate }) => candidate.kernel)] as const;
    const ready = await meter.prepare(kernels, lazyData, effort);
    const measure: Measurement["measure"] = async (most = fresh.length) => {
      const wanted = fresh.slice(0, most);
      const written: Promise<void>[] = [];
      const byKernel = new Map(wanted.map((one) => [kernels.indexOf(one.candidate.kernel), one]));
      const tell = (i: number, outcome: Outcome): void => {
        const { at, candidate } = defined(byKernel.get(i), "a candidate");
        outcomes[at] = outcome;
        const line = { ...about, ...trialOf(candidate, reference, stage, outcome) };
        written.push(append({ kind: "trial", version: 1, place, ...line }));
        if (stage === first) onTrial();
      };
      await ready.measure([...byKernel.keys()], tell).finally(() => Promise.allSettled(written));
      await Promise.all(written);
      return outcomes;
    };
    return { measure, drop: ready.drop };
  };
}

/** Who was lost with the board so many times is not tried again; once may have been the board's own fault. */
const MOST_LOST = 2;

/** Trials of a task at a place that need not be repeated, by what they are of. */
function knownTrials(lines: readonly TuneLine[], workload: string, place: Place): ReadonlyMap<string, Trial> {
  const known = new Map<string, Trial>();
  const lost = new Map<string, number>();
  for (const line of lines) {
    if (line.kind !== "trial" || line.workload !== workload || !samePlace(line.place, place)) continue;
    const key = keyOf(line.kernel, line.reference, line.stage);
    if (line.outcome === "throttled") continue;
    if (line.outcome === "lost") lost.set(key, (lost.get(key) ?? 0) + 1);
    if (line.outcome !== "lost" || (lost.get(key) ?? 0) >= MOST_LOST) known.set(key, line);
  }
  return known;
}

function keyOf(kernel: string, reference: string, stage: Stage): string {
  return [kernel, reference, stage].join(" ");
}

function trialOf(
  { point, kernel }: Candidate<Named>,
  reference: Candidate<Named>,
  stage: Stage,
  outcome: Outcome,
) {
  return {
    schedule: point.schedule,
    knobs: { ...point.knobs },
    kernel: kernel.name,
    reference: reference.kernel.name,
    stage,
    ...(outcome.sameAs !== undefined && { same_as: outcome.sameAs }),
    ...(outcome.on !== undefined && { on: outcome.on }),
    ...lineOf(outcome),
  };
}

function lineOf(outcome: Outcome): Pick<Trial, "outcome" | "why" | "cycles" | "ns" | "reference_ns"> {
  if (outcome.outcome !== "ok") return { outcome: outcome.outcome, why: outcome.why };
  const { cost } = outcome;
  if (cost.kind === "modelled") return { outcome: "ok", cycles: cost.cycles };
  return { outcome: "ok", ns: [...cost.ns], reference_ns: [...cost.reference] };
}

function outcomeOf({
  outcome,
  why = "",
  same_as: sameAs,
  cycles,
  ns = [],
  reference_ns: reference = [],
}: Trial): Outcome {
  const same = sameAs === undefined ? {} : { sameAs };
  if (outcome !== "ok") return { outcome, why, ...same };
  return {
    ...{ outcome, ...same },
    cost: cycles === undefined ? { kind: "measured", ns, reference } : { kind: "modelled", cycles },
  };
}
