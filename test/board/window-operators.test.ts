import { describe, expect, test } from "vitest";
import { importOnnx } from "../../compiler/frontend/onnx/import.ts";
import { optimizeGraph } from "../../compiler/graph/optimize-graph.ts";
import { runReference } from "../../compiler/verify/reference.ts";
import { messageOf, model, node, weights } from "../frontend/onnx-model.ts";
import { joinModels, type OperatorModel } from "./operator-models.ts";
import { testOperators } from "./operator-tests.ts";

type Attributes = Parameters<typeof node>[3];

/** One operator of one input. */
function plain(type: string, x: readonly number[], attributes: Attributes = {}, opset = 13): OperatorModel {
  return { opset, inputs: { x }, outputs: ["y"], nodes: [node(type, ["x"], "y", attributes)] };
}

/** One convolution, or a transposed one, with a bias. */
function conv(
  type: "Conv" | "ConvTranspose",
  x: readonly number[],
  w: readonly number[],
  attributes: Attributes = {},
): OperatorModel {
  const groups = Number(attributes?.group ?? 1);
  const channels = type === "Conv" ? w[0] : (w[1] as number) * groups;
  return {
    opset: 13,
    inputs: { x },
    outputs: ["y"],
    nodes: [node(type, ["x", "w", "b"], "y", attributes)],
    weights: [weights("w", w), weights("b", [channels as number])],
  };
}

