import type { Graph } from "../../graph/graph.ts";
import type { Step } from "../../graph/plan.ts";
import type { Target } from "../../machine/target.schema.ts";
import { UserError } from "../../support/diagnostic.ts";
import { decidedPlan, type PlanRequest } from "../decide/decided-plan.ts";
import { type Decisions, plannedAlgorithms, type StepDecision, UNDECIDED } from "../decide/decisions.ts";
import { keptKernel } from "../decide/kept-kernels.ts";
import { madeWith } from "../run/made-with.ts";
import { workloadOf } from "./about-task.ts";
import { contestsOf } from "./contests.ts";
import { coreName } from "./core-name.ts";
import { bestBy } from "./records/best-records.ts";
import type { TuneLine, Winner } from "./tune-record.ts";

/** What records say of a network. */
export interface Recorded {
  readonly decisions: Decisions;
  /** Steps that a record was taken for, of all steps. */
  readonly taken: number;
  readonly steps: number;
  /** Records of its core that another C compiler, or other flags, made. */
  readonly othersMade: number;
  /** Steps whose records do not give what was measured, and why. */
  readonly leftOut: ReadonlyMap<string, string>;
}

/**
 * Decisions from records of tuning, for what is not decided already: of the same workload on the same core and instruction
 * set, by the same C compiler and flags; of `board` itself before others of its core, measured before modelled, of one thread
 * before several, the last before earlier ones. A record whose decision makes another kernel now is left out: what was measured is not what would be taken. Throws
 * what finding a compiler throws.
 */
export async function recordedDecisions(
  source: Graph,
  wanted: Target,
  request: PlanRequest,
  lines: readonly TuneLine[],
  board?: string | undefined,
): Promise<Recorded> {
  const estimated = decidedPlan(source, wanted, request);
  const { target: chosen } = estimated;
  const ofCore = lines.filter(
    ({ place }) => place.core === coreName(chosen) && place.isa === chosen.isa.name,
  );
  const made = await madeWith(chosen);
  const usable = ofCore.filter(({ place }) => place.made === made);
  const asked = request.decisions ?? UNDECIDED;
  const recorded = recordedAlgorithms(source, wanted, request, usable);
  const algorithm = (layer: string): string | undefined => recorded.get(layer);
  const { plan, target } =
    recorded.size === 0 ? estimated : decidedPlan(source, wanted, { ...request, algorithm });
  const planned = [...plannedAlgorithms(plan)].filter(([layer, name]) => recorded.get(layer) === name);
  const best = bestBy(usable, ({ workload }) => workload, board);
  const steps = new Map(asked.steps);
  const leftOut = new Map<string, string>();
  let taken = 0;
  for (const step of plan.steps) {
    const winner = best.get(workloadOf(step.task));
    if (steps.has(step.name) || winner === undefined) continue;
    const { schedule, knobs, place } = winner;
    const decision = { layer: step.layer, op: step.task.op, schedule, knobs, from: place.kind };
    const problem = await problemOf(step, target, decision, winner);
    if (problem !== undefined) {
      leftOut.set(step.name, problem);
      continue;
    }
    steps.set(step.name, decision);
    taken++;
  }
  const algorithms = new Map([...asked.algorithms, ...planned]);
  return {
    decisions: { ...asked, algorithms, steps },
    taken,
    steps: plan.steps.length,
    othersMade: ofCore.length - usable.length,
    leftOut,
  };
}

/** What a user should know of records that are not taken. */
export function recordNotes({ othersMade, leftOut }: Recorded): readonly string[] {
  return [
    ...(othersMade > 0 ? [`${othersMade} records of other C compilers or flags are left out`] : []),
    ...[...leftOut].map(([step, why]) => `the record of ${step} is left out: ${why}`),
  ];
}

/** Algorithms of convolutions that records have tried all of, by layer; the last word on each counts. */
function recordedAlgorithms(
  source: Graph,
  wanted: Target,
  request: PlanRequest,
  lines: readonly TuneLine[],
): ReadonlyMap<string, string> {
  const records = new Map(
    lines.flatMap((line) =>
      line.kind === "algorithm" && line.place.kind === "modelled"
        ? [[line.contest, line.algorithm] as const]
        : [],
    ),
  );
  if (records.size === 0) return new Map();
  return new Map(
    contestsOf(source, wanted, request).flatMap(({ layer, key, algorithms }) => {
      const found = algorithms.find(({ algorithm }) => algorithm === records.get(key));
      return found === undefined ? [] : [[layer, found.algorithm] as const];
    }),
  );
}

/** Why a decision does not give what was measured, or undefined. */
async function problemOf(
  step: Step,
  target: Target,
  decision: StepDecision,
  { kernel }: Winner,
): Promise<string | undefined> {
  try {
    const { name } = await keptKernel(step, target, decision);
    return name === kernel
      ? undefined
      : `it was made of another kernel, ${kernel}, by another version of Tilewright`;
  } catch (error) {
    if (error instanceof UserError && error.diagnostic.code === "C334") return error.diagnostic.title;
    throw error;
  }
}
