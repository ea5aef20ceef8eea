import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fileTooLarge } from "../../compiler/frontend/onnx/errors.ts";
import { importOnnx } from "../../compiler/frontend/onnx/import.ts";
import { parseInputShape } from "../../compiler/frontend/onnx/input-shapes.ts";
import { parseInputValues } from "../../compiler/frontend/onnx/input-values.ts";
import type { OnnxNode, OnnxTensor } from "../../compiler/frontend/onnx/model.ts";
import { encodeModel } from "../../compiler/frontend/onnx/protobuf.ts";
import { runReference } from "../../compiler/verify/reference.ts";
import { integers, messageOf, model, modelOf, node, weights } from "./onnx-model.ts";

const DIGITS = readFileSync(new URL("../fixtures/digits/digits.onnx", import.meta.url));
const IMAGE = { x: [1, 4, 8, 8] } as const;
const relu = { inputs: IMAGE, outputs: ["y"], nodes: [node("Relu", ["x"], "y")] };
const importing = (bytes: Uint8Array, options: Parameters<typeof importOnnx>[1] = {}): string =>
  messageOf(() => importOnnx(bytes, { name: "net", ...options }));
const convOf = (attributes: Parameters<typeof node>[3], weight: OnnxTensor): Uint8Array =>
  model({ ...relu, nodes: [node("Conv", ["x", "w"], "y", attributes)], weights: [weight] });

describe("F101 not ONNX", () => {
  test.each([
    ["empty", new Uint8Array(0), "the file is empty"],
    ["truncated", DIGITS.subarray(0, 50_000), "its 50000 bytes do not decode: index out of range"],
    [
      "without a graph",
      encodeModel({ irVersion: 8 }),
      "it has no graph: the file is cut short or is not ONNX",
    ],
  ])("%s", (_, bytes, why) => {
    expect(importing(bytes).replace(/range: .*/, "range")).toBe(
      [
        "error[F101]: `net` is not an ONNX model",
        `  why:   ${why}`,
        "  help:  export the model again, or download it again if it was copied only in part",
      ].join("\n"),
    );
  });

  test("no truncation is taken for a model, and none gives another error", () => {
    for (let length = 0; length < DIGITS.length; length += 997) {
      expect(importing(DIGITS.subarray(0, length))).toMatch(/^error\[F101\]/);
    }
  });

  test("text", () => {
    expect(importing(new TextEncoder().encode("<!DOCTYPE html><html></html>"))).toMatch(/^error\[F101\]/);
  });
});

test("F102 too large", () => {
  expect(
    messageOf(() => {
      throw fileTooLarge("net", 3e9, 2147483647);
    }),
  ).toBe(`error[F102]: \`net\` is too large
  why:   it has 3000000000 bytes; the limit is 2147483647
  help:  keep the weights of a model this large in external data files`);
});

test("F103 opset", () => {
  expect(
    importing(model({ ...relu, opset: 29 })),
  ).toBe(`error[F103]: \`net\` uses an ONNX operator set that is not supported
  why:   it uses opset 29; supported are ai.onnx opsets 1 to 28
  help:  export the model again, for instance with opset_version=13`);
});

test("F104 lists every node that cannot be compiled", () => {
  const bytes = model({
    inputs: IMAGE,
    outputs: ["y"],
    nodes: [
      node("Enlarge", ["x", "", "", "s"], "up", { mode: "linear" }),
      node("Relu", ["up"], "r"),
      node("Conv", ["r", "w"], "c", { group: 1, fancy: [1, 2] }),
      { ...node("GemmFastGelu", ["c"], "g"), domain: "com.microsoft" },
      node("Mod", ["x", "x"], "sq"),
      node("Add", ["g", "sq"], "y"),
    ],
    weights: [weights("s", [4]), weights("w", [4, 4, 1, 1])],
  });
  expect(importing(bytes)).toBe(`error[F104]: 4 nodes of \`net\` cannot be compiled
  why:   node \`up_node\`: Enlarge (opset 13): unknown operator, mode="linear"
         node \`c_node\`: Conv (opset 13): attribute fancy=[1,2], which the operator does not have
         node \`g_node\`: com.microsoft.GemmFastGelu (opset 13): unknown operator
         node \`sq_node\`: Mod (opset 13): of float32 without fmod=1
  help:  2 nodes behind them could not be looked at: there may be more to replace
  help:  operators of com.microsoft come from ONNX Runtime's optimizer: give the file as it was before
  help:  \`tilewright inspect MODEL\` shows what becomes of each node, \`tilewright supported-ops\` lists the operators`);
});