const sequences: Readonly<Record<string, OperatorModel>> = {
  "1-D": conv("Conv", [2, 8, 21], [12, 8, 3], { pads: [1, 2] }),
  "1-D of one channel, strides": conv("Conv", [1, 1, 50], [16, 1, 9], {
    strides: [4],
    auto_pad: "SAME_LOWER",
  }),
  "1-D, dilated": conv("Conv", [1, 8, 30], [8, 8, 3], { dilations: [4], pads: [8, 0], kernel_shape: [3] }),
  "1-D in groups": conv("Conv", [1, 8, 17], [8, 2, 5], { group: 4 }),
  "1-D depthwise": conv("Conv", [1, 8, 17], [8, 1, 5], { group: 8, pads: [2, 2] }),
  "1-D of one tap": conv("Conv", [2, 8, 17], [5, 8, 1]),
  "1-D transposed": conv("ConvTranspose", [1, 8, 13], [8, 4, 4], { strides: [2], pads: [1, 1] }),
  "1-D transposed, whole": conv("ConvTranspose", [2, 8, 13], [8, 4, 2], { strides: [2] }),
  "1-D transposed by 8": conv("ConvTranspose", [1, 8, 13], [8, 4, 16], { strides: [8], pads: [4, 4] }),
  "1-D transposed in groups": conv("ConvTranspose", [1, 8, 13], [8, 4, 3], {
    strides: [2],
    group: 2,
    output_padding: [1],
    pads: [1, 1],
  }),
  "1-D transposed, stride 1": conv("ConvTranspose", [1, 8, 13], [8, 4, 3], { dilations: [2] }),
  "1-D maximum": plain("MaxPool", [2, 5, 20], { kernel_shape: [3], strides: [2], pads: [1, 1] }),
  "1-D maximum, ceiling": plain("MaxPool", [2, 5, 20], { kernel_shape: [3], strides: [2], ceil_mode: 1 }),
  "1-D average": plain("AveragePool", [2, 5, 20], { kernel_shape: [4], strides: [2], pads: [1, 0] }),
  "1-D average of all": plain("AveragePool", [2, 5, 20], { kernel_shape: [20] }),
  "1-D average, padding counts": plain("AveragePool", [1, 3, 9], {
    kernel_shape: [4],
    pads: [2, 2],
    count_include_pad: 1,
  }),
};
const volumes: Readonly<Record<string, OperatorModel>> = {
  "3-D": conv("Conv", [2, 3, 5, 6, 7], [4, 3, 3, 3, 3], { pads: [1, 1, 1, 1, 1, 1] }),
  "3-D, valid": conv("Conv", [1, 8, 5, 6, 7], [8, 8, 2, 3, 1]),
  "3-D, strides": conv("Conv", [1, 4, 7, 6, 7], [8, 4, 3, 3, 3], {
    strides: [2, 2, 1],
    pads: [1, 1, 1, 1, 0, 1],
  }),
  "3-D, dilated": conv("Conv", [2, 3, 7, 6, 7], [4, 3, 3, 2, 2], {
    dilations: [2, 2, 1],
    pads: [2, 1, 0, 3, 0, 0],
  }),
  "3-D in groups": conv("Conv", [2, 4, 4, 5, 4], [4, 2, 3, 2, 2], { group: 2, pads: [1, 0, 0, 1, 0, 0] }),
  "3-D depthwise": conv("Conv", [1, 4, 4, 5, 4], [4, 1, 3, 3, 3], { group: 4, auto_pad: "SAME_UPPER" }),
  "3-D with pads beyond the kernel": conv("Conv", [1, 4, 2, 3, 4], [6, 4, 2, 2, 2], {
    pads: [3, 0, 0, 2, 1, 0],
  }),
  "3-D of one depth": conv("Conv", [1, 4, 4, 5, 4], [6, 4, 1, 3, 3]),
  "3-D transposed": conv("ConvTranspose", [1, 1, 3, 4, 5], [1, 2, 3, 3, 3]),
  "3-D transposed by 2": conv("ConvTranspose", [2, 4, 3, 4, 5], [4, 6, 4, 4, 4], {
    strides: [2, 2, 2],
    pads: [1, 1, 1, 1, 1, 1],
  }),
  "3-D transposed by 3x2x2": conv("ConvTranspose", [1, 4, 3, 4, 5], [4, 3, 2, 1, 2], { strides: [3, 2, 2] }),
  "3-D transposed by 2x1x1 in groups": conv("ConvTranspose", [1, 4, 3, 4, 5], [4, 3, 2, 3, 3], {
    strides: [2, 1, 1],
    group: 2,
    pads: [0, 1, 1, 1, 1, 1],
  }),
  "1-D maximum of windows that no registers hold": plain("MaxPool", [2, 5, 90], {
    ...{ kernel_shape: [24], strides: [3], dilations: [3], pads: [20, 7] },
  }),
  "maximum of a whole row of many": plain("MaxPool", [1, 5, 2, 300], { kernel_shape: [2, 300] }),
  "mean of wide windows": plain("AveragePool", [1, 6, 7, 70], { kernel_shape: [3, 40], strides: [2, 4] }),
  "3-D maximum": plain("MaxPool", [2, 3, 5, 5, 5], {
    kernel_shape: [2, 3, 2],
    strides: [2, 1, 2],
    pads: [0, 1, 0, 1, 1, 1],
  }),
  "3-D maximum, ceiling": plain("MaxPool", [2, 3, 5, 6, 5], {
    kernel_shape: [2, 3, 2],
    strides: [2, 2, 2],
    ceil_mode: 1,
  }),
  "3-D maximum of each depth": plain("MaxPool", [2, 3, 3, 6, 5], {
    kernel_shape: [1, 3, 2],
    strides: [1, 2, 2],
    pads: [0, 1, 0, 0, 1, 1],
  }),
  "3-D average": plain("AveragePool", [2, 3, 4, 5, 6], {
    kernel_shape: [2, 3, 2],
    strides: [2, 1, 2],
    pads: [1, 1, 0, 0, 1, 1],
  }),
  "3-D average, padding counts": plain("AveragePool", [2, 3, 4, 5, 6], {
    kernel_shape: [2, 3, 2],
    pads: [1, 1, 0, 0, 1, 1],
    count_include_pad: 1,
  }),
  "3-D average of all": plain("AveragePool", [2, 3, 2, 3, 4], { kernel_shape: [2, 3, 4] }),
};
const others: Readonly<Record<string, OperatorModel>> = {
  "average, padding counts, ceiling": plain(
    "AveragePool",
    [1, 3, 8, 8],
    { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 0, 0, 1], count_include_pad: 1, ceil_mode: 1 },
    19,
  ),
  "average behind a Pad": {
    opset: 10,
    inputs: { x: [1, 3, 6, 7] },
    outputs: ["y"],
    nodes: [
      node("Pad", ["x"], "p", { pads: [0, 0, 1, 0, 0, 0, 2, 1] }),
      node("AveragePool", ["p"], "y", { kernel_shape: [3, 3], pads: [1, 1, 0, 1] }),
    ],
  },
  "mean of a sequence": plain("GlobalAveragePool", [2, 5, 9]),
  "mean of volumes": plain("GlobalAveragePool", [2, 5, 2, 3, 4]),
  "greatest of a sequence": plain("GlobalMaxPool", [2, 5, 9]),
  "greatest of a map": plain("GlobalMaxPool", [2, 9, 5, 3], {}, 22),
  "greatest of volumes": plain("GlobalMaxPool", [1, 9, 2, 5, 3]),
  "norm of a map": plain("GlobalLpPool", [2, 9, 5, 3]),
  "sum of sizes of a sequence": plain("GlobalLpPool", [2, 9, 5], { p: 1 }),
  "3-norm of volumes": plain("GlobalLpPool", [2, 3, 2, 5, 2], { p: 3 }),
  "norms of windows": plain("LpPool", [2, 9, 8, 7], {
    kernel_shape: [3, 2],
    strides: [2, 1],
    pads: [1, 0, 1, 1],
  }),
  "1-norms of a sequence": plain("LpPool", [2, 9, 8], { kernel_shape: [3], p: 1 }),
  "3-norms": plain("LpPool", [1, 5, 8, 7], { kernel_shape: [3, 3], p: 3, auto_pad: "SAME_UPPER" }),
  "norms, dilated": plain(
    "LpPool",
    [1, 5, 9, 8],
    { kernel_shape: [3, 3], strides: [2, 2], dilations: [2, 1] },
    18,
  ),
  LRN: plain("LRN", [2, 16, 5, 6], { size: 5 }),
  "LRN of few channels": plain(
    "LRN",
    [1, 5, 7, 6],
    { size: 3, alpha: { float: 0.5 }, beta: { float: 0.5 }, bias: { float: 2 } },
    1,
  ),
  "LRN of seven": plain("LRN", [2, 32, 1, 9], { size: 7, alpha: { float: 2 } }),
  "LRN between convolutions": {
    inputs: { x: [1, 3, 9, 9] },
    outputs: ["y"],
    nodes: [
      node("Conv", ["x", "v"], "a"),
      node("Relu", ["a"], "b"),
      node("LRN", ["b"], "c", { size: 5, alpha: { float: 1 } }),
      node("Conv", ["c", "w"], "y", { pads: [1, 1, 1, 1] }),
    ],
    weights: [weights("v", [32, 3, 3, 3]), weights("w", [5, 32, 3, 3])],
  },
  "norms of volumes": plain("LpPool", [1, 3, 4, 5, 6], { kernel_shape: [2, 3, 3] }),
};

