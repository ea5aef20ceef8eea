import type { Graph } from "../graph/graph.ts";
import { makeRng } from "../support/rng.ts";
import { boundedReference } from "./bounded-reference.ts";
import { distance } from "./compare.ts";
import type { LayerPart } from "./layer-part.ts";
import { runReference, type TensorData } from "./reference.ts";
import { DEVIATIONS } from "./rounding.ts";

/** An output of the reference, and how far a board's may be from it. */
export interface Expected {
  readonly values: Float32Array;
  readonly tolerance: number;
}

const SEED = 1;
const SAMPLES = 2;
/** Of bounds of f16, which are eight times what is likely. */
const OF_HALF = 1 / DEVIATIONS;
/** A few samples may miss the worst. */
const MARGIN = 4;

/**
 * What to expect of a network's outputs where nothing in between was seen. Bounds that are carried through fifty layers, each
 * assuming the worst of the one before, would allow anything. So every value of every layer is moved by its whole bound
 * (rounding.ts), up or down at random, and the outputs are watched: they may be off by a few times what they move. Roundings
 * are small parts of their bounds and as good as random, so this is ample; it is an estimate, where
 * compareNetwork proves.
 */
export function expectedOutputs(
  model: Graph,
  inputs: TensorData,
  layers: readonly LayerPart[],
): ReadonlyMap<string, Expected> {
  const bounds = new Map<string, Float32Array>();
  const reference = boundedReference(model, inputs, layers, (tensor, wanted, bound, floats) => {
    if (bound !== undefined) bounds.set(tensor, floats === undefined ? bound : bound.map((b) => b * OF_HALF));
    return wanted;
  });
  const moved = Array.from({ length: SAMPLES }, (_, i) => {
    const rng = makeRng(SEED + i);
    return runReference(model, Object.fromEntries(inputs), ({ output }, values) => {
      const bound = bounds.get(output);
      return bound && values.map((v, at) => v + (rng.next() < 0.5 ? bound[at] : -bound[at]));
    });
  });
  return new Map(
    model.outputs.map((name) => {
      const values = reference.get(name) ?? new Float32Array();
      const most = Math.max(...moved.map((tensors) => movement(values, tensors.get(name) ?? values)));
      return [name, { values, tolerance: MARGIN * most }];
    }),
  );
}

/** What became NaN moved as far as can be. */
function movement(values: Float32Array, moved: Float32Array): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, distance(moved[i], values[i]));
  return most;
}
