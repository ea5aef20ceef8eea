import { type Draft, rebuild } from "../draft.ts";
import type { Graph, GraphNode } from "../graph.ts";

/** A reshape of a reshape is one reshape; a reshape or transpose that changes nothing goes. */
export function simplifyReshapes(graph: Graph): Graph {
  return rebuild(graph, (node, draft) => {
    const direct = skipReshapeBefore(node, draft);
    if (isIdentity(direct, draft) && !graph.outputs.includes(node.output)) {
      draft.substitute(node.output, direct.inputs[0]);
    } else {
      draft.push(direct);
    }
  });
}

function skipReshapeBefore(node: GraphNode, draft: Draft): GraphNode {
  if (node.op.kind !== "reshape") return node;
  const before = draft.producer(node.inputs[0]);
  return before?.op.kind === "reshape" ? { ...node, inputs: before.inputs } : node;
}

function isIdentity(node: GraphNode, draft: Draft): boolean {
  if (node.op.kind === "transpose") return node.op.perm.every((from, to) => from === to);
  if (node.op.kind !== "reshape") return false;
  const from = draft.shape(node.inputs[0]);
  const to = draft.shape(node.output);
  return from.length === to.length && from.every((extent, d) => extent === to[d]);
}
