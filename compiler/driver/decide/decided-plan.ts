import type { Graph } from "../../graph/graph.ts";
import type { AlgorithmCandidate, DecideAlgorithm } from "../../graph/node-task/conv-algorithms.ts";
import { optimizeGraph } from "../../graph/optimize-graph.ts";
import type { Plan, Step } from "../../graph/plan.ts";
import { planForTarget } from "../../graph/plan-for-target.ts";
import type { Target } from "../../machine/target.schema.ts";
import type { Numerics } from "../../ops/numerics.ts";
import { refuseUnknownKnobs } from "../../schedule/choose.ts";
import { contentKey } from "../../support/stable.ts";
import type { CompiledProc } from "../../task/compile-proc.ts";
import { compileTaskStages, type TaskOptions } from "../../task/compile-task.ts";
import type { Task } from "../../task/task.ts";
import {
  checkDecisions,
  checkIsa,
  type Decisions,
  impose,
  type StepDecision,
  UNDECIDED,
} from "./decisions.ts";
import { checkWeights, fittingAlgorithms, weightBytes, weightLimit } from "./fit-weights.ts";

/** What a network is to be made of. */
export interface PlanRequest {
  readonly numerics?: Numerics | undefined;
  /** What is decided already; the rest is estimated. */
  readonly decisions?: Decisions | undefined;
  /** Asked for the algorithm of convolutions that are not decided. Must be pure: a plan may ask twice. */
  readonly algorithm?: DecideAlgorithm;
  /** The most bytes of weights; absent: as the board's memory allows. */
  readonly maxWeights?: number | undefined;
}

/** A network's steps for a target, with the graph they come from. */
export interface DecidedPlan {
  readonly graph: Graph;
  readonly plan: Plan;
  /** The target, with the instruction set that was chosen where it has several. */
  readonly target: Target;
}

/**
 * The plan of a network: whoever compiles, analyses or explains one comes through here, so that what is shown is what is
 * made. Weights that are too many for the board take algorithms of smaller ones. Throws F402 and F403, F405 for weights that cannot be kept to
 * what was asked, and C331 to C333, C337 and C338 for decisions that it has no place for.
 */
export function decidedPlan(source: Graph, wanted: Target, request: PlanRequest = {}): DecidedPlan {
  const last = lastPlans.get(source);
  if (last?.wanted === wanted && isSameRequest(last.request, request)) return last.made;
  const made = limitedPlan(source, wanted, request);
  lastPlans.set(source, { wanted, request, made });
  return made;
}

/** The last plan of each graph: who looks for records plans a network, and who compiles it then wants the same plan. */
const lastPlans = new WeakMap<
  Graph,
  { readonly wanted: Target; readonly request: PlanRequest; readonly made: DecidedPlan }
>();

/** All that a request has: one that is left out would be taken for another. */
const REQUEST: Readonly<Record<keyof PlanRequest, true>> = {
  numerics: true,
  decisions: true,
  algorithm: true,
  maxWeights: true,
};

function isSameRequest(a: PlanRequest, b: PlanRequest): boolean {
  return (Object.keys(REQUEST) as (keyof PlanRequest)[]).every((part) => a[part] === b[part]);
}

function limitedPlan(source: Graph, wanted: Target, request: PlanRequest): DecidedPlan {
  const { algorithm, maxWeights } = request;
  const limit = weightLimit(maxWeights, wanted.board.run === "ssh" ? wanted.board.ramMiB : undefined);
  if (limit === undefined) return unlimitedPlan(source, wanted, request);
  /** Of what is not decided. */
  const candidates = new Map<string, readonly AlgorithmCandidate[]>();
  const first = unlimitedPlan(source, wanted, {
    ...request,
    algorithm: (layer, all) => {
      candidates.set(layer, all);
      return algorithm?.(layer, all);
    },
  });
  if (weightBytes(first.plan) <= limit.bytes) return first;
  const fitting = fittingAlgorithms(first.plan, candidates, limit.bytes);
  const fitted = unlimitedPlan(source, wanted, { ...request, algorithm: (layer) => fitting.get(layer) });
  checkWeights(fitted.plan, limit);
  return fitted;
}

/** The same without regard to what weights take. */
export function unlimitedPlan(source: Graph, wanted: Target, request: PlanRequest): DecidedPlan {
  const { numerics, decisions = UNDECIDED, algorithm } = request;
  checkIsa(decisions, wanted);
  const decided = (layer: string): string | undefined => decisions.algorithms.get(layer);
  const decide: DecideAlgorithm = (layer, candidates) => decided(layer) ?? algorithm?.(layer, candidates);
  // a step of a decisions file says its operator: the copy of a part of a layer has the part's name, too
  const isNamed = (layer: string): boolean => {
    const step = decisions.steps.get(layer);
    return decisions.algorithms.has(layer) || (step !== undefined && step.op === undefined);
  };
  const wishes = { numerics, decide, decided, isNamed, isa: decisions.isa };
  const { graph, plan, target } = planForTarget(optimizeGraph(source), wanted, wishes);
  checkDecisions(decisions, plan);
  return { graph, plan, target };
}

/** Steps of one key have one kernel. */
export function stepKey({ name, task }: Step, decisions: Decisions = UNDECIDED): string {
  return contentKey({ task, decision: decisions.steps.get(name) });
}

/** A task by a schedule and knobs that somebody names. Throws S302 to S404 for what the operator or its schedule does not have. */
export function compileChosen(task: Task, target: Target, options: TaskOptions): CompiledProc {
  const compiled = compileTaskStages(task, target, options);
  refuseUnknownKnobs(options.choices ?? {}, compiled.knobs, compiled.kernel.schedule);
  return compiled;
}

/** The kernel of a step, as decided for it, else as estimated. Throws C334 for what its schedule cannot be. */
export function compileStep(
  { name, task }: Step,
  target: Target,
  decision: StepDecision | undefined,
  options: TaskOptions = {},
): CompiledProc {
  if (decision === undefined) return compileTaskStages(task, target, options);
  const { schedule, knobs, from } = decision;
  const wishes = { ...options, choices: knobs, ...(schedule !== undefined && { schedule }) };
  const made = impose(name, () => compileChosen(task, target, wishes));
  return from === "estimate" ? made : { ...made, kernel: { ...made.kernel, chosen: from } };
}
