import type { Graph } from "../../graph/graph.ts";
import type { Step } from "../../graph/plan.ts";
import type { Target } from "../../machine/target.schema.ts";
import { contentKey } from "../../support/stable.ts";
import type { PlanRequest } from "../decide/decided-plan.ts";
import { algorithmRounds } from "../decide/search-algorithms.ts";
import { workloadOf } from "./about-task.ts";

/** A convolution that several algorithms can compute. */
export interface Contest {
  readonly layer: string;
  /** Names it by the work that each algorithm takes: the same in every network that has it. */
  readonly key: string;
  /** The estimate's comes first. */
  readonly algorithms: readonly Contestant[];
}
/** An algorithm, and the steps that it takes: all that work for the layer. */
export interface Contestant {
  readonly algorithm: string;
  readonly steps: readonly Step[];
  /** What each of them computes. */
  readonly workloads: readonly string[];
}

/** The convolutions of a network whose algorithm is open, in the order of its layers. */
export function contestsOf(source: Graph, wanted: Target, request: PlanRequest): readonly Contest[] {
  const found = new Map<string, Contestant[]>();
  for (const { plan, layers } of algorithmRounds(source, wanted, request)) {
    for (const [layer, algorithm] of layers) {
      const steps = plan.steps.filter((step) => step.layer === layer);
      const workloads = steps.map(({ task }) => workloadOf(task));
      found.set(layer, [...(found.get(layer) ?? []), { algorithm, steps, workloads }]);
    }
  }
  return [...found].flatMap(([layer, algorithms]) =>
    algorithms.length < 2 ? [] : [{ layer, key: keyOf(algorithms), algorithms }],
  );
}

/** All steps of all algorithms. */
export function contestSteps(contests: readonly Contest[]): readonly Step[] {
  return contests.flatMap(({ algorithms }) => algorithms.flatMap(({ steps }) => steps));
}

function keyOf(algorithms: readonly Contestant[]): string {
  return contentKey(algorithms.map(({ algorithm, workloads }) => [algorithm, workloads])).slice(0, 16);
}
