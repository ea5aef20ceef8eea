import type { Graph } from "../../graph/graph.ts";
import type { Plan } from "../../graph/plan.ts";
import { defined } from "../../support/assert.ts";
import { planLayers } from "../../verify/bounded-reference.ts";
import { expectedOutputs } from "../../verify/carried-error.ts";
import { randomInputs } from "../run/verify-network.ts";
import type { BundleMeta } from "./emit-bundle.ts";

/** When a bundle gets an input and the output expected for it: always, never, or when that takes a few seconds at most. */
export type GoldenWish = "always" | "never" | "when-quick";

/** Multiply-accumulates the kernels do in Node in about a second. */
const QUICK_MACS = 60e6;
const SEED = 1;

/** A seeded input, and what the network as imported makes of it with the kernels run as TypeScript. */
export function goldenResults(
  source: Graph,
  plan: Plan,
  macs: number,
  wish: GoldenWish,
): BundleMeta["golden"] {
  if (wish === "never" || (wish === "when-quick" && macs > QUICK_MACS)) return undefined;
  const inputs = new Map([...randomInputs(source, SEED)].map(([name, { data }]) => [name, data]));
  const expected = expectedOutputs(source, inputs, planLayers(plan));
  const outputs = source.outputs.map((name) => defined(expected.get(name), `output ${name}`));
  return {
    inputs: source.inputs.map((name) => defined(inputs.get(name), `input ${name}`)),
    outputs: outputs.map(({ values }) => values),
    tolerances: outputs.map(({ tolerance }) => tolerance),
  };
}
