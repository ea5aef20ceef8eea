import { defined } from "../../support/assert.ts";
import { type Draft, rebuild } from "../draft.ts";
import type { DepthToSpace, Graph, GraphNode } from "../graph.ts";
import { sourceChannel } from "../space-depth.ts";

/**
 * What is done to each channel alone behind a depth-to-space is done before it, where convolutions compute what is spread, so
 * that they can do it in their stores: batch norms, clamps, activations.
 */
export function pushThroughDepthToSpace(graph: Graph): Graph {
  return rebuild(graph, (node, draft) => {
    const spread =
      isLocal(node) && draft.isOnlyUse(node.inputs[0]) ? draft.producer(node.inputs[0]) : undefined;
    const deep = spread?.inputs[0];
    if (spread?.op.kind !== "depth-to-space" || deep === undefined || !draft.isOnlyUse(deep)) {
      draft.push(node);
      return;
    }
    const { op } = spread;
    const from = draft.producer(deep);
    const channels = draft.shape(spread.output)[1];
    const parts = from?.op.kind === "concat" && from.op.axis === 1 ? from.inputs : undefined;
    const own = parts?.every((part) => draft.shape(part)[1] === channels) && op.order === "blocks-first";
    if (from?.op.kind === "conv2d") {
      draft.remove(spread);
      const constants = node.inputs.slice(1).map((name) => repeated(draft, name, op, channels));
      const output = draft.addTensor(`${node.output}/deep`, draft.shape(deep));
      draft.push({ ...node, inputs: [deep, ...constants], output });
      draft.push({ ...spread, inputs: [output], output: node.output });
    } else if (
      from !== undefined &&
      parts !== undefined &&
      own &&
      parts.every((part) => draft.isOnlyUse(part))
    ) {
      draft.remove(spread);
      draft.remove(from);
      const done = parts.map((part, i) => {
        const output = draft.addTensor(`${node.output}/part${i}`, draft.shape(part));
        draft.push({
          ...node,
          name: `${node.name}/part${i}`,
          inputs: [part, ...node.inputs.slice(1)],
          output,
        });
        return output;
      });
      const joined = draft.addTensor(`${node.output}/deep`, draft.shape(deep));
      draft.push({ ...from, inputs: done, output: joined });
      draft.push({ ...spread, inputs: [joined], output: node.output });
    } else draft.push(node);
  });
}

function isLocal({ op }: GraphNode): boolean {
  return ["batch-norm", "clamp", "activation", "prelu"].includes(op.kind);
}

/** A constant of each channel as one of each channel before the move. */
function repeated(draft: Draft, name: string, op: DepthToSpace, channels: number): string {
  const data = defined(draft.constant(name), `constant ${name}`);
  const [bh, bw] = op.blocks;
  const deep = new Float32Array(channels * bh * bw);
  for (let c = 0; c < channels; c++) {
    for (let i = 0; i < bh; i++) {
      for (let j = 0; j < bw; j++) deep[sourceChannel(op, channels, c, i, j)] = data[c];
    }
  }
  return draft.addTensor(`${name}/deep`, [deep.length], deep);
}