describe("F104 looks behind refused nodes", () => {
  const unknown = (from: string, to: string, domain: string): OnnxNode => ({
    ...node("Swish", [from], to),
    domain,
  });

  test("where the file or the operator says what shape they give, and tells alike ones together", () => {
    const nodes = [
      unknown("x", "a", "odd"),
      node("Relu", ["a"], "b"),
      unknown("b", "c", "odd"),
      node("Pad", ["c", "p"], "y", { mode: "reflect" }),
    ];
    const bytes = model({ ...relu, nodes, weights: [weights("p", [8], [0, 0, 1, 1, 0, 0, 1, 1])] });
    expect(importing(bytes)).toContain(`error[F104]: 3 nodes of \`net\` cannot be compiled
  why:   node \`a_node\` and 1 more: odd.Swish (opset 13): unknown operator
         node \`y_node\`: Pad (opset 13): its pads`);
  });

  test("stated shapes are believed, and what does not fit a guess is no fault of the file", () => {
    const text = modelOf({
      ...relu,
      nodes: [unknown("x", "a", "odd"), node("Conv", ["a", "w"], "c"), node("Foo", ["c"], "y")],
      weights: [weights("w", [4, 4, 1, 1])],
    });
    const stated = (channels: number): Uint8Array => {
      const dim = [1, channels, 2, 2].map((dimValue) => ({ dimValue }));
      const valueInfo = [{ name: "a", type: { tensorType: { elemType: 1, shape: { dim } } } }];
      return encodeModel({ ...text, graph: { ...text.graph, valueInfo } });
    };
    expect(importing(stated(4))).toContain("2 nodes of `net` cannot be compiled");
    expect(importing(stated(3))).toContain("help:  1 node behind them could not be looked at");
  });
});

describe("F105 dynamic shapes", () => {
  const open = model({ ...relu, inputs: { x: ["batch", 4, 0, "width"] } });

  test("names the dimensions and the flag", () => {
    expect(importing(open)).toBe(`error[F105]: \`net\` has inputs of dynamic shape
  why:   input \`x\` is batchx4x?xwidth: dimension \`batch\`, number 2, \`width\` unknown
  help:  state the shape: --input-shape x:1,4,224,224`);
  });

  test.each([
    [["n", 0, 0, 3], "x:1,224,224,3", false],
    [["frames", "samples"], "x:1,SAMPLES", true],
    [["sequence", "batch_size", 40], "x:1,1,40", false],
    [[0, 84, 0], "x:1,84,D2", true],
  ] as const)("of %j proposes %s", (dims, shape, named) => {
    const told = importing(model({ ...relu, inputs: { x: [...dims] } }));
    expect(told).toContain(`help:  state the shape: --input-shape ${shape}`);
    expect(told.includes("with numbers in place of its names")).toBe(named);
  });

  test("a given shape solves it", () => {
    const graph = importOnnx(open, { inputShapes: { x: [2, 4, 6, 6] } });
    expect(graph.tensors.get("y")?.shape).toEqual([2, 4, 6, 6]);
  });
});

describe("F118 --input-value", () => {
  const rated = modelOf({
    inputs: { x: [4] },
    outputs: ["y"],
    nodes: [node("Cast", ["rate"], "r", { to: 1 }), node("Mul", ["x", "r"], "y")],
  });
  const scalar = { name: "rate", type: { tensorType: { elemType: 7, shape: {} } } };
  const bytes = encodeModel({
    ...rated,
    graph: { ...rated.graph, input: [...(rated.graph?.input ?? []), scalar] },
  });
  const given = (rate: readonly number[]) => importing(bytes, { inputValues: { rate } });

  test("an input that is given is none of the graph", () => {
    const graph = importOnnx(bytes, { inputValues: { rate: [3] } });
    expect(graph.inputs).toEqual(["x"]);
    expect(runReference(graph, { x: Float32Array.of(1, 2, 3, 4) }).get("y")).toEqual(
      Float32Array.of(3, 6, 9, 12),
    );
  });

  test("an input that is not there", () => {
    expect(importing(bytes, { inputValues: { rat: [3] } })).toBe(`error[F118]: \`net\` has no input \`rat\`
  why:   its inputs: x, rate
  help:  did you mean \`rate\`?`);
  });

  test("values that do not fit", () => {
    expect(given([1, 2])).toBe(`error[F118]: input \`rate\` cannot have 2 values
  why:   the model declares a scalar`);
    expect(given([1.5])).toBe(`error[F118]: input \`rate\` cannot be 1.5
  why:   it is of type int64`);
  });

  test("malformed", () => {
    expect(
      messageOf(() => parseInputValues(["rate:3"])),
    ).toBe(`error[F118]: \`--input-value rate:3\` is no name and numbers
  why:   wanted is NAME=NUMBER, or several with commas
  help:  for example --input-value sr=16000`);
    expect(parseInputValues(["a=b=1,-2.5"])).toEqual({ "a=b": [1, -2.5] });
  });
});

