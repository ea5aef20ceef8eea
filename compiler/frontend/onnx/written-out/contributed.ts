import type { OnnxNode } from "../model.ts";
import { floatOf, intAttribute, intOf } from "../node-attributes.ts";
import type { ContributedName } from "../signatures/contributed.ts";
import { fusedOperators } from "./fused.ts";
import { biasFloats } from "./quantized.ts";
import { constant, floatsOf, part, quantized, stepped, WORDS, type WrittenOut } from "./written-out.ts";

// ONNX Runtime's own operators (domain com.microsoft, docs/ContribOperators.md there) of quantized maps, which its quantizer writes.

/** The attributes of a node but for some. */
const without = ({ attribute = [] }: OnnxNode, ...names: readonly string[]): OnnxNode["attribute"] =>
  attribute.filter(({ name = "" }) => !names.includes(name));

/** An operator of floats, of one tensor. */
function ofOne(opType: string): WrittenOut {
  return {
    inputs: [...stepped("x"), "y_scale", "y_zero"],
    outputs: ["y"],
    parts: (given) => [
      floatsOf("x"),
      part(opType, ["x_floats"], "floats", without(given, "channels_last")),
      quantized("floats"),
    ],
  };
}

/** ONNX Runtime counts what ceil_mode adds as padding here, which AveragePool does not. */
function countsBeyond({ attribute = [] }: OnnxNode): string | undefined {
  const set = (wanted: string): boolean => attribute.some(({ name, i = 0 }) => name === wanted && i !== 0);
  return set("ceil_mode") && set("count_include_pad") ? "ceil_mode with count_include_pad" : undefined;
}

/** The same of two. */
function ofTwo(opType: string): WrittenOut {
  return {
    inputs: [...stepped("a"), ...stepped("b"), "y_scale", "y_zero"],
    outputs: ["y"],
    parts: () => [
      ...[floatsOf("a"), floatsOf("b")],
      part(opType, ["a_floats", "b_floats"], "floats"),
      quantized("floats"),
    ],
  };
}

/** Any number of tensors, each with its own scale, behind the result's. */
const concat: WrittenOut = {
  inputs: (count) => ["y_scale", "y_zero", ...partsOf(count).flatMap(stepped)],
  outputs: ["y"],
  parts: (given) => {
    const parts = partsOf((given.input ?? []).length);
    return [
      ...parts.map((x) => floatsOf(x)),
      part(
        "Concat",
        parts.map((x) => `${x}_floats`),
        "floats",
        given.attribute,
      ),
      quantized("floats"),
    ];
  },
};

function partsOf(inputs: number): readonly string[] {
  return Array.from({ length: Math.ceil((inputs - 2) / 3) }, (_, i) => `x${i}`);
}

/** QGemm: the bias counts steps of alpha times both scales' product. Without a scale of its own the result is floats. */
const gemm: WrittenOut = {
  inputs: [...stepped("a"), ...stepped("b"), "c", "y_scale", "y_zero"],
  outputs: ["y"],
  parts: (given, { has }) => {
    const columns = intOf(given, "transB", 0) !== 0 ? 0 : 1;
    const alpha = floatOf(given, "alpha", 1);
    const bias = [
      constant("alpha", alpha),
      part("Mul", ["a_scale", "alpha"], "a_steps"),
      ...biasFloats("c", ["a_steps", "b_scale"]),
    ];
    return [
      floatsOf("a"),
      floatsOf("b", [intAttribute("axis", columns)]),
      ...(has("c") ? bias : []),
      part(
        "Gemm",
        ["a_floats", "b_floats", ...(has("c") ? ["c_floats"] : [])],
        has("y_scale") ? "sums" : "y",
        given.attribute,
      ),
      ...(has("y_scale") ? [quantized("sums")] : []),
    ];
  },
};

/** QLinearSoftmax: as many steps are 1 as fit in, which ONNX Runtime counts in whole numbers; before opset 13 all axes from one on are one. */
const softmax: WrittenOut = {
  inputs: [...stepped("x"), "y_scale", "y_zero"],
  outputs: ["y"],
  parts: (given) => {
    const axis = intAttribute("axis", intOf(given, "axis", -1));
    const along =
      intOf(given, "opset", WORDS) < 13
        ? [
            part("Flatten", ["x_floats"], "rows", [axis]),
            part("Softmax", ["rows"], "shares"),
            part("Shape", ["x"], "shape"),
            part("Reshape", ["shares", "shape"], "floats"),
          ]
        : [part("Softmax", ["x_floats"], "floats", [axis])];
    return [
      floatsOf("x"),
      ...along,
      ...[part("Reciprocal", ["y_scale"], "steps"), part("Floor", ["steps"], "whole")],
      part("Reciprocal", ["whole"], "scale"),
      part("QuantizeLinear", ["floats", "scale", "y_zero"], "y"),
    ];
  },
};

/** The same as ONNX's operator of the name, before that had types of 16 bits. */
function asOnnx(opType: string, inputs: readonly string[]): WrittenOut {
  return { inputs, outputs: ["y"], parts: ({ attribute }) => [part(opType, inputs, "y", attribute)] };
}

export const contributedOperators: Readonly<Record<ContributedName, WrittenOut>> = {
  ...fusedOperators,
  DequantizeLinear: asOnnx("DequantizeLinear", stepped("x")),
  QGemm: gemm,
  QLinearAdd: ofTwo("Add"),
  QLinearAveragePool: { ...ofOne("AveragePool"), refuses: countsBeyond },
  QLinearConcat: concat,
  QLinearGlobalAveragePool: ofOne("GlobalAveragePool"),
  QLinearLeakyRelu: ofOne("LeakyRelu"),
  QLinearMul: ofTwo("Mul"),
  QLinearSigmoid: ofOne("Sigmoid"),
  QLinearSoftmax: softmax,
  QuantizeLinear: asOnnx("QuantizeLinear", ["x", "y_scale", "y_zero"]),
};
