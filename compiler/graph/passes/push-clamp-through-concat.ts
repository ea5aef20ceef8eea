import { rebuild } from "../draft.ts";
import type { Graph } from "../graph.ts";
import { has } from "../node-traits.ts";

/** A clamp or an activation after a concat is done on each part instead, where it can be fused into what computes that part. */
export function pushClampThroughConcat(graph: Graph): Graph {
  return rebuild(graph, (node, draft) => {
    const { op } = node;
    const concat = has(op, "element-wise") ? draft.producer(node.inputs[0]) : undefined;
    if (concat?.op.kind !== "concat" || !draft.isOnlyUse(node.inputs[0])) {
      draft.push(node);
      return;
    }
    draft.remove(concat);
    const parts = concat.inputs.map((input, i) => {
      const output = draft.addTensor(`${node.output}/part${i}`, draft.shape(input));
      draft.push({ name: `${node.name}/part${i}`, op, inputs: [input], output });
      return output;
    });
    draft.push({ ...concat, inputs: parts, output: node.output });
  });
}
