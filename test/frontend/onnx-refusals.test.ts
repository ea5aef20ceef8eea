import { describe, expect, test } from "vitest";
import { importOnnx } from "../../compiler/frontend/onnx/import.ts";
import type { OnnxNode, OnnxTensor } from "../../compiler/frontend/onnx/model.ts";
import { encodeModel } from "../../compiler/frontend/onnx/protobuf.ts";
import { integers, type ModelText, messageOf, model, modelOf, node, weights } from "./onnx-model.ts";

const IMAGE = { x: [1, 4, 8, 8] } as const;
const bn = ["s", "o", "m", "v"].map((name) => weights(name, [4], [1, 2, 3, 4]));
const bool = (name: string, value: number): OnnxTensor => ({
  name,
  dims: [],
  dataType: 9,
  rawData: Uint8Array.of(value),
});
const bytes = (name: string, dataType: number, values: readonly number[]): OnnxTensor => ({
  name,
  dims: [values.length],
  dataType,
  rawData: Uint8Array.from(values),
});

/** Why the network of these nodes is refused. */
function why(nodes: readonly OnnxNode[], more: Partial<ModelText> = {}): string {
  const message = messageOf(() => importOnnx(model({ inputs: IMAGE, outputs: ["y"], nodes, ...more })));
  return (message.split("\n")[1] ?? "").replace(/^ {2}why: {3}/, "");
}

type Case = readonly [what: string, nodes: readonly OnnxNode[], why: string, more?: Partial<ModelText>];
/** A node `y` of one operator, in an operator set. */
const one = (
  type: string,
  inputs: readonly string[],
  attributes: Parameters<typeof node>[3],
  reason: string,
  more: Partial<ModelText> & { readonly outputs?: readonly string[] } = {},
): Case => {
  const { opset = 13 } = more;
  return [
    `${type} ${opset}`,
    [node(type, inputs, "y", attributes)],
    `node \`y_node\`: ${type} (opset ${opset}): ${reason}`,
    more,
  ];
};

/** What must not be passed over: each would compute another network than the file describes. */
const INPUTS: readonly Case[] = [
  one("Relu", ["x", "z"], {}, "input 1 `z` is one too many: the operator has 1 there"),
  one("Relu", ["x", "", "later"], {}, "input 2 `later` is one too many: the operator has 1 there"),
  one(
    "BatchNormalization",
    ["x", "s", "o", "m", "v", "v"],
    {},
    "input 5 `v` is one too many: the operator has 5 there",
    { weights: bn },
  ),
  one(
    "Pad",
    ["x", "p"],
    { pads: [0, 0, 0, 0, 0, 0, 0, 0] },
    "input 1 `p` is one too many: the operator has it (pads) from opset 11 on",
    { opset: 10, weights: [integers("p", [0, 0, 1, 1, 0, 0, 1, 1])] },
  ),
  one(
    "Slice",
    ["x", "a", "b"],
    { starts: [0], ends: [1] },
    "input 1 `a` is one too many: the operator has it (starts) from opset 10 on",
    { opset: 9, weights: [integers("a", [0]), integers("b", [1])] },
  ),
  one("Clip", ["x", "lo"], {}, "input 1 `lo` is one too many: the operator has it (min) from opset 11 on", {
    opset: 10,
    weights: [weights("lo", [], [0])],
  }),
  one(
    "Unsqueeze",
    ["x", "a"],
    { axes: [0] },
    "input 1 `a` is one too many: the operator has it (axes) from opset 13 on",
    { opset: 12, weights: [integers("a", [0])] },
  ),
];

