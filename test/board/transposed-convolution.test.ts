import { describe, expect, test } from "vitest";
import { importOnnx } from "../../compiler/frontend/onnx/import.ts";
import { optimizeGraph } from "../../compiler/graph/optimize-graph.ts";
import { messageOf, model, node, weights } from "../frontend/onnx-model.ts";
import { joinModels, type OperatorModel } from "./operator-models.ts";
import { testOperators } from "./operator-tests.ts";

type Attributes = Parameters<typeof node>[3];

/** One ConvTranspose of weights [C, OC/group, KH, KW], with a bias. */
function transposed(
  x: readonly number[],
  w: readonly number[],
  attributes: Attributes = {},
  opset = 11,
): OperatorModel {
  const groups = Number(attributes?.group ?? 1);
  const channels = (w[1] as number) * groups;
  return {
    opset,
    inputs: { x },
    outputs: ["y"],
    nodes: [node("ConvTranspose", ["x", "w", "b"], "y", attributes)],
    weights: [weights("w", w), weights("b", [channels])],
  };
}

const S2 = { strides: [2, 2] } as const;
const models: Readonly<Record<string, OperatorModel>> = {
  "2x2 by 2": transposed([1, 8, 5, 7], [8, 16, 2, 2], S2),
  "2x2 by 2 of three channels, two images": transposed([2, 8, 5, 7], [8, 3, 2, 2], S2),
  "2x2 by 2 of one channel": transposed([1, 5, 4, 4], [5, 1, 2, 2], S2, 22),
  "4x4 by 2, padded": transposed([1, 8, 9, 8], [8, 16, 4, 4], { ...S2, pads: [1, 1, 1, 1] }),
  "4x4 by 2, padded, three channels": transposed([2, 8, 14, 14], [8, 3, 4, 4], { ...S2, pads: [1, 1, 1, 1] }),
  "4x4 by 2, padded, small": transposed([2, 6, 2, 3], [6, 8, 4, 4], { ...S2, pads: [1, 1, 1, 1] }),
  "3x3 by 2, output padding": transposed([1, 8, 6, 5], [8, 16, 3, 3], {
    ...S2,
    pads: [1, 1, 1, 1],
    output_padding: [1, 1],
  }),
  "3x3 by 2, odd": transposed([2, 4, 6, 5], [4, 6, 3, 3], { ...S2, pads: [1, 0, 1, 1] }),
  "3x3 by 2 in groups": transposed([1, 8, 6, 5], [8, 4, 3, 3], { ...S2, group: 4, pads: [1, 1, 1, 1] }),
  "2x2 by 2 in groups": transposed([1, 16, 6, 5], [16, 8, 2, 2], { ...S2, group: 4 }),
  "4x4 by 2 depthwise": transposed([1, 12, 6, 5], [12, 1, 4, 4], { ...S2, group: 12, pads: [1, 1, 1, 1] }),
  "stride 1": transposed([1, 8, 6, 5], [8, 12, 3, 3], { pads: [1, 1, 1, 1] }),
  "stride 1, asymmetric": transposed([2, 5, 6, 5], [5, 7, 3, 2], { pads: [0, 1, 2, 0] }),
  "stride 1, pads beyond the kernel": transposed([1, 5, 6, 9], [5, 7, 1, 2], { pads: [1, 3, 2, 2] }),
  "stride 1, dilated": transposed([1, 5, 6, 9], [5, 7, 3, 2], { dilations: [2, 3] }),
  "dilated, stride 2": transposed([1, 5, 6, 9], [5, 8, 3, 4], {
    ...S2,
    dilations: [3, 3],
    pads: [2, 1, 0, 3],
  }),
  "strides 2 and 1": transposed([1, 5, 6, 9], [5, 8, 2, 3], { strides: [2, 1], pads: [0, 1, 0, 1] }),
  "6x5 by 3 and 2": transposed([1, 4, 6, 5], [4, 8, 6, 5], { strides: [3, 2], pads: [1, 2, 2, 0] }),
  "2x2 by 2, pads beyond the kernel": transposed([1, 4, 6, 5], [4, 8, 2, 2], { ...S2, pads: [3, 1, 2, 0] }),
  "2x2 by 2, output padding": transposed([1, 4, 6, 5], [4, 8, 2, 2], { ...S2, output_padding: [1, 0] }),
  SAME_UPPER: transposed([1, 4, 6, 5], [4, 8, 3, 4], { strides: [2, 3], auto_pad: "SAME_UPPER" }),
  SAME_LOWER: transposed([1, 4, 6, 5], [4, 8, 3, 4], { strides: [2, 3], auto_pad: "SAME_LOWER" }),
  "SAME_LOWER of old": transposed([1, 4, 6, 5], [4, 8, 3, 3], { ...S2, auto_pad: "SAME_LOWER" }, 7),
  VALID: transposed([1, 4, 6, 5], [4, 8, 3, 3], { ...S2, auto_pad: "VALID", kernel_shape: [3, 3] }),
  "output shape": transposed([1, 4, 6, 5], [4, 8, 3, 3], { ...S2, output_shape: [12, 10] }),
  "output shape, SAME_UPPER": transposed([1, 4, 6, 5], [4, 8, 3, 3], {
    ...S2,
    output_shape: [12, 10],
    auto_pad: "SAME_UPPER",
  }),
  "output shape beyond": transposed([1, 4, 3, 3], [4, 2, 3, 3], { strides: [3, 2], output_shape: [10, 8] }),
  "a stride beyond the kernel": transposed([2, 4, 3, 3], [4, 5, 1, 2], { strides: [2, 3] }),
  "a kernel of holes": transposed([1, 4, 3, 3], [4, 8, 2, 2], { ...S2, dilations: [2, 2] }),
  "one pixel": transposed([1, 16, 1, 1], [16, 8, 4, 4]),
};