/** Layers of sequences, one after the other. */
const net: OperatorModel = {
  inputs: { x: [1, 3, 64] },
  outputs: ["y"],
  nodes: [
    node("Conv", ["x", "w0"], "a", { pads: [2, 2], strides: [2] }),
    node("BatchNormalization", ["a", "s", "o", "m", "v"], "b"),
    node("Relu", ["b"], "c"),
    node("Conv", ["c", "w1"], "d", { pads: [1, 1] }),
    node("BatchNormalization", ["d", "s", "o", "m", "v"], "e"),
    node("Add", ["e", "c"], "f"),
    node("Relu", ["f"], "g"),
    node("MaxPool", ["g"], "h", { kernel_shape: [2], strides: [2] }),
    node("Concat", ["h", "h"], "i", { axis: 1 }),
    node("GlobalAveragePool", ["i"], "j"),
    node("Flatten", ["j"], "k"),
    node("Gemm", ["k", "w2"], "y"),
  ],
  weights: [
    weights("w0", [8, 3, 5]),
    weights("w1", [8, 8, 3]),
    weights("w2", [16, 4]),
    ...["s", "o", "m"].map((name) => weights(name, [8])),
    weights("v", [8], [0.5, 1, 2, 3, 1, 0.25, 1, 2]),
  ],
};
const deep: OperatorModel = {
  inputs: { x: [1, 3, 4, 8, 8] },
  outputs: ["y"],
  nodes: [
    node("Conv", ["x", "w0"], "a", { pads: [1, 1, 1, 1, 1, 1] }),
    node("BatchNormalization", ["a", "s", "o", "m", "v"], "b"),
    node("Relu", ["b"], "c"),
    node("Conv", ["c", "w1"], "d", { pads: [1, 1, 1, 1, 1, 1] }),
    node("Add", ["d", "c"], "e"),
    node("Relu", ["e"], "f"),
    node("MaxPool", ["f"], "g", { kernel_shape: [1, 2, 2], strides: [1, 2, 2] }),
    node("Conv", ["g", "w1"], "h"),
    node("GlobalAveragePool", ["h"], "y"),
  ],
  weights: [
    weights("w0", [8, 3, 3, 3, 3]),
    weights("w1", [8, 8, 3, 3, 3]),
    ...["s", "o", "m"].map((name) => weights(name, [8])),
    weights("v", [8], [0.5, 1, 2, 3, 1, 0.25, 1, 2]),
  ],
};

describe.each([
  ["of sequences", { ...sequences, net }],
  ["of volumes", { ...volumes, deep }],
  ["of whole maps, norms, averages", others],
] as const)("windows %s are ONNX Runtime's", (_, models) => {
  testOperators(models, { boards: ["host", "qemu-rpi4"], written: "imported" });
});