const ATTRIBUTES: readonly Case[] = [
  one("Relu", ["x"], { alpha: { float: 1 } }, "attribute alpha=1, which the operator does not have"),
  one("Clip", ["x"], { max: { float: 6 } }, "attribute max=6, which the operator has until opset 10"),
  one("Squeeze", ["x"], { axes: [0] }, "attribute axes=[0], which the operator has until opset 12"),
  one(
    "AveragePool",
    ["x"],
    { kernel_shape: [2, 2], dilations: [2, 2] },
    "attribute dilations=[2,2], which the operator has from opset 19 on",
  ),
  one("Shape", ["x"], { start: 1 }, "attribute start=1, which the operator has from opset 15 on"),
  one(
    "MaxPool",
    ["x"],
    { kernel_shape: [2, 2], ceil_mode: 4294967295 },
    "attribute ceil_mode=4294967295 should be 0 or 1",
  ),
  one(
    "MaxPool",
    ["x"],
    { kernel_shape: [2, 2], auto_pad: "SAME" },
    'attribute auto_pad="SAME" should be one of NOTSET, , SAME_UPPER, SAME_LOWER, VALID',
  ),
  one("MaxPool", ["x"], { kernel_shape: { float: 2 } }, "attribute kernel_shape=2 should be of type ints"),
  one("Softmax", ["x"], { axis: "last" }, 'attribute axis="last" should be of type int'),
  one(
    "BatchNormalization",
    ["x", "s", "o", "m", "v"],
    { training_mode: 1 },
    "attribute training_mode=1: export the model for inference",
    { opset: 14, weights: bn },
  ),
  one(
    "BatchNormalization",
    ["x", "s", "o", "m", "v"],
    { spatial: 0 },
    "attribute spatial=0: statistics of each element are not supported",
    { opset: 8, weights: bn },
  ),
  one(
    "BatchNormalization",
    ["x", "s", "o", "m", "v"],
    {},
    "attribute is_test is absent, so 0: export the model for inference",
    { opset: 6, weights: bn },
  ),
  one(
    "Add",
    ["x", "s"],
    { broadcast: 1, axis: 1 },
    "attribute axis=1: B is spread from an axis on: export with opset 7 or newer",
    { opset: 6, weights: bn },
  ),
  one("Constant", [], { value_string: "a" }, 'attribute value_string="a": strings are not supported'),
  one(
    "Pad",
    ["x", "p"],
    { mode: "mirror" },
    'attribute mode="mirror" should be one of constant, reflect, edge, wrap',
    { weights: [integers("p", [0, 0, 0, 0, 0, 0, 0, 0])] },
  ),
  one("Reshape", ["x"], { shape: [1, -1] }, "is read from opset 5 on", { opset: 4 }),
  one("HardSwish", ["x"], {}, "is read from opset 14 on"),
];

const OUTPUTS: readonly Case[] = [
  [
    "BatchNormalization in training, before opset 14",
    [node("BatchNormalization", ["x", "s", "o", "m", "v"], "y", {}, ["mean", "var"])],
    "node `y_node`: BatchNormalization (opset 13): output 1 `mean` (running_mean) asks for training: export the model for inference",
    { weights: bn },
  ],
  [
    "a second Relu",
    [node("Relu", ["x"], "y", {}, ["z"])],
    "node `y_node`: Relu (opset 13): output 1 `z` is one too many: the operator has 1",
  ],
];

const VALUES: readonly Case[] = [
  one("Clip", ["x", "lo", "hi"], {}, "bounds Infinity and 6: every result would be infinite or one bound", {
    weights: [weights("lo", [], [Number.POSITIVE_INFINITY]), weights("hi", [], [6])],
  }),
  one("Dropout", ["x", "", "t"], {}, "input training_mode is true: export the model for inference", {
    weights: [bool("t", 1)],
  }),
  one("Cast", ["n"], { to: 8 }, "of int64 to string", { weights: [integers("n", [2])] }),
  one("Cast", ["x"], { to: 8 }, "of an activation to string: only to floats and whole numbers"),
  one("Cast", ["n"], { to: 6 }, "it computes 4294967296, which int32 cannot hold", {
    weights: [integers("n", [2 ** 32])],
  }),
  one("Add", ["a", "a"], {}, "it computes 400, which uint8 cannot hold", { weights: [bytes("a", 2, [200])] }),
  one("Squeeze", ["x", "none"], {}, "an empty list of axes: leave axes out to squeeze all of size 1", {
    weights: [integers("none", [])],
  }),
  one("Slice", ["x", "from", "to", "axes"], {}, "axes [2, -2] name a dimension twice", {
    weights: [integers("from", [1, 1]), integers("to", [7, 7]), integers("axes", [2, -2])],
  }),
];

