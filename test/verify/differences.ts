import type { Graph } from "../../compiler/graph/graph.ts";
import type { Plan } from "../../compiler/graph/plan.ts";
import { boundedReference } from "../../compiler/verify/bounded-reference.ts";
import { compareNetwork } from "../../compiler/verify/check-network.ts";
import { type Comparison, compareTensors, worstText } from "../../compiler/verify/compare.ts";
import { planLayers } from "../../compiler/verify/layer-part.ts";
import { runReference, type TensorData } from "../../compiler/verify/reference.ts";

type Inputs = Readonly<Record<string, Float32Array>>;

/** How far a computation may be from the reference by its own roundings alone, carried along from the inputs: for networks of few layers. */
export function carriedBounds(graph: Graph, inputs: Inputs, plan?: Plan): TensorData {
  const bounds = new Map<string, Float32Array>();
  const layers = plan === undefined ? [] : planLayers(plan);
  boundedReference(graph, new Map(Object.entries(inputs)), layers, (tensor, _, bound) => {
    if (bound !== undefined) bounds.set(tensor, bound);
    return undefined;
  });
  return bounds;
}

/** Bounds of the difference of two computations, each with bounds of its own. */
export function bothBounds(
  a: Float32Array | undefined,
  b: Float32Array | undefined,
): Float32Array | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a.map((v, i) => v + b[i]);
}

/** Where a tensor is not what it should be, in words; nothing where it is right. */
export function difference(
  whose: string,
  expected: Float32Array | undefined,
  actual: Float32Array | undefined,
  bounds: Float32Array | undefined,
): string[] {
  if (expected === undefined || actual?.length !== expected.length) {
    return [`${actual?.length} values, ${whose} gives ${expected?.length}`];
  }
  return inWords(whose, compareTensors([expected.length], actual, expected, bounds));
}

/** Where outputs of a graph differ from those of the one that it was made of, on the same inputs. */
export function outputsApart(before: Graph, after: Graph, inputs: Inputs): string[] {
  const [wanted, found] = [before, after].map((graph) => runReference(graph, inputs));
  const bounds = carriedBounds(before, inputs);
  return before.outputs.flatMap((name) =>
    difference(name, wanted.get(name), found.get(name), bounds.get(name)),
  );
}

/** What is wrong with tensors that a plan made of a network, each compared from those before. */
export function wrongTensors(
  graph: Graph,
  plan: Plan,
  inputs: Inputs,
  tensors: TensorData,
  outputs: readonly Float32Array[],
): string[] {
  const found = { tensors, outputs: new Map(outputs.map((data, i) => [graph.outputs[i], data])) };
  const compared = compareNetwork(graph, new Map(Object.entries(inputs)), found, planLayers(plan));
  return [...compared.tensors, ...compared.outputs].flatMap(([tensor, comparison]) =>
    inWords(tensor, comparison),
  );
}

function inWords(what: string, { badCount, count, worst }: Comparison): string[] {
  return badCount === 0 ? [] : [`${what}: ${badCount} of ${count} are off${worstText(worst)}`];
}
