import { type Draft, rebuild } from "../draft.ts";
import type { Graph, GraphNode } from "../graph.ts";

/** A reshape of a reshape is one reshape, a transpose of a transpose one transpose; one that changes nothing goes. */
export function simplifyReshapes(graph: Graph): Graph {
  return rebuild(graph, (node, draft) => {
    const direct = skipMoveBefore(node, draft);
    if (isIdentity(direct, draft) && !graph.outputs.includes(node.output)) {
      draft.substitute(node.output, direct.inputs[0]);
    } else {
      draft.push(direct);
    }
  });
}

function skipMoveBefore(node: GraphNode, draft: Draft): GraphNode {
  const before = draft.producer(node.inputs[0]);
  if (node.op.kind === "reshape" && before?.op.kind === "reshape") return { ...node, inputs: before.inputs };
  if (node.op.kind !== "transpose" || before?.op.kind !== "transpose") return node;
  const first = before.op.perm;
  return {
    ...node,
    op: { kind: "transpose", perm: node.op.perm.map((p) => first[p]) },
    inputs: before.inputs,
  };
}

function isIdentity(node: GraphNode, draft: Draft): boolean {
  if (node.op.kind === "transpose") return node.op.perm.every((from, to) => from === to);
  if (node.op.kind !== "reshape") return false;
  const from = draft.shape(node.inputs[0]);
  const to = draft.shape(node.output);
  return from.length === to.length && from.every((extent, d) => extent === to[d]);
}
