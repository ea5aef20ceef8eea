import type { Graph } from "../../graph/graph.ts";
import type { Step } from "../../graph/plan.ts";
import type { Target } from "../../machine/target.schema.ts";
import { UserError } from "../../support/diagnostic.ts";
import { compileStep, decidedPlan, type PlanRequest } from "../decide/decided-plan.ts";
import { type Decisions, plannedAlgorithms, type StepDecision, UNDECIDED } from "../decide/decisions.ts";
import { contestsOf } from "./contests.ts";
import { coreName } from "./core-name.ts";
import { workloadOf } from "./logged-measure.ts";
import type { AlgorithmRecord, TuneLine, Winner } from "./tune-record.ts";

/** What records say of a network. */
export interface Recorded {
  readonly decisions: Decisions;
  /** Steps that a record was taken for, of all steps. */
  readonly taken: number;
  readonly steps: number;
  /** Records left out, and why: for the user. */
  readonly notes: readonly string[];
}

/**
 * Decisions from records of tuning, for steps that are not decided already: of the same workload on the same core and
 * instruction set, measured before modelled, of one thread before several, the last before earlier ones. A record whose
 * decision makes another kernel now is left out: what was measured is not what would be taken.
 */
export function recordedDecisions(
  source: Graph,
  wanted: Target,
  request: PlanRequest,
  lines: readonly TuneLine[],
): Recorded {
  const asked = request.decisions ?? UNDECIDED;
  const recorded = recordedAlgorithms(source, wanted, request, lines);
  const algorithm = (layer: string): string | undefined => recorded.get(layer);
  const { plan, target } = decidedPlan(source, wanted, { ...request, algorithm });
  const planned = [...plannedAlgorithms(plan)].filter(([layer, name]) => recorded.get(layer) === name);
  const decisions = { ...asked, algorithms: new Map([...asked.algorithms, ...planned]) };
  const winners = lines.filter((line): line is Winner => line.kind === "winner" && fits(line, target));
  const steps = new Map(decisions.steps);
  const notes = new Set<string>();
  let taken = 0;
  for (const step of plan.steps) {
    if (steps.has(step.name)) continue;
    const workload = workloadOf(step.task);
    const best = winners
      .filter((line) => line.workload === workload)
      .reduce<Winner | undefined>(better, undefined);
    if (best === undefined) continue;
    const decision: StepDecision = {
      layer: step.layer,
      op: step.task.op,
      schedule: best.schedule,
      knobs: best.knobs,
      from: best.place.kind,
    };
    const problem = problemOf(step, target, decision, best);
    if (problem !== undefined) {
      notes.add(`the record of ${step.name} is left out: ${problem}`);
      continue;
    }
    steps.set(step.name, decision);
    taken++;
  }
  return { decisions: { ...decisions, steps }, taken, steps: plan.steps.length, notes: [...notes] };
}

/** Algorithms of convolutions that records have tried all of, by layer; the last word on each counts. */
function recordedAlgorithms(
  source: Graph,
  wanted: Target,
  request: PlanRequest,
  lines: readonly TuneLine[],
): ReadonlyMap<string, string> {
  const records = lines.filter((line): line is AlgorithmRecord => line.kind === "algorithm");
  if (records.length === 0) return new Map();
  const { target } = decidedPlan(source, wanted, request);
  return new Map(
    contestsOf(source, wanted, request).flatMap(({ layer, key, algorithms }) => {
      const last = records.findLast((record) => record.contest === key && fits(record, target));
      const isThere = algorithms.some(({ algorithm }) => algorithm === last?.algorithm);
      return last !== undefined && isThere ? [[layer, last.algorithm] as const] : [];
    }),
  );
}

function fits({ place }: Pick<Winner, "place">, target: Target): boolean {
  return place.core === coreName(target) && place.isa === target.isa.name;
}

/** The one of two records to be taken; of equals the later. */
function better(a: Winner | undefined, b: Winner): Winner {
  if (a === undefined) return b;
  const rank = ({ place }: Winner): number =>
    (place.kind === "measured" ? 0 : 2) + (place.threads === 1 ? 0 : 1);
  return rank(b) <= rank(a) ? b : a;
}

/** Why a decision does not give what was measured, or undefined. */
function problemOf(
  step: Step,
  target: Target,
  decision: StepDecision,
  { kernel }: Winner,
): string | undefined {
  try {
    const made = compileStep(step, target, decision).kernel.name;
    return made === kernel
      ? undefined
      : `it was made of another kernel, ${kernel}, by another version of Tilewright`;
  } catch (error) {
    if (error instanceof UserError && error.diagnostic.code === "C334") return error.diagnostic.title;
    throw error;
  }
}
