import { contentKey } from "../../support/stable.ts";
import type { Task } from "../../task/task.ts";
import type { Candidate, Named } from "./candidate.ts";
import type { Meter } from "./meter.ts";
import type { Outcome, Stage } from "./outcome.ts";
import type { TaskData } from "./task-data.ts";
import type { Place, Trial, TuneLine, TuneLog } from "./tune-record.ts";
import type { Measure } from "./tune-task.ts";

/** What every line of a log says of a task. */
export type AboutTask = Pick<Trial, "workload" | "op" | "dims">;

export function taskOf(task: Task): AboutTask {
  const dims = Object.entries(task.dims).map(
    ([dim, n]) => [dim, Number.isFinite(n) ? n : n > 0 ? "Infinity" : "-Infinity"] as const,
  );
  return { workload: workloadOf(task), op: task.op, dims: Object.fromEntries(dims) };
}

/** Names a task by what it is: operator, sizes, and how its activations lie. */
export function workloadOf(task: Task): string {
  return contentKey(task).slice(0, 16);
}

const PLACE = ["board", "target", "core", "isa", "threads", "made", "kind"] as const;

/** Whether a record's place is this one: nothing measured elsewhere, or made by another compiler, is taken for it. */
export function samePlace(a: Place, b: Place): boolean {
  return PLACE.every((field) => a[field] === b[field]);
}

/**
 * A task's measurements, each logged as soon as it is there; what the log has already is not measured again.
 * @param onTrial called for each that is measured now
 */
export function loggedMeasure<K extends Named>(
  about: AboutTask,
  data: () => TaskData,
  place: Place,
  meter: Meter<K>,
  log: TuneLog,
  onTrial: () => void,
): Measure<K> {
  let made: TaskData | undefined;
  const lazyData = (): TaskData => {
    made ??= data();
    return made;
  };
  const old = knownTrials(log.lines, about.workload, place);
  return async (reference, candidates, stage, effort) => {
    const isKnown = ({ kernel }: Candidate<K>): Trial | undefined =>
      old.get(keyOf(kernel.name, reference.kernel.name, stage));
    const fresh = candidates.filter((c) => isKnown(c) === undefined);
    const others = fresh.filter(({ kernel }) => kernel.name !== reference.kernel.name);
    const measured = new Map<string, Outcome>();
    if (fresh.length > 0) {
      const kernels = [reference.kernel, ...others.map(({ kernel }) => kernel)] as const;
      const outcomes = await meter.measure(kernels, lazyData, effort);
      kernels.forEach((kernel, i) => void measured.set(kernel.name, outcomes[i]));
    }
    for (const { point, kernel } of fresh) {
      const outcome = measured.get(kernel.name);
      if (outcome === undefined) continue;
      await log.append({
        kind: "trial",
        version: 1,
        place,
        ...about,
        schedule: point.schedule,
        knobs: { ...point.knobs },
        kernel: kernel.name,
        reference: reference.kernel.name,
        stage,
        ...lineOf(outcome),
      });
      onTrial();
    }
    return candidates.map((c) => {
      const line = isKnown(c);
      return line === undefined ? (measured.get(c.kernel.name) as Outcome) : outcomeOf(line);
    });
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
    if (line.outcome === "lost") lost.set(key, (lost.get(key) ?? 0) + 1);
    if (line.outcome !== "lost" || (lost.get(key) ?? 0) >= MOST_LOST) known.set(key, line);
  }
  return known;
}

function keyOf(kernel: string, reference: string, stage: Stage): string {
  return [kernel, reference, stage].join(" ");
}

function lineOf(outcome: Outcome): Pick<Trial, "outcome" | "why" | "cycles" | "ns" | "reference_ns"> {
  if (outcome.outcome !== "ok") return outcome;
  const { cost } = outcome;
  if (cost.kind === "modelled") return { outcome: "ok", cycles: cost.cycles };
  return { outcome: "ok", ns: [...cost.ns], reference_ns: [...cost.reference] };
}

function outcomeOf({ outcome, why = "", cycles, ns = [], reference_ns: reference = [] }: Trial): Outcome {
  if (outcome !== "ok") return { outcome, why };
  return {
    outcome,
    cost: cycles === undefined ? { kind: "measured", ns, reference } : { kind: "modelled", cycles },
  };
}
