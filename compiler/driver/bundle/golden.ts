import type { Graph } from "../../graph/graph.ts";
import type { Plan } from "../../graph/plan.ts";
import { defined } from "../../support/assert.ts";
import { expectedOutputs } from "../../verify/carried-error.ts";
import { planLayers } from "../../verify/layer-part.ts";
import { runReference } from "../../verify/reference.ts";
import { randomInputs } from "../run/verify-network.ts";
import type { BundleMeta } from "./emit-bundle.ts";

/** When a bundle gets an input and the output expected for it: always, never, or when that takes a few seconds at most. */
export type GoldenWish = "always" | "never" | "when-quick";

/** Multiply-accumulates the kernels do in Node in about a second. */
const QUICK_MACS = 60e6;
const SEED = 1;
/** Seeds of which one should give inputs that the network takes. */
const SEEDS = 8;

/**
 * A seeded input, and what the network as imported makes of it with the kernels run as TypeScript; undefined where all that were
 * tried make it compute an index outside.
 */
export function goldenResults(
  source: Graph,
  plan: Plan,
  macs: number,
  wish: GoldenWish,
): BundleMeta["golden"] {
  if (wish === "never" || (wish === "when-quick" && macs > QUICK_MACS)) return undefined;
  const inputs = goldenInputs(source);
  if (inputs === undefined) return undefined;
  const expected = expectedOutputs(source, inputs, planLayers(plan));
  const outputs = source.outputs.map((name) => defined(expected.get(name), `output ${name}`));
  return {
    inputs: source.inputs.map((name) => defined(inputs.get(name), `input ${name}`)),
    outputs: outputs.map(({ values }) => values),
    tolerances: outputs.map(({ tolerance }) => tolerance),
  };
}

function goldenInputs(source: Graph): ReadonlyMap<string, Float32Array> | undefined {
  const checks = source.nodes.filter(({ op }) => op.kind === "check");
  for (let seed = SEED; seed < SEED + SEEDS; seed++) {
    const inputs = new Map([...randomInputs(source, seed)].map(([name, { data }]) => [name, data]));
    if (checks.length === 0) return inputs;
    const found = runReference(source, Object.fromEntries(inputs));
    if (checks.every(({ output }) => found.get(output)?.[0] === 0)) return inputs;
  }
  return undefined;
}
