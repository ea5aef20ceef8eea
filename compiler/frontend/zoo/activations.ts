import { NO_CLAMP, type NodeOp } from "../../graph/graph.ts";

/** What a layer of a zoo network may end with. */
export type ZooActivation = "relu" | "sigmoid" | "hard-sigmoid" | "hard-swish" | "silu";

interface Meaning {
  readonly op: NodeOp;
  readonly of: (v: number) => number;
}

/** As float32 has it, so that it survives an ONNX file. */
const SIXTH = Math.fround(1 / 6);

const sigmoid = (v: number): number => 1 / (1 + Math.exp(-v));
const hardSigmoid = (v: number): number => Math.min(Math.max(SIXTH * v + 0.5, 0), 1);

/** Each as a node of the graph, and of one number. */
export const ZOO_ACTIVATIONS: Readonly<Record<ZooActivation, Meaning>> = {
  relu: {
    op: { kind: "clamp", clamp: { lo: 0, hi: Number.POSITIVE_INFINITY } },
    of: (v) => Math.max(v, 0),
  },
  sigmoid: { op: activation("sigmoid", 0, 0), of: sigmoid },
  "hard-sigmoid": { op: activation("hard-sigmoid", SIXTH, 0.5), of: hardSigmoid },
  "hard-swish": { op: activation("hard-swish", SIXTH, 0.5), of: (v) => v * hardSigmoid(v) },
  silu: { op: activation("silu", 1, 0), of: (v) => v * sigmoid(v) },
};

function activation(fn: Exclude<ZooActivation, "relu">, alpha: number, beta: number): NodeOp {
  return { kind: "activation", activation: { fn, alpha, beta }, clamp: NO_CLAMP };
}
