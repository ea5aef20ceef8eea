import type { Graph } from "../graph/graph.ts";
import { defined } from "../support/assert.ts";
import { runReference } from "../verify/reference.ts";
import type { BundleMeta } from "./emit-bundle.ts";
import { randomInputs } from "./verify-network.ts";

/** When a bundle gets an input and the output expected for it: always, never, or when that takes about a second. */
export type GoldenWish = "always" | "never" | "when-quick";

/** Multiply-accumulates the kernels do in Node in about a second. */
const QUICK_MACS = 60e6;
const SEED = 1;
/** Allowed difference, relative to the range of an output's values. */
const TOLERANCE = 1e-3;

/** A seeded input, and what the network as imported makes of it with the kernels run as TypeScript. */
export function goldenResults(source: Graph, macs: number, wish: GoldenWish): BundleMeta["golden"] {
  if (wish === "never" || (wish === "when-quick" && macs > QUICK_MACS)) return undefined;
  const inputs = randomInputs(source, SEED);
  const tensors = runReference(
    source,
    Object.fromEntries([...inputs].map(([name, { data }]) => [name, data])),
  );
  const outputs = source.outputs.map((name) => defined(tensors.get(name), `output ${name}`));
  const range = Math.max(...outputs.map(rangeOf));
  return {
    inputs: source.inputs.map((name) => defined(inputs.get(name), `input ${name}`).data),
    outputs,
    tolerance: Math.max(TOLERANCE * range, Number.EPSILON),
  };
}

function rangeOf(values: Float32Array): number {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const v of values) {
    low = Math.min(low, v);
    high = Math.max(high, v);
  }
  return values.length === 0 ? 0 : high - low;
}
