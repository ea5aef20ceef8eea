import { endsPlainly, slopesOperand } from "../epilogue.ts";
import type { Graph, GraphNode } from "../graph.ts";
import { addsLast, has, type OpWith } from "../node-traits.ts";
import { fuseIntoProducer } from "./fuse-into-producer.ts";
import { byProduct } from "./round-by-products.ts";

/** An activation is done by the node before it, in its store, when that does nothing to its result yet. */
export function fuseActivation(graph: Graph): Graph {
  return fuseIntoProducer(graph, (producer, { op, inputs }) => {
    const before = producer.op;
    if (!has(before, "epilogue") || !endsPlainly(before) || addsLast(before)) return undefined;
    if (op.kind === "activation") {
      // a sum of products is rounded anyway
      const activation = has(before, "biased") ? byProduct(op.activation) : op.activation;
      return { ...producer, op: { ...before, activation, clamp: op.clamp } };
    }
    return op.kind === "prelu" && has(before, "linear") ? withSlopes(producer, before, inputs[1]) : undefined;
  });
}

function withSlopes({ inputs, ...node }: GraphNode, op: OpWith<"linear">, slopes: string): GraphNode {
  const at = slopesOperand(op);
  return {
    ...node,
    op: { ...op, activation: { fn: "leaky-relu", alpha: 0, beta: 0 }, slopes: true },
    inputs: [...inputs.slice(0, at), slopes, ...inputs.slice(at)],
  };
}
