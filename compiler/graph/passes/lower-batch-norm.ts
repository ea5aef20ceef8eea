import { type Draft, rebuild } from "../draft.ts";
import { imageExtents } from "../extents.ts";
import { type Graph, type GraphNode, NO_CLAMP } from "../graph.ts";
import { batchNormAffine } from "./fold-batch-norm.ts";

/**
 * A batch norm that could not be folded becomes a depthwise 1x1 convolution, which later passes can fuse; of what are no images one
 * that treats all channels alike becomes a function, as such tensors lie in rows.
 */
export function lowerBatchNorm(graph: Graph): Graph {
  return rebuild(graph, (node, draft) => {
    if (node.op.kind !== "batch-norm") {
      draft.push(node);
      return;
    }
    const { scale, shift } = batchNormAffine(node.op, node.inputs, draft.constant);
    const alike = scale.every((s) => s === scale[0]) && shift.every((s) => s === shift[0]);
    if (alike && imageExtents(draft.shape(node.inputs[0])) === undefined) {
      const activation = { fn: "affine", alpha: scale[0], beta: shift[0] } as const;
      draft.push({
        ...node,
        op: { kind: "activation", activation, clamp: NO_CLAMP },
        inputs: [node.inputs[0]],
      });
      return;
    }
    const channels = scale.length;
    const w = draft.addTensor(`${node.name}/weight`, [channels, 1, 1, 1], Float32Array.from(scale));
    const b = draft.addTensor(`${node.name}/bias`, [channels], Float32Array.from(shift));
    for (const each of asFourDimensional(node, [w, b], channels, draft)) draft.push(each);
  });
}

/** The convolution; a tensor of another rank is reshaped to [N, C, rest, 1] and back. */
function asFourDimensional(
  node: GraphNode,
  weights: readonly string[],
  channels: number,
  draft: Draft,
): GraphNode[] {
  const [x] = node.inputs;
  const shape = draft.shape(x);
  const conv = (input: string, output: string): GraphNode => ({
    name: node.name,
    op: {
      kind: "conv2d",
      strides: [1, 1],
      pads: [0, 0, 0, 0],
      dilations: [1, 1],
      groups: channels,
      bias: true,
      residual: false,
      clamp: NO_CLAMP,
    },
    inputs: [input, ...weights],
    output,
  });
  if (shape.length === 4) return [conv(x, node.output)];
  const [n, , ...rest] = shape;
  const wide = [n, channels, rest.reduce((a, b) => a * b, 1), 1];
  const before = draft.addTensor(`${node.name}/4d`, wide);
  const after = draft.addTensor(`${node.name}/4d-out`, wide);
  return [
    { name: `${node.name}/reshape`, op: { kind: "reshape" }, inputs: [x], output: before },
    conv(before, after),
    { name: `${node.name}/reshape-back`, op: { kind: "reshape" }, inputs: [after], output: node.output },
  ];
}