describe("F106 --input-shape", () => {
  test("no such input", () => {
    expect(
      importing(model(relu), { inputShapes: { X: [1, 4, 8, 8] } }),
    ).toBe(`error[F106]: \`net\` has no input \`X\`
  why:   its inputs: x
  help:  did you mean \`x\`?`);
  });

  test("against the file", () => {
    const bytes = model({ ...relu, inputs: { x: ["n", 4, 8, 8] } });
    expect(
      importing(bytes, { inputShapes: { x: [1, 3, 8, 8] } }),
    ).toBe(`error[F106]: input \`x\` cannot have shape 1x3x8x8
  why:   the model declares nx4x8x8
  help:  --input-shape x:1,4,8,8`);
  });

  test("malformed", () => {
    expect(
      messageOf(() => parseInputShape("x=1,3")),
    ).toBe(`error[F106]: \`--input-shape x=1,3\` is no name and shape
  why:   wanted is NAME:N,C,H,W of positive numbers
  help:  for example --input-shape x:1,3,224,224`);
    expect(parseInputShape("a:0:1,3,4,4")).toEqual({ name: "a:0", shape: [1, 3, 4, 4] });
  });
});

test("F114 a bound of several numbers", () => {
  const nodes = [node("Relu", ["x"], "r"), node("Clip", ["x", "r"], "y")];
  expect(importing(model({ ...relu, nodes }))).toBe(`error[F114]: node \`y_node\` (Clip) is not valid ONNX
  why:   its bound \`r\` of shape 1x4x8x8 is no scalar
  help:  check the file with onnx.checker, and export the model again`);
});

describe("external data", () => {
  let folder = "";
  beforeAll(() => {
    const root = mkdtempSync(join(tmpdir(), "tilewright-"));
    folder = join(root, "model");
    mkdirSync(folder);
    const { rawData = new Uint8Array() } = weights("w", [4, 4, 1, 1]);
    writeFileSync(join(folder, "w.bin"), new Uint8Array([0, 0, 0, 0, ...rawData]));
    writeFileSync(join(root, "secret.bin"), rawData);
    symlinkSync(join(root, "secret.bin"), join(folder, "link.bin"));
  });
  afterAll(() => rmSync(join(folder, ".."), { recursive: true }));

  const externalModel = (location: string, offset = "4", length = "64"): Uint8Array =>
    convOf(
      {},
      {
        name: "w",
        dims: [4, 4, 1, 1],
        dataType: 1,
        dataLocation: 1,
        externalData: Object.entries({ location, offset, length }).map(([key, value]) => ({ key, value })),
      },
    );
  const refused = (bytes: Uint8Array): string => importing(bytes, { baseDir: folder });

  test("is read", () => {
    const graph = importOnnx(externalModel("w.bin"), { baseDir: folder });
    expect(graph.tensors.get("w")?.data?.length).toBe(16);
    expect(graph.tensors.get("w")?.data?.[0]).not.toBe(0);
  });

  test("F107 missing", () => {
    expect(
      refused(externalModel("gone.bin")),
    ).toBe(`error[F107]: external data file \`gone.bin\` of tensor \`w\` is missing
  why:   no such file in the model's folder
  help:  put the file beside the model, as it was exported, or export the model as one file`);
  });

  test.each(["../secret.bin", "/etc/passwd", "link.bin", "..", ""])("F108 outside: %s", (location) => {
    expect(
      refused(externalModel(location)),
    ).toBe(`error[F108]: external data file \`${location}\` of tensor \`w\` is refused
  why:   it lies outside the model's folder; a model may read only files beside it or below
  help:  move the file into the model's folder and export the model with a relative location`);
  });

  test("F109 too short", () => {
    expect(refused(externalModel("w.bin", "8"))).toBe(`error[F109]: external data of tensor \`w\` does not fit
  why:   w.bin: bytes 8 to 72 wanted, the file has 68
  help:  copy the model and its data files again: they must come from one export`);
    expect(refused(externalModel("w.bin", "0", "-1"))).toContain('why:   w.bin: length is "-1"');
    expect(refused(externalModel("w.bin", "0", "68"))).toContain(
      "the tensor needs 64 bytes, its entry has 68",
    );
  });
});