/** Whole numbers where floats are wanted, or of which nothing can be sure. */
const WHOLE: readonly Case[] = [
  ["Sigmoid", "s", {}, "of int64: input `n` must be float32"],
  ["Softmax", "s", {}, "of int64: input `n` must be float32"],
  ["ReduceMean", "s", {}, "of int64: input `n` must be float32"],
  [
    "CumSum",
    "s axis",
    {},
    "of 8 int64 from -9007198717870080 to 9007198717870080: sums beyond 16777216 are not exact",
  ],
  ["ArgMax", "s", {}, "of int64 that may lie beyond 16777216"],
  ["TopK", "s two", {}, "of int64 that may lie beyond 16777216"],
  ["Pow", "s s", {}, "of whole numbers: only powers of float32"],
  ["ScatterND", "s two2 one", { reduction: "add" }, 'reduction="add" of int64'],
].map(([type, inputs, attributes, reason]): Case => {
  const names = String(inputs)
    .split(" ")
    .map((name) => (name === "s" ? "n" : name));
  const known = {
    axis: integers("axis", [2], []),
    two: integers("two", [2]),
    one: integers("one", [1]),
    two2: integers("two2", [0, 0, 0, 0], [1, 4]),
  };
  return [
    `${type} of whole numbers`,
    [
      node("Cast", ["x"], "n", { to: 7 }),
      node(String(type), names, "y", attributes as Record<string, string>),
    ],
    `node \`y_node\`: ${type} (opset 18): ${reason}`,
    {
      opset: 18,
      weights: Object.entries(known).flatMap(([name, tensor]) => (names.includes(name) ? [tensor] : [])),
    },
  ];
});

/** What chooses and places elements in forms that there are not. */
const SEARCHES: readonly Case[] = [
  one("GridSample", ["x", "g"], {}, "input of shape 2x3x4: only [N,C,H,W]", {
    ...{ opset: 16, inputs: { x: [2, 3, 4] }, weights: [weights("g", [2, 5, 5, 2])] },
  }),
  one(
    "RoiAlign",
    ["x", "r", "b"],
    {},
    "sampling_ratio=0, as many samples as a region asks for: export with a number of samples",
    { opset: 16, weights: [weights("r", [2, 4]), integers("b", [0, 0])] },
  ),
  one("TopK", ["x", "k"], {}, "its output has no elements: its shape is 1x4x8x0", {
    weights: [integers("k", [0])],
  }),
  one("OneHot", ["x", "depth", "values"], {}, "its depth is 0", {
    weights: [integers("depth", [0], []), weights("values", [2])],
  }),
];

/** Files that ONNX itself does not allow. */
const INVALID: readonly Case[] = [
  [
    "Clip",
    [node("Clip", ["x", "lo"], "y")],
    "its min `lo` has 2 elements",
    { weights: [weights("lo", [2], [0, 1])] },
  ],
  [
    "Slice ends of rank 0",
    [node("Slice", ["x", "from", "to"], "y")],
    "its ends `to` are no list: the shape is scalar",
    { weights: [integers("from", [0]), integers("to", [1], [])] },
  ],
  [
    "auto_pad and pads",
    [node("MaxPool", ["x"], "y", { kernel_shape: [2, 2], auto_pad: "VALID", pads: [1, 1, 1, 1] })],
    "it has both auto_pad=VALID and pads=[1,1,1,1]",
  ],
  [
    "an axis twice",
    [node("Unsqueeze", ["x", "a"], "y")],
    "axes [0, -6] name a dimension twice",
    { weights: [integers("a", [0, -6])] },
  ],
  [
    "unequal parts before opset 18",
    [node("Split", ["x"], "y", { axis: 1 }, ["b", "c"])],
    "it splits 4 into 3 equal parts",
  ],
  [
    "as many parts as results",
    [node("Split", ["x"], "y", { axis: 1, num_outputs: 4 }, ["b"])],
    "num_outputs=4, but it has 2 results",
    { opset: 18 },
  ],
  [
    "a part of less than nothing",
    [node("Split", ["x", "parts"], "y", { axis: 1 }, [""])],
    "it splits 4 into [5, -1] for 2 results",
    { weights: [integers("parts", [5, -1])] },
  ],
  ["no axis", [node("Concat", ["x", "x"], "y")], "it has no attribute axis"],
  [
    "integers along an axis there is not",
    [node("Concat", ["a", "a"], "n", { axis: 1 }), node("Reshape", ["x", "n"], "y")],
    "axis 1 for 1 dimensions",
    { weights: [integers("a", [2])] },
  ],
  [
    "integers that do not fit",
    [node("Add", ["a", "b"], "n"), node("Reshape", ["x", "n"], "y")],
    "it combines known values of shapes 2 and 3",
    { weights: [integers("a", [1, 2]), integers("b", [1, 2, 3])] },
  ],
  [
    "several values",
    [node("Constant", [], "c", { value_int: 1, value_float: { float: 1 } }), node("Mul", ["x", "c"], "y")],
    "it has several values",
  ],
  ["no weights", [node("Conv", ["x"], "y")], "its input 1 (W) is missing"],
  [
    "no matrix C before opset 11",
    [node("Gemm", ["x", "b"], "y")],
    "its input 2 (C) is missing",
    { opset: 9, inputs: { x: [2, 3] }, weights: [weights("b", [3, 4])] },
  ],
  [
    "an attribute twice",
    [{ ...node("LeakyRelu", ["x"], "y"), attribute: [1, 2].map((f) => ({ name: "alpha", type: 1, f })) }],
    "attribute alpha is given twice",
  ],
  [
    "several elements to fill with",
    [node("ConstantOfShape", ["n"], "c", { value: integers("", [1, 2]) }), node("Reshape", ["x", "c"], "y")],
    "its value has 2 elements",
    { weights: [integers("n", [2])] },
  ],
];

