import { vectorCosts } from "../../analyze/vector-costs.ts";
import type { VectorProc } from "../../ir/vector.ts";
import type { Target } from "../../machine/target.schema.ts";
import { workCycles } from "../../ops/estimate/work-cycles.ts";

/**
 * What a lowered kernel takes at least, from its text alone: cycles of a described core, else instructions; no cache is
 * missed, nothing is spilled, no sum is waited for. What drafts more than others measure need not be tried.
 */
export function draftOf(vector: VectorProc, target: Target): number {
  const { fma, loads, halfLoads, stores, broadcasts, arithmetic, scalar, iterations } = vectorCosts(vector);
  const work = {
    products: fma,
    loads: loads + broadcasts,
    halfLoads,
    stores,
    others: arithmetic + scalar + iterations,
  };
  return workCycles(work, target);
}

/**
 * A candidate whose draft is above so many times the least is not tried. On two layers of 46 and 48 candidates on the
 * model of Cortex-A72 none that came within twice the best took less than 0.95 of its draft, and the drafts of the best were
 * within 1.01 of the least; where the core is not described the draft counts instructions, which say less.
 */
export function hopeless(target: Target): number {
  return target.core.model === undefined ? 1.5 : 1.15;
}
