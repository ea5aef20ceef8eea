import { rebuild } from "../draft.ts";
import type { Graph } from "../graph.ts";
import { batchNormAffine } from "./fold-batch-norm.ts";

/** Batch norms in a row become one, and none at all where they undo each other, as factors of exporters' activations do. */
export function mergeBatchNorms(graph: Graph): Graph {
  return rebuild(graph, (node, draft) => {
    const { op, inputs, output } = node;
    const before = op.kind === "batch-norm" ? draft.producer(inputs[0]) : undefined;
    if (op.kind !== "batch-norm" || before?.op.kind !== "batch-norm" || !draft.isOnlyUse(inputs[0])) {
      draft.push(node);
      return;
    }
    const first = batchNormAffine(before.op, before.inputs, draft.constant);
    const second = batchNormAffine(op, inputs, draft.constant);
    const scale = Float32Array.from(second.scale, (s, c) => first.scale[c] * s);
    const shift = Float32Array.from(second.shift, (s, c) => first.shift[c] * second.scale[c] + s);
    const [x] = before.inputs;
    if (scale.every((s) => s === 1) && shift.every((s) => s === 0) && !graph.outputs.includes(output)) {
      draft.remove(before);
      draft.substitute(output, x);
      return;
    }
    const constant = (part: string, data: Float32Array): string =>
      draft.addTensor(`${node.name}/${part}`, [data.length], data);
    draft.replace(before, {
      name: node.name,
      op: { kind: "batch-norm", epsilon: 0 },
      inputs: [
        x,
        constant("scale", scale),
        constant("shift", shift),
        constant("mean", new Float32Array(scale.length)),
        constant("variance", new Float32Array(scale.length).fill(1)),
      ],
      output,
    });
  });
}