/** A ConvTranspose of 8 channels with what decoders have behind it. */
function decoder(x: readonly number[], w: readonly number[], attributes: Attributes): OperatorModel {
  const plain = transposed(x, w, attributes);
  const positive = [0.5, 1, 2, 3, 1, 0.25, 1, 2];
  return {
    ...plain,
    nodes: [
      node("ConvTranspose", ["x", "w", "b"], "t", attributes),
      node("BatchNormalization", ["t", "s", "o", "m", "v"], "n"),
      node("PRelu", ["n", "p"], "r"),
      node("Clip", ["r", "", "most"], "y"),
    ],
    weights: [
      ...(plain.weights ?? []),
      ...["s", "o", "m"].map((name) => weights(name, [8])),
      weights("v", [8], positive),
      weights("p", [8, 1, 1]),
      weights("most", [], [1.5]),
    ],
  };
}
const decoders = {
  "2x2 by 2 and more": decoder([1, 4, 6, 5], [4, 8, 2, 2], S2),
  "4x4 by 2 and more, in parts": decoder([1, 4, 2, 3], [4, 8, 4, 4], { ...S2, pads: [1, 1, 1, 1] }),
  "3x3 by 2 and more": decoder([2, 4, 6, 5], [4, 8, 3, 3], { ...S2, pads: [1, 1, 1, 1] }),
  "3x3 by 2 in groups and more": decoder([1, 4, 6, 5], [4, 4, 3, 3], { ...S2, group: 2 }),
} as const;

describe("transposed convolutions are ONNX Runtime's", () => {
  testOperators({ ...models, ...decoders }, { boards: ["host", "qemu-rpi4"], written: "imported" });
});

test("what follows a transposed convolution is done by the convolutions it is made of", () => {
  const kindsOf = (text: OperatorModel): string =>
    optimizeGraph(joinModels({ text }))
      .nodes.map(({ op }) => op.kind)
      .join(" ");
  expect(Object.values(decoders).map(kindsOf)).toEqual([
    "conv2d depth-to-space",
    "conv2d conv2d conv2d conv2d concat depth-to-space",
    "conv2d conv2d conv2d conv2d concat depth-to-space",
    "conv2d conv2d conv2d conv2d concat depth-to-space",
  ]);
});

describe("what a transposed convolution cannot be is refused by name", () => {
  const refusal = (x: readonly number[], w: readonly number[], attributes: Attributes): string =>
    messageOf(() => importOnnx(model(transposed(x, w, attributes))));

  test.each<[string, readonly number[], readonly number[], Attributes, string]>([
    [
      "four dimensions",
      [1, 2, 2, 2, 2, 2],
      [2, 3, 1, 1, 1, 1],
      {},
      "only 1-D, 2-D and 3-D convolutions are supported",
    ],
    ["negative pads", [1, 2, 4, 4], [2, 3, 2, 2], { pads: [-1, 0, 0, 0] }, "negative pads or output_padding"],
    [
      "a kernel that SAME does not fill",
      [1, 2, 4, 4],
      [2, 3, 2, 2],
      { strides: [3, 3], auto_pad: "SAME_UPPER" },
      "auto_pad=SAME_UPPER with a kernel that does not reach over its stride",
    ],
  ])("%s", (_, x, w, attributes, why) => {
    const text = refusal(x, w, attributes);
    expect(text).toContain("error[F104]: ");
    expect(text).toContain(why);
  });

  test.each<[string, readonly number[], readonly number[], Attributes, string]>([
    ["channels", [1, 3, 4, 4], [2, 3, 2, 2], {}, "its weights take 2 channels, its input has 3"],
    [
      "pads",
      [1, 2, 2, 2],
      [2, 3, 1, 1],
      { pads: [1, 0, 1, 0] },
      "its pads 1 and 1 leave nothing of 2 rows or columns",
    ],
    [
      "kernel_shape",
      [1, 2, 4, 4],
      [2, 3, 2, 2],
      { kernel_shape: [3, 2] },
      "kernel_shape 3x2 but weights 2x3x2x2",
    ],
    [
      "pads beside auto_pad",
      [1, 2, 4, 4],
      [2, 3, 2, 2],
      { auto_pad: "VALID", pads: [1, 0, 0, 0] },
      "it has both auto_pad=VALID and pads=[1,0,0,0]",
    ],
  ])("%s that do not fit", (_, x, w, attributes, why) => {
    const text = refusal(x, w, attributes);
    expect(text).toContain("error[F114]: ");
    expect(text).toContain(why);
  });
});
