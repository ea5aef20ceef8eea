import { rebuild } from "../draft.ts";
import type { Clamp, Graph } from "../graph.ts";
import { batchNormAffine, type ChannelAffine, takesUpBatchNorm } from "./fold-batch-norm.ts";

/**
 * A batch norm that does the same to all channels, and turns none around, is done before a clamp instead, whose bounds it is done to: a
 * convolution before that can take it up (clip(x + 3, 0, 6) / 6, a hard sigmoid as exporters write it).
 */
export function pushBatchNormThroughClamp(graph: Graph): Graph {
  return rebuild(graph, (node, draft) => {
    const { op, inputs, output } = node;
    const clamp = op.kind === "batch-norm" ? draft.producer(inputs[0]) : undefined;
    if (op.kind !== "batch-norm" || clamp?.op.kind !== "clamp" || !draft.isOnlyUse(clamp.output)) {
      draft.push(node);
      return;
    }
    const [x] = clamp.inputs;
    const before = draft.producer(x)?.op;
    const taken = before !== undefined && (before.kind === "batch-norm" || takesUpBatchNorm(before));
    const bounds = boundsAfter(clamp.op.clamp, batchNormAffine(op, inputs, draft.constant));
    if (bounds === undefined || !taken || !draft.isOnlyUse(x)) {
      draft.push(node);
      return;
    }
    const unclamped = draft.addTensor(`${output}/unclamped`, draft.shape(output));
    draft.remove(clamp);
    draft.push({ ...node, inputs: [x, ...inputs.slice(1)], output: unclamped });
    draft.push({ ...clamp, op: { kind: "clamp", clamp: bounds }, inputs: [unclamped], output });
  });
}

/** What bounds become; undefined where channels are treated otherwise than others, or greater values become smaller ones. */
function boundsAfter({ lo, hi }: Clamp, { scale, shift }: ChannelAffine): Clamp | undefined {
  const [by, and] = [scale[0], shift[0]];
  const alike = scale.every((s) => s === by) && shift.every((s) => s === and);
  if (!alike || !(by > 0) || !Number.isFinite(by) || !Number.isFinite(and)) return undefined;
  const after = (bound: number): number => Math.fround(Math.fround(bound * by) + and);
  return { lo: after(lo), hi: after(hi) };
}
