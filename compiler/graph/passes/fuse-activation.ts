import { isNoClamp } from "../clamps.ts";
import {
  type Add,
  type Conv2d,
  type Dense,
  type ElementwiseOp,
  type Graph,
  type GraphNode,
  type InstanceNorm,
  type MatMul,
  type Mul,
  type NodeOp,
  slopesOperand,
} from "../graph.ts";
import { fuseIntoProducer } from "./fuse-into-producer.ts";

/** An activation is done by the node before it, in its store, when that does nothing to its result yet. */
export function fuseActivation(graph: Graph): Graph {
  return fuseIntoProducer(graph, (producer, { op, inputs }) => {
    const before = producer.op;
    if (!endsPlainly(before)) return undefined;
    if (op.kind === "activation") {
      return { ...producer, op: { ...before, activation: op.activation, clamp: op.clamp } };
    }
    return op.kind === "prelu" && isLinear(before) ? withSlopes(producer, before, inputs[1]) : undefined;
  });
}

/** What can end with an activation, and has none, nor anything behind it. */
function endsPlainly(op: NodeOp): op is Conv2d | Dense | MatMul | Add | ElementwiseOp | Mul | InstanceNorm {
  switch (op.kind) {
    case "conv2d":
    case "dense":
    case "matmul":
    case "add":
    case "elementwise":
    case "instance-norm":
    case "mul": {
      const added = "residual" in op && op.residual === "after";
      return !added && op.activation === undefined && isNoClamp(op.clamp);
    }
    default:
      return false;
  }
}

function isLinear(op: NodeOp): op is Conv2d | Dense {
  return op.kind === "conv2d" || op.kind === "dense";
}

function withSlopes({ inputs, ...node }: GraphNode, op: Conv2d | Dense, slopes: string): GraphNode {
  const at = slopesOperand(op);
  return {
    ...node,
    op: { ...op, activation: { fn: "leaky-relu", alpha: 0, beta: 0 }, slopes: true },
    inputs: [...inputs.slice(0, at), slopes, ...inputs.slice(at)],
  };
}
