import { type ImportNode, importBody } from "./import-body.ts";
import { define } from "./import-state.ts";
import type { OnnxNode } from "./model.ts";
import { intAttribute } from "./node-attributes.ts";
import type { NodeContext } from "./node-context.ts";

// Operators of quantized maps, as ONNX defines them: what their inputs stand for, the operator of floats, and its result quantized.
// They are written out so; quantized neighbours of floats then become one function (graph/passes/pair-quantization.ts).

/** The operator set in whose words they are written out: scales along an axis came with 13. */
const WORDS = 13;

/** An operator as nodes from its inputs, which have these names, to `y`. */
interface WrittenOut {
  readonly inputs: readonly string[];
  readonly nodes: (given: OnnxNode) => readonly OnnxNode[];
}

const node = (
  opType: string,
  input: readonly string[],
  output: string,
  attribute: OnnxNode["attribute"] = [],
): OnnxNode => ({ name: output, opType, input, output: [output], attribute });

const dequantized = (x: string, axis: number): OnnxNode =>
  node("DequantizeLinear", [x, `${x}_scale`, `${x}_zero`], `${x}_floats`, [intAttribute("axis", axis)]);
const quantized = node("QuantizeLinear", ["sums", "y_scale", "y_zero"], "y");

/** Opset 10. The bias counts steps of both scales' product. */
const convolution: WrittenOut = {
  inputs: ["x", "x_scale", "x_zero", "w", "w_scale", "w_zero", "y_scale", "y_zero", "b"],
  nodes: ({ input = [], attribute }) => {
    const biased = (input[8] ?? "") !== "";
    const bias = [
      node("Mul", ["x_scale", "w_scale"], "b_scale"),
      node("DequantizeLinear", ["b", "b_scale"], "b_floats", [intAttribute("axis", 0)]),
    ];
    return [
      dequantized("x", 1),
      dequantized("w", 0),
      ...(biased ? bias : []),
      node("Conv", ["x_floats", "w_floats", ...(biased ? ["b_floats"] : [])], "sums", attribute),
      quantized,
    ];
  },
};

/** Opset 10. Scales are one for all, or one for each row of the first and each column of the second. */
const product: WrittenOut = {
  inputs: ["a", "a_scale", "a_zero", "b", "b_scale", "b_zero", "y_scale", "y_zero"],
  nodes: () => [
    dequantized("a", -2),
    dequantized("b", -1),
    node("MatMul", ["a_floats", "b_floats"], "sums"),
    quantized,
  ],
};

const WRITTEN_OUT: Readonly<Record<string, WrittenOut>> = {
  QLinearConv: convolution,
  QLinearMatMul: product,
};

/** Puts such a node's parts in its place. */
function importQuantized(context: NodeContext, given: OnnxNode, importNode: ImportNode): boolean {
  const { inputs, nodes } = WRITTEN_OUT[context.operator];
  const { state, outputName: name } = context;
  const there = inputs.flatMap((input, i) => {
    const value = context.optional(i);
    return value === undefined ? [] : [{ input, value }];
  });
  const body = {
    input: there.map(({ input }) => ({ name: input })),
    node: nodes(given),
    output: [{ name: "y" }],
  };
  const worded = { ...context, state: { ...state, opset: WORDS } };
  const values = there.map(({ value }) => value);
  const [value] = importBody(worded, body, importNode, values, new Map([["y", name]]));
  if (!state.values.has(name)) define(state, name, value);
  return true;
}

export const QUANTIZED = Object.fromEntries(Object.keys(WRITTEN_OUT).map((type) => [type, importQuantized]));
