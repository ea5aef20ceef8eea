import { rebuild } from "../draft.ts";
import type { Graph } from "../graph.ts";

/** Drops nodes whose result reaches no output of the network, and no check. */
export function removeDead(graph: Graph): Graph {
  const needed = new Set(graph.outputs);
  for (const node of [...graph.nodes].reverse()) {
    if (needed.has(node.output) || node.op.kind === "check") for (const name of node.inputs) needed.add(name);
  }
  return rebuild(graph, (node, draft) => {
    if (needed.has(node.output) || node.op.kind === "check") draft.push(node);
  });
}
