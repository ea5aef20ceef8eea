import { type AnalysedStep, type Analysis, analyzeNetwork } from "../../analyze/analyze-network.ts";
import { stepTraffic } from "../../analyze/step-traffic.ts";
import type { Graph } from "../../graph/graph.ts";
import { membersOf } from "../../graph/passes/merge-siblings.ts";
import type { Target } from "../../machine/target.schema.ts";
import { compileStep, decidedPlan, type PlanRequest, stepKey } from "./decided-plan.ts";

/**
 * What each layer of a network costs on a target, with the kernels that `compile` makes for it. Compiles every kernel to C,
 * without a C compiler. Throws what `decidedPlan` and `compileStep` do.
 */
export function analyzeDecided(source: Graph, wanted: Target, request: PlanRequest = {}): Analysis {
  const { graph, plan, target } = decidedPlan(source, wanted, request);
  const known = new Map<string, Omit<AnalysedStep, "name">>();
  const steps = new Map<string, AnalysedStep[]>();
  for (const step of plan.steps) {
    const key = stepKey(step, request.decisions);
    let found = known.get(key);
    if (found === undefined) {
      const compiled = compileStep(step, target, request.decisions?.steps.get(step.name));
      const { kernel, schedule } = compiled;
      found = {
        op: step.task.op,
        kernel: kernel.name,
        schedule: kernel.schedule,
        choice: kernel.choice,
        knobs: kernel.knobs,
        ...stepTraffic(schedule.proc, compiled.target.isa.lanes, target.core),
      };
      known.set(key, found);
    }
    // what several layers do as one is told with the first of them
    const [layer] = membersOf(graph, step.layer);
    steps.set(layer, [...(steps.get(layer) ?? []), { name: step.name, ...found }]);
  }
  return analyzeNetwork(source, { target, steps });
}