test("F110 weights that are no numbers", () => {
  const values = Array<number>(16).fill(1).with(6, Number.NaN).with(9, Number.POSITIVE_INFINITY);
  expect(importing(convOf({}, weights("w", [4, 4, 1, 1], values)))).toBe(`error[F110]: weights \`w\` hold NaN
  why:   element [1, 2, 0, 0] is NaN, the first of 2 such values
  help:  train or export the model again: no result computed from these weights has a meaning`);
});

test("F111 groups", () => {
  expect(importing(convOf({ group: 3 }, weights("w", [6, 1, 1, 1])))).toBe(
    `error[F111]: the groups of node \`y_node\` (Conv) do not divide its channels
  why:   group=3, 4 input and 6 output channels`,
  );
});

test("F112 kernel larger than the padded input", () => {
  const bytes = convOf({ dilations: [1, 2], pads: [1, 0, 1, 1] }, weights("w", [4, 4, 3, 7]));
  expect(
    importing(bytes),
  ).toBe(`error[F112]: the kernel of node \`y_node\` (Conv) is larger than its padded input
  why:   width: kernel 7 with dilation 2 reaches over 13, input 8 + padding 0 + 1
  help:  give a larger input with --input-shape, or check the model's strides`);
});

describe("F113 data types", () => {
  test("weights", () => {
    const complex = { name: "w", dims: [4, 4, 1, 1], dataType: 14, rawData: new Uint8Array(128) };
    expect(importing(convOf({}, complex))).toBe(`error[F113]: tensor \`w\` has data type complex64
  why:   Tilewright compiles float32 networks
  help:  export the model in float32`);
  });

  test("input", () => {
    const text = modelOf(relu);
    const input = [{ name: "x", type: { tensorType: { elemType: 22, shape: { dim: [{ dimValue: 4 }] } } } }];
    const bytes = encodeModel({ ...text, graph: { ...text.graph, input } });
    expect(importing(bytes)).toBe(`error[F113]: input \`x\` has data type int4
  why:   Tilewright compiles float32 networks
  help:  state it with --input-value if it always is the same, or convert it to int32 inside the application`);
  });
});

test("F117 no input", () => {
  const bytes = model({
    inputs: {},
    outputs: ["y"],
    nodes: [node("Relu", ["w"], "y")],
    weights: [weights("w", [4])],
  });
  expect(importing(bytes)).toBe(`error[F117]: \`net\` has no input
  why:   all that it computes is constant
  help:  export the model with an input that is no initializer`);
});

describe("what only sounds like an error", () => {
  test("a scalar is an input of known shape", () => {
    const bytes = model({ inputs: { x: [] }, outputs: ["y"], nodes: [node("Relu", ["x"], "y")] });
    expect(importOnnx(bytes).tensors.get("y")?.shape).toEqual([]);
    expect(
      importing(bytes, { inputShapes: { x: [1, 3, 8, 8] } }),
    ).toBe(`error[F106]: input \`x\` cannot have shape 1x3x8x8
  why:   the model declares a scalar`);
  });

  test("a constant as an output is written by a node", () => {
    const constant = model({ ...relu, nodes: [node("Identity", ["w"], "y")], weights: [weights("w", [4])] });
    expect(importOnnx(constant).nodes.map(({ op, output }) => [op.kind, output])).toEqual([
      ["constant", "y"],
    ]);
  });

  test("known whole numbers as an output that floats do not hold", () => {
    const known = model({
      ...relu,
      nodes: [node("Identity", ["n"], "y")],
      weights: [integers("n", [2 ** 24 + 1])],
    });
    expect(importing(known)).toContain("output (opset 13): it holds 16777217, beyond 16777216");
  });
});

