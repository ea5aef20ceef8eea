import type { Graph } from "../../compiler/graph/graph.ts";
import type { CallerType } from "../../compiler/ir/port-type.ts";
import { defined } from "../../compiler/support/assert.ts";

/** The graph with inputs and outputs of other types than f32. */
export function withTypes(graph: Graph, types: Readonly<Record<string, CallerType>>): Graph {
  const tensors = new Map(graph.tensors);
  for (const [name, type] of Object.entries(types)) {
    tensors.set(name, { ...defined(tensors.get(name), name), type });
  }
  return { ...graph, tensors };
}
