import { rebuild } from "../draft.ts";
import type { Graph } from "../graph.ts";
import { transpositions } from "../transposed-runs.ts";

/** Transpositions of more dimensions than a copy goes over are several, one after another. */
export function splitTransposes(graph: Graph): Graph {
  return rebuild(graph, (node, draft) => {
    if (node.op.kind !== "transpose") {
      draft.push(node);
      return;
    }
    const perms = transpositions(draft.shape(node.inputs[0]), node.op.perm);
    if (perms.length === 1) {
      draft.push(node);
      return;
    }
    let from = node.inputs[0];
    perms.forEach((perm, i) => {
      const last = i === perms.length - 1;
      const shape = perm.map((dim) => draft.shape(from)[dim]);
      const output = last ? node.output : draft.addTensor(`${node.output}/turned`, shape);
      const name = last ? node.name : `${node.name}/part${i}`;
      draft.push({ ...node, name, op: { kind: "transpose", perm }, inputs: [from], output });
      from = output;
    });
  });
}
