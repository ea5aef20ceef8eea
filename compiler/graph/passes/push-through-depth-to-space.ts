import { defined } from "../../support/assert.ts";
import { type Draft, rebuild } from "../draft.ts";
import type { DepthToSpace, Graph, GraphNode } from "../graph.ts";
import { has } from "../node-traits.ts";
import { sourceChannel } from "../space-depth.ts";

/**
 * What is done to each channel alone behind a depth-to-space is done before it, where convolutions compute what is spread, so
 * that they can do it in their stores: batch norms, clamps, activations.
 */
export function pushThroughDepthToSpace(graph: Graph): Graph {
  return rebuild(graph, (node, draft) => {
    const spread = spreadBefore(node, draft);
    const deep = spread?.inputs[0] ?? "";
    if (spread === undefined || !draft.isOnlyUse(deep)) {
      draft.push(node);
      return;
    }
    const { op } = spread;
    const from = draft.producer(deep);
    const channels = draft.shape(spread.output)[1];
    const parts = from?.op.kind === "concat" && from.op.axis === 1 ? from.inputs : [];
    const own =
      op.order === "blocks-first" &&
      parts.every((part) => draft.shape(part)[1] === channels && draft.isOnlyUse(part));
    const output = (): string => draft.addTensor(`${node.output}/deep`, draft.shape(deep));
    if (from !== undefined && parts.length > 0 && own) {
      draft.remove(spread);
      draft.remove(from);
      const done = parts.map((part, i) => {
        const result = draft.addTensor(`${node.output}/part${i}`, draft.shape(part));
        const name = `${node.name}/part${i}`;
        draft.push({ ...node, name, inputs: [part, ...node.inputs.slice(1)], output: result });
        return result;
      });
      const joined = output();
      draft.push({ ...from, inputs: done, output: joined });
      draft.push({ ...spread, inputs: [joined], output: node.output });
    } else if (from !== undefined && (from.op.kind === "conv2d" || has(from.op, "channel-wise"))) {
      draft.remove(spread);
      const constants = node.inputs.slice(1).map((name) => repeated(draft, name, op, channels));
      const result = output();
      draft.push({ ...node, inputs: [deep, ...constants], output: result });
      draft.push({ ...spread, inputs: [result], output: node.output });
    } else draft.push(node);
  });
}

type Spread = GraphNode & { readonly op: DepthToSpace };

/** The depth-to-space that a node of each channel alone follows, which nothing else reads. */
function spreadBefore(node: GraphNode, draft: Draft): Spread | undefined {
  const spread =
    has(node.op, "channel-wise") && draft.isOnlyUse(node.inputs[0])
      ? draft.producer(node.inputs[0])
      : undefined;
  return spread?.op.kind === "depth-to-space" ? { ...spread, op: spread.op } : undefined;
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