test("layers of sequences and of volumes are fused as those of images", () => {
  const kinds = [net, deep].map((text) => optimizeGraph(joinModels({ text })).nodes.map(({ op }) => op.kind));
  expect(kinds[0].join(" ")).toBe("reshape conv2d conv2d pool concat global-avg-pool reshape dense");
  expect(
    kinds[1].filter((kind) => !["reshape", "transpose", "slice", "concat"].includes(kind)).join(" "),
  ).toBe("conv2d conv2d conv2d conv2d conv2d conv2d add pool conv2d global-avg-pool");
});

test("an LRN of an even size, of a sequence, is what ONNX says", () => {
  const graph = importOnnx(
    model(plain("LRN", [1, 4, 3], { size: 4, alpha: { float: 2 }, beta: { float: 1 }, bias: { float: 3 } })),
  );
  const x = Float32Array.from({ length: 12 }, (_, i) => i - 4);
  const at = (c: number, l: number): number => x[c * 3 + l] ?? 0;
  const expected = Array.from(x, (v, i) => {
    const [c, l] = [Math.floor(i / 3), i % 3];
    const near = [c - 1, c, c + 1, c + 2].filter((k) => k >= 0 && k < 4);
    return Math.fround(v / (3 + (2 / 4) * near.reduce((sum, k) => sum + at(k, l) ** 2, 0)));
  });
  const y = [...(runReference(optimizeGraph(graph), { x }).get("y") ?? [])];
  y.forEach((v, i) => expect(v).toBeCloseTo(expected[i], 6));
});

describe("windows that cannot be are refused by name", () => {
  const refusal = (text: OperatorModel): string => messageOf(() => importOnnx(model(text)));
  const pool = (x: readonly number[], attributes: Attributes): OperatorModel =>
    plain("MaxPool", x, attributes);

  test.each<[code: string, text: OperatorModel, why: string]>([
    [
      "F104",
      conv("Conv", [1, 2, 3, 3, 3, 3], [2, 2, 1, 1, 1, 1]),
      "input of shape 1x2x3x3x3x3: only 1-D, 2-D and 3-D convolutions are supported",
    ],
    [
      "F104",
      conv("Conv", [1, 2, 9], [2, 2, 3, 3]),
      "input of shape 1x2x9: only 1-D, 2-D and 3-D convolutions are supported",
    ],
    [
      "F104",
      pool([1, 2, 3, 3, 3, 3], { kernel_shape: [1, 1, 1, 1] }),
      "input of shape 1x2x3x3x3x3: only 1-D, 2-D and 3-D pools are supported",
    ],
    ["F104", conv("Conv", [1, 2, 70, 3, 3], [2, 2, 65, 1, 1]), "65 taps at each of 6 depths"],
    ["F104", plain("GlobalMaxPool", [2, 3]), "input of shape 2x3: only [N,C,...]"],
    ["F104", plain("LRN", [1, 8, 3, 3], { size: 65 }), "size=65"],
    [
      "F104",
      pool([1, 2, 9], { kernel_shape: [2], pads: [0, 3], strides: [2] }),
      "one of its windows holds nothing but padding",
    ],
    ["F114", pool([1, 2, 9], { kernel_shape: [3, 3] }), "kernel_shape 3x3 for an input of shape 1x2x9"],
    [
      "F114",
      pool([1, 2, 9], { kernel_shape: [3], strides: [2, 2] }),
      "strides has 2 entries for 1 spatial dimensions",
    ],
    [
      "F114",
      conv("Conv", [1, 2, 9], [2, 2, 3], { pads: [1, 1, 1, 1] }),
      "pads has 4 entries for 1 spatial dimensions",
    ],
    ["F114", conv("Conv", [1, 2, 9], [2, 2, 3], { kernel_shape: [5] }), "kernel_shape 5 but weights 2x2x3"],
    ["F114", plain("GlobalLpPool", [1, 2, 9], { p: 0 }), "p is 0"],
    ["F114", plain("LRN", [1, 8, 3, 3], { size: 0 }), "size is 0"],
    ["F112", pool([1, 2, 4], { kernel_shape: [5] }), "width: kernel 5, input 4 + padding 0 + 0"],
    ["F112", conv("Conv", [1, 2, 2, 5, 5], [2, 2, 3, 3, 3]), "depth: kernel 3, input 2 + padding 0 + 0"],
  ])("%s, case %#", (code, text, why) => {
    const message = refusal(text);
    expect(message).toContain(`error[${code}]: `);
    expect(message).toContain(why);
  });
});
