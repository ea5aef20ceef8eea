import { rebuild } from "../draft.ts";
import type { Graph } from "../graph.ts";

/** A batch norm after a concat of images is done to each convolution that computes some of them, which can take it up. */
export function pushBatchNormThroughConcat(graph: Graph): Graph {
  return rebuild(graph, (node, draft) => {
    const concat = node.op.kind === "batch-norm" ? draft.producer(node.inputs[0]) : undefined;
    const byConvolutions = concat?.inputs.every(
      (part) => draft.producer(part)?.op.kind === "conv2d" && draft.isOnlyUse(part),
    );
    if (
      concat?.op.kind !== "concat" ||
      concat.op.axis !== 0 ||
      !byConvolutions ||
      !draft.isOnlyUse(concat.output)
    ) {
      draft.push(node);
      return;
    }
    draft.remove(concat);
    const parts = concat.inputs.map((part, i) => {
      const output = draft.addTensor(`${node.output}/part${i}`, draft.shape(part));
      draft.push({ ...node, name: `${node.name}/part${i}`, inputs: [part, ...node.inputs.slice(1)], output });
      return output;
    });
    draft.push({ ...concat, inputs: parts, output: node.output });
  });
}
