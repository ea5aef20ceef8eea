import type { Graph } from "../../graph/graph.ts";
import type { Step } from "../../graph/plan.ts";
import type { Target } from "../../machine/target.schema.ts";
import { UserError } from "../../support/diagnostic.ts";
import { compileStep, decidedPlan, type PlanRequest } from "../decide/decided-plan.ts";
import { type Decisions, type StepDecision, UNDECIDED } from "../decide/decisions.ts";
import { coreName } from "./core-name.ts";
import { workloadOf } from "./logged-measure.ts";
import type { TuneLine, Winner } from "./tune-record.ts";

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
  const { decisions = UNDECIDED } = request;
  const { plan, target } = decidedPlan(source, wanted, request);
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

function fits({ place }: Winner, target: Target): boolean {
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