describe("F114 files that contradict themselves", () => {
  test.each([
    [
      "undefined value",
      [node("Relu", ["z"], "y")],
      [],
      "node `y_node` (Relu)",
      "input `z` is defined nowhere",
    ],
    [
      "twice defined",
      [node("Relu", ["x"], "y"), node("Relu", ["x"], "y")],
      [],
      "value `y`",
      "it is defined twice",
    ],
    ["no producer", [node("Relu", ["x"], "z")], [], "output `y`", "no node computes it"],
    [
      "short weights",
      [node("Conv", ["x", "w"], "y")],
      [{ ...weights("w", [4, 4, 1, 1]), dims: [4, 4, 3, 3] }],
      "tensor `w`",
      "shape 4x4x3x3 needs 576 bytes, its contents have 64",
    ],
    [
      "wrong channels",
      [node("Conv", ["x", "w"], "y")],
      [weights("w", [4, 2, 1, 1])],
      "node `y_node` (Conv)",
      "its weights take 2 channels per group, its input has 4 in 1 groups",
    ],
    [
      "impossible reshape",
      [node("Reshape", ["x", "to"], "y")],
      [integers("to", [-1, 7])],
      "node `y_node` (Reshape)",
      "it reshapes 1x4x8x8 to [-1, 7]",
    ],
  ])("%s", (_, nodes, initializers, where, why) => {
    const bytes = model({ inputs: IMAGE, outputs: ["y"], nodes, weights: initializers });
    expect(importing(bytes)).toBe(`error[F114]: ${where} is not valid ONNX
  why:   ${why}
  help:  check the file with onnx.checker, and export the model again`);
  });
});

describe("sizes no network has", () => {
  const unsupported = (bytes: Uint8Array): string => importing(bytes).split("\n")[1];
  const pool = (type: string, attributes: Parameters<typeof node>[3]): Uint8Array =>
    model({ ...relu, nodes: [node(type, ["x"], "y", attributes)] });

  test("weights without elements", () => {
    expect(unsupported(convOf({}, weights("w", [0, 4, 3, 3])))).toBe(
      "  why:   node `y_node`: Conv (opset 13): its output has no elements: its shape is 1x0x6x6",
    );
  });

  test("a slice of nothing", () => {
    const nodes = [node("Slice", ["x", "from", "to"], "y")];
    const bounds = [integers("from", [0, 2]), integers("to", [1, 2])];
    expect(unsupported(model({ ...relu, nodes, weights: bounds }))).toBe(
      "  why:   node `y_node`: Slice (opset 13): its output has no elements: its shape is 1x0x8x8",
    );
  });

  test("an input of hundreds of gigabytes", () => {
    expect(importing(model({ ...relu, inputs: { x: [1, 4, 100_000, 100_000] } }))).toBe(
      `error[F115]: input \`x\` is too large
  why:   its shape is 1x4x100000x100000; a tensor has 2147483648 elements at most
  help:  give a smaller shape with --input-shape, where the file leaves it open`,
    );
  });

  test("pads of gigabytes", () => {
    const pads = [2 ** 31, 1, 1, 1];
    expect(unsupported(convOf({ pads }, weights("w", [4, 4, 3, 3])))).toBe(
      "  why:   node `y_node`: Conv (opset 13): its padded input or its kernel has a height above 131072",
    );
  });

  test("pads that make an output of gigabytes", () => {
    const pads = [60_000, 60_000, 60_000, 60_000];
    expect(unsupported(convOf({ pads }, weights("w", [4, 4, 3, 3])))).toBe(
      "  why:   node `y_node`: Conv (opset 13): its output has the shape 1x4x120006x120006, more than 2147483648 elements",
    );
  });

  test.each([
    ["MaxPool", { kernel_shape: [2, 2], pads: [2, 2, 2, 2] }],
    ["AveragePool", { kernel_shape: [2, 2], pads: [0, 0, 0, 2] }],
    ["MaxPool", { kernel_shape: [2, 2], dilations: [9, 1], pads: [5, 0, 5, 0] }],
  ])("%s with a window of nothing but padding", (type, attributes) => {
    expect(unsupported(pool(type, attributes))).toBe(
      `  why:   node \`y_node\`: ${type} (opset 13): one of its windows holds nothing but padding`,
    );
  });

  test("a dilated window that steps over the input is fine when one tap is on it", () => {
    const bytes = pool("MaxPool", { kernel_shape: [3, 3], dilations: [7, 7], pads: [7, 7, 7, 7] });
    expect(importOnnx(bytes).nodes.length).toBe(1);
  });
});
