import type { OnnxAttribute, OnnxNode } from "../model.ts";
import {
  attributeOf,
  floatAttribute,
  floatOf,
  intAttribute,
  intOf,
  intsAttribute,
  textAttribute,
} from "../node-attributes.ts";
import { constant, part, type WrittenOut } from "./written-out.ts";

// What ONNX Runtime's optimizer joins, in the parts that it joined (domain com.microsoft, docs/ContribOperators.md there).

/** Gelu came with operator set 20, Swish with 24. */
const WORDS = 24;

/** A node's attributes but for those of what it ends with. */
const own = ({ attribute = [] }: OnnxNode): readonly OnnxAttribute[] =>
  attribute.filter((each) => !/^activation/.test(each.name ?? ""));

/** The activation that a node names, of its numbers; none: the sums are the result. */
function ended(node: OnnxNode, numbers: readonly (number | undefined)[]): readonly OnnxNode[] {
  const name = new TextDecoder().decode(attributeOf(node, "activation")?.s);
  const [alpha, beta] = numbers;
  const number = (called: string, value: number | undefined): readonly OnnxAttribute[] =>
    value === undefined ? [] : [floatAttribute(called, value)];
  switch (name) {
    case "":
      return [part("Identity", ["sums"], "y")];
    case "LeakyRelu":
      return [part(name, ["sums"], "y", number("alpha", alpha))];
    case "HardSigmoid":
      return [part(name, ["sums"], "y", [...number("alpha", alpha), ...number("beta", beta)])];
    case "Clip": {
      const [least, most] = [alpha ?? Number.NEGATIVE_INFINITY, beta ?? Number.POSITIVE_INFINITY];
      return [constant("least", least), constant("most", most), part(name, ["sums", "least", "most"], "y")];
    }
    default:
      return [part(name, ["sums"], "y")];
  }
}

/** A Conv, to which `z` is added before its activation. */
const convolution: WrittenOut = {
  words: WORDS,
  inputs: ["x", "w", "b", "z"],
  outputs: ["y"],
  parts: (node, { has }) => [
    part("Conv", ["x", "w", "b"], has("z") ? "conv" : "sums", own(node)),
    ...(has("z") ? [part("Add", ["conv", "z"], "sums")] : []),
    ...ended(node, attributeOf(node, "activation_params")?.floats ?? []),
  ],
};

const gemm: WrittenOut = {
  words: WORDS,
  inputs: ["a", "b", "c"],
  outputs: ["y"],
  parts: (node) => [
    part("Gemm", ["a", "b", "c"], "sums", own(node)),
    ...ended(
      node,
      ["activation_alpha", "activation_beta"].map((name) => floatOf(node, name, undefined)),
    ),
  ],
};

/** alpha times a product of matrices, of which either may be transposed. */
const product: WrittenOut = {
  words: WORDS,
  inputs: ["a", "b"],
  outputs: ["y"],
  parts: (node, { rank }) => {
    const turned = (x: string, by: string): readonly OnnxNode[] => {
      const axes = Array.from({ length: rank(x) }, (_, i) => i);
      const perm = [...axes.slice(0, -2), ...axes.slice(-2).reverse()];
      const turns = intOf(node, by, 0) !== 0 && axes.length > 1;
      return [part("Transpose", [x], `${x}_turned`, [intsAttribute("perm", turns ? perm : axes)])];
    };
    const alpha = floatOf(node, "alpha", 1);
    return [
      ...[...turned("a", "transA"), ...turned("b", "transB"), constant("alpha", alpha)],
      part("MatMul", ["a_turned", "b_turned"], alpha === 1 ? "y" : "sums"),
      ...(alpha === 1 ? [] : [part("Mul", ["sums", "alpha"], "y")]),
    ];
  },
};

/** GELU of a sum where there is a bias. */
function gelu(approximate: "none" | "tanh"): WrittenOut {
  return {
    words: WORDS,
    inputs: ["x", "bias"],
    outputs: ["y"],
    parts: (_, { has }) => [
      ...(has("bias") ? [part("Add", ["x", "bias"], "sum")] : []),
      part("Gelu", [has("bias") ? "sum" : "x"], "y", [textAttribute("approximate", approximate)]),
    ],
  };
}

const quickGelu: WrittenOut = {
  words: WORDS,
  inputs: ["x"],
  outputs: ["y"],
  parts: (node) => [part("Swish", ["x"], "y", [floatAttribute("alpha", floatOf(node, "alpha", 1.702))])],
};

/** A LayerNormalization of a sum, which is the fourth result. */
const skipNorm: WrittenOut = {
  words: WORDS,
  inputs: ["x", "skip", "gamma", "beta", "bias"],
  outputs: ["y", "mean", "deviation", "sum"],
  parts: (node, { has }) => [
    part("Add", ["x", "skip"], has("bias") ? "both" : "sum"),
    ...(has("bias") ? [part("Add", ["both", "bias"], "sum")] : []),
    {
      ...part("LayerNormalization", ["sum", "gamma", "beta"], "y", [
        floatAttribute("epsilon", floatOf(node, "epsilon", 1e-12)),
        intAttribute("axis", -1),
      ]),
      output: ["y", "mean", "deviation"],
    },
  ],
};

export const fusedOperators = {
  BiasGelu: gelu("none"),
  FastGelu: gelu("tanh"),
  FusedConv: convolution,
  FusedGemm: gemm,
  FusedMatMul: product,
  Gelu: gelu("none"),
  QuickGelu: quickGelu,
  SkipLayerNormalization: skipNorm,
} as const satisfies Readonly<Record<string, WrittenOut>>;
