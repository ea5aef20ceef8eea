import type { OnnxNode } from "../model.ts";
import { intAttribute } from "../node-attributes.ts";
import { UINT8 } from "../schema.ts";
import { constant, floatsOf, part, quantized, stepped, type WrittenOut } from "./written-out.ts";

const axis = (i: number) => [intAttribute("axis", i)];

/** QLinearConv (opset 10). The bias counts steps of both scales' product. */
const convolution: WrittenOut = {
  inputs: [...stepped("x"), ...stepped("w"), "y_scale", "y_zero", "b"],
  outputs: ["y"],
  parts: ({ attribute }, { has }) => [
    floatsOf("x"),
    floatsOf("w", axis(0)),
    ...(has("b") ? biasFloats("b", ["x_scale", "w_scale"]) : []),
    part("Conv", ["x_floats", "w_floats", ...(has("b") ? ["b_floats"] : [])], "sums", attribute),
    quantized("sums"),
  ],
};

/** What a bias of whole numbers stands for: steps of two scales' product, one for each channel or column. */
export function biasFloats(bias: string, [a, b]: readonly [string, string]): readonly OnnxNode[] {
  const scale = `${bias}_scale`;
  return [part("Mul", [a, b], scale), part("DequantizeLinear", [bias, scale], `${bias}_floats`, axis(-1))];
}

/** QLinearMatMul (opset 10). Scales are one for all, or one for each row of the first and each column of the second. */
const product: WrittenOut = {
  inputs: [...stepped("a"), ...stepped("b"), "y_scale", "y_zero"],
  outputs: ["y"],
  parts: () => [
    floatsOf("a", axis(-2)),
    floatsOf("b", axis(-1)),
    part("MatMul", ["a_floats", "b_floats"], "sums"),
    quantized("sums"),
  ],
};

/** DynamicQuantizeLinear (opset 11): uint8 whose 255 steps reach from the least to the greatest of all elements, and 0. */
const dynamic: WrittenOut = {
  inputs: ["x"],
  outputs: ["y", "y_scale", "y_zero"],
  parts: () => [
    ...[constant("zero", 0), constant("one", 1), constant("most", 255)],
    part("ReduceMin", ["x"], "least", [intAttribute("keepdims", 0)]),
    part("ReduceMax", ["x"], "greatest", [intAttribute("keepdims", 0)]),
    part("Min", ["least", "zero"], "from"),
    part("Max", ["greatest", "zero"], "to"),
    part("Sub", ["to", "from"], "range"),
    part("Equal", ["range", "zero"], "flat"),
    part("Div", ["range", "most"], "step"),
    // of zeros alone the scale is 1, as ONNX Runtime has it
    part("Where", ["flat", "one", "step"], "y_scale"),
    part("Neg", ["from"], "below"),
    part("Div", ["below", "y_scale"], "steps"),
    part("Round", ["steps"], "whole"),
    part("Clip", ["whole", "zero", "most"], "held"),
    part("Cast", ["held"], "y_zero", [intAttribute("to", UINT8)]),
    quantized("x"),
  ],
};

/** Operators of ONNX whose maps are quantized, as ONNX defines them: of what their inputs stand for, and quantized. */
export const quantizedOperators = {
  DynamicQuantizeLinear: dynamic,
  QLinearConv: convolution,
  QLinearMatMul: product,
} as const satisfies Readonly<Record<string, WrittenOut>>;

export type QuantizedName = keyof typeof quantizedOperators;
