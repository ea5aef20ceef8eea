import { defined } from "../../support/assert.ts";
import { type Draft, rebuild } from "../draft.ts";
import { endsPlainly } from "../epilogue.ts";
import type { BatchNorm, Graph, GraphNode, NodeOp } from "../graph.ts";
import { has, type OpWith } from "../node-traits.ts";

/** What a batch norm does to channel c at inference: `x * scale[c] + shift[c]`. */
export interface ChannelAffine {
  readonly scale: Float64Array;
  readonly shift: Float64Array;
}

export function batchNormAffine(
  op: BatchNorm,
  inputs: readonly string[],
  constant: (tensor: string) => Float32Array | undefined,
): ChannelAffine {
  const [gamma, beta, mean, variance] = inputs
    .slice(1)
    .map((name) => defined(constant(name), `constant ${name} of a batch norm`));
  const scale = Float64Array.from(gamma, (g, c) => g / Math.sqrt(variance[c] + op.epsilon));
  const shift = Float64Array.from(beta, (b, c) => b - mean[c] * scale[c]);
  return { scale, shift };
}

/** Batch norm after a convolution or a dense layer goes into its weights and bias. */
export function foldBatchNorm(graph: Graph): Graph {
  return rebuild(graph, (node, draft) => {
    const { op } = node;
    const producer = op.kind === "batch-norm" ? draft.producer(node.inputs[0]) : undefined;
    if (op.kind !== "batch-norm" || producer === undefined || !draft.isOnlyUse(node.inputs[0])) {
      draft.push(node);
      return;
    }
    const before = producer.op;
    if (!takesUpBatchNorm(before) || draft.constant(producer.inputs[1]) === undefined) {
      draft.push(node);
      return;
    }
    const affine = batchNormAffine(op, node.inputs, draft.constant);
    draft.replace(producer, scaled({ ...producer, op: before }, affine, node.output, draft));
  });
}

/** Whether a batch norm behind it can go into a node's weights and bias. */
export function takesUpBatchNorm(op: NodeOp): op is OpWith<"linear"> {
  return has(op, "linear") && endsPlainly(op) && !("residual" in op && op.residual);
}

function scaled(
  node: GraphNode & { readonly op: OpWith<"linear"> },
  { scale, shift }: ChannelAffine,
  output: string,
  draft: Draft,
): GraphNode {
  const [x, w, b] = node.inputs;
  const weights = defined(draft.constant(w), `constant ${w}`);
  const bias = node.op.bias ? defined(draft.constant(b), `constant ${b}`) : undefined;
  const newWeights = scaleChannels(weights, scale);
  const newBias = Float32Array.from(shift, (s, c) => (bias === undefined ? s : bias[c] * scale[c] + s));
  return {
    ...node,
    op: { ...node.op, bias: true },
    inputs: [
      x,
      draft.addTensor(`${node.name}/weight`, draft.shape(w), newWeights),
      draft.addTensor(`${node.name}/bias`, [scale.length], newBias),
    ],
    output,
  };
}

/** Data of shape [C, ...] times scale[c]. */
function scaleChannels(data: Float32Array, scale: Float64Array): Float32Array {
  const perChannel = data.length / scale.length;
  const out = new Float32Array(data.length);
  for (const [c, factor] of scale.entries()) {
    const end = (c + 1) * perChannel;
    for (let i = c * perChannel; i < end; i++) out[i] = data[i] * factor;
  }
  return out;
}
