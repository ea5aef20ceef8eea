import type { Graph, GraphNode } from "./graph.ts";

const known = new WeakMap<Graph, ReadonlyMap<string, readonly GraphNode[]>>();

/** The nodes that read a tensor, in order; gathered once for a graph, which never changes. */
export function readersOf(graph: Graph, tensor: string): readonly GraphNode[] {
  const all = known.get(graph) ?? gather(graph);
  known.set(graph, all);
  return all.get(tensor) ?? [];
}

function gather(graph: Graph): ReadonlyMap<string, readonly GraphNode[]> {
  const readers = new Map<string, GraphNode[]>();
  for (const node of graph.nodes) {
    for (const input of new Set(node.inputs)) {
      const list = readers.get(input);
      if (list === undefined) readers.set(input, [node]);
      else list.push(node);
    }
  }
  return readers;
}
