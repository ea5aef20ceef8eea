import type { Graph } from "../graph/graph.ts";
import { defined } from "../support/assert.ts";
import { boundedReference } from "./bounded-reference.ts";
import { type Comparison, compareTensors } from "./compare.ts";
import type { LayerPart } from "./layer-part.ts";
import type { TensorData } from "./reference.ts";

/** What was found of a network's tensors: those its layers completed, and its outputs as they were handed out. */
export interface Found {
  readonly tensors: TensorData;
  readonly outputs: TensorData;
}

/** Each found tensor of the model beside the reference. */
export interface NetworkComparison {
  readonly tensors: ReadonlyMap<string, Comparison>;
  readonly outputs: ReadonlyMap<string, Comparison>;
}

/**
 * Compares a board's results with the model as it was read, its kernels run as TypeScript.
 *
 * Each tensor is compared with what the reference makes of the tensors that the board itself had before, so that a bound is
 * one layer's and no worse at the end of a network than at its beginning; that all layers are right, one after the other,
 * proves the whole. Nodes that were fused with others leave no tensor: through them the bounds are carried along.
 */
export function compareNetwork(
  model: Graph,
  inputs: TensorData,
  found: Found,
  layers: readonly LayerPart[],
  factor = 1,
): NetworkComparison {
  const tensors = new Map<string, Comparison>();
  const outputs = new Map<string, Comparison>();
  const shape = (tensor: string) => defined(model.tensors.get(tensor), `tensor ${tensor}`).shape;
  boundedReference(model, inputs, layers, (tensor, wanted, bounds, floats) => {
    const compare = (actual: Float32Array): Comparison =>
      compareTensors(shape(tensor), actual, wanted, bounds, factor, floats);
    const output = found.outputs.get(tensor);
    if (output !== undefined) outputs.set(tensor, compare(output));
    const actual = found.tensors.get(tensor);
    if (actual !== undefined) tensors.set(tensor, compare(actual));
    return actual;
  });
  for (const [name, data] of found.outputs) {
    // An output that no node makes is an input or a constant.
    const given = inputs.get(name) ?? model.tensors.get(name)?.data;
    if (given !== undefined) outputs.set(name, compareTensors(shape(name), data, given, undefined, factor));
  }
  return { tensors, outputs };
}
