import type { Activation, GraphNode, Recurrent } from "../../graph/graph.ts";
import type { ActivationName } from "../../ops/activation/activations.ts";
import { defined } from "../../support/assert.ts";
import type { OnnxNode } from "./model.ts";
import {
  floatAttribute,
  floatsAttribute,
  intAttribute,
  textAttribute,
  textsAttribute,
} from "./node-attributes.ts";

/** What the nodes of a recurrent layer need of the file that is written. */
export interface RecurrentWriter {
  readonly shape: (tensor: string) => readonly number[];
  readonly floats: (name: string, shape: readonly number[], data: Float32Array) => string;
  readonly integers: (name: string, values: readonly number[]) => string;
}

const OPERATORS = { rnn: "RNN", gru: "GRU", lstm: "LSTM" } as const;
const NAMES: Readonly<Partial<Record<ActivationName, string>>> = {
  elu: "Elu",
  "hard-sigmoid": "HardSigmoid",
  "leaky-relu": "LeakyRelu",
  sigmoid: "Sigmoid",
  softplus: "Softplus",
  softsign: "Softsign",
  tanh: "Tanh",
};

/** One direction as ONNX has it: the weights of its inputs, which are weighted already, are ones on the diagonal. */
export function recurrentNodes(
  { name, inputs, output }: GraphNode,
  op: Recurrent,
  { shape, floats, integers }: RecurrentWriter,
): readonly OnnxNode[] {
  const nodes: OnnxNode[] = [];
  const [x, r, h0, ...more] = inputs;
  const [steps, batch, gates] = shape(x);
  const [, h] = shape(r);
  const reshape = (from: string, to: string, wanted: readonly number[]): string => {
    nodes.push({
      name: `${name}/${to}`,
      opType: "Reshape",
      input: [from, integers(`${output}/${to}-shape`, wanted)],
      output: [`${output}/${to}`],
    });
    return `${output}/${to}`;
  };
  const biases = new Float32Array(2 * gates);
  const w = floats(`${output}/w`, [1, gates, gates], diagonal(gates));
  const weights = reshape(r, "r", [1, gates, h]);
  const late = op.resetLate ? more[0] : undefined;
  const zeros = (size: number): string => floats(`${output}/zeros${size}`, [size], new Float32Array(size));
  if (late !== undefined) {
    nodes.push({
      name: `${name}/biases`,
      opType: "Concat",
      input: [zeros(gates + 2 * h), late],
      output: [`${output}/biases`],
      attribute: [intAttribute("axis", 0)],
    });
  }
  const b =
    late === undefined
      ? floats(`${output}/b`, [1, 2 * gates], biases)
      : reshape(`${output}/biases`, "b", [1, 2 * gates]);
  const states = [reshape(h0, "h0", [1, batch, h])];
  if (op.cell === "lstm") {
    states.push(reshape(more[0], "c0", [1, batch, h]));
    if (op.peepholes) states.push(reshape(more[1], "p", [1, 3 * h]));
  }
  const all = `${output}/y`;
  const cell = `${output}/y-c`;
  nodes.push({
    name,
    opType: OPERATORS[op.cell],
    input: [x, w, weights, b, "", ...states],
    output: op.cell === "lstm" ? [all, "", cell] : [all],
    attribute: attributesOf(op, h),
  });
  if (op.cell === "lstm") {
    const y = reshape(all, "steps", [steps, batch, h]);
    const attribute = [intAttribute("axis", 0)];
    nodes.push({ name: `${name}/concat`, opType: "Concat", input: [y, cell], output: [output], attribute });
  } else {
    const wanted = integers(`${output}/shape`, [steps, batch, h]);
    nodes.push({ name: `${name}/steps`, opType: "Reshape", input: [all, wanted], output: [output] });
  }
  return nodes;
}

/** Row-major, ones on the diagonal. */
function diagonal(size: number): Float32Array {
  const ones = new Float32Array(size * size);
  for (let i = 0; i < size; i++) ones[i * size + i] = 1;
  return ones;
}

function attributesOf({ reverse, clip, activations, inputForget, resetLate }: Recurrent, h: number) {
  const named = activations.map(({ fn }) => defined(NAMES[fn], `a name of ${fn}`));
  const numbers = (of: (a: Activation) => number, takes: readonly ActivationName[]): number[] =>
    activations.filter(({ fn }) => takes.includes(fn)).map(of);
  return [
    intAttribute("hidden_size", h),
    textAttribute("direction", reverse ? "reverse" : "forward"),
    textsAttribute("activations", named),
    floatsAttribute(
      "activation_alpha",
      numbers(({ alpha }) => alpha, ["elu", "hard-sigmoid", "leaky-relu"]),
    ),
    floatsAttribute(
      "activation_beta",
      numbers(({ beta }) => beta, ["hard-sigmoid"]),
    ),
    ...(Number.isFinite(clip) ? [floatAttribute("clip", clip)] : []),
    ...(inputForget ? [intAttribute("input_forget", 1)] : []),
    ...(resetLate ? [intAttribute("linear_before_reset", 1)] : []),
  ];
}