describe.each([
  ["inputs", INPUTS],
  ["attributes", ATTRIBUTES],
  ["outputs", OUTPUTS],
  ["values", VALUES],
  ["whole numbers", WHOLE],
  ["searches", SEARCHES],
  ["invalid", INVALID],
] as const)("%s", (_, cases) => {
  for (const [what, nodes, reason, more] of cases) {
    test(what, () => {
      expect(why(nodes, more)).toBe(reason);
    });
  }
});

describe("what lies outside the nodes", () => {
  const relu = { inputs: IMAGE, outputs: ["y"], nodes: [node("Relu", ["x"], "y")] };

  test("a function of the file goes before the operator of its name", () => {
    const bytes = encodeModel({ ...modelOf(relu), functions: [{ name: "Relu", domain: "ai.onnx" }] });
    expect(messageOf(() => importOnnx(bytes))).toContain(
      "Relu (opset 13): a function of the file itself: export the model with functions inlined",
    );
  });

  test("a sparse tensor is not taken for an input", () => {
    const text = modelOf(relu);
    const sparse = { ...text, graph: { ...text.graph, sparseInitializer: [{ values: weights("x", [4]) }] } };
    expect(messageOf(() => importOnnx(encodeModel(sparse)))).toMatch(
      /^error\[F113\]: `x` has data type sparse tensor\n/,
    );
  });

  test("two operator sets at once", () => {
    const two = { ...modelOf(relu), opsetImport: [{ version: 9 }, { domain: "ai.onnx", version: 13 }] };
    expect(messageOf(() => importOnnx(encodeModel(two), { name: "net" }))).toContain(
      "it uses opsets 9 and 13 at once",
    );
  });

  test("an attribute that stands for another", () => {
    const of = {
      ...node("LeakyRelu", ["x"], "y"),
      attribute: [{ name: "alpha", type: 1, refAttrName: "slope" }],
    };
    expect(why([of])).toBe(
      "node `y_node`: LeakyRelu (opset 13): attribute alpha refers to `slope` of a function",
    );
  });

  test("integers that their type cannot hold", () => {
    const wrong: OnnxTensor = { name: "n", dims: [1], dataType: 3, int32Data: [300] };
    expect(why([node("Reshape", ["x", "n"], "y")], { weights: [wrong] })).toBe(
      "it holds 300, its type is int8",
    );
  });

  test("a zero point of another type than what it is of", () => {
    const steps = [weights("s", [1], [0.1]), bytes("z", 2, [3])];
    const of = {
      types: { x: 3 },
      weights: [...steps, { ...bytes("w", 3, [1, 2, 3, 4]), dims: [1, 4, 1, 1] }],
    };
    expect(why([node("DequantizeLinear", ["x", "s", "z"], "y")], of)).toBe(
      "its input is int8, its zero point uint8",
    );
    expect(why([node("ConvInteger", ["x", "w", "z"], "y")], of)).toBe(
      "its input 0 is int8, the zero point of that uint8",
    );
  });

  test("a quantized average of windows beyond the image that count", () => {
    const pool = node("QLinearAveragePool", ["x", "s", "z", "s", "z"], "y", {
      kernel_shape: [3, 3],
      ceil_mode: 1,
      count_include_pad: 1,
    });
    const of = { types: { x: 2 }, weights: [weights("s", [], [0.1]), { ...bytes("z", 2, [3]), dims: [] }] };
    expect(why([{ ...pool, domain: "com.microsoft" }], of)).toContain("ceil_mode with count_include_pad");
  });
});
