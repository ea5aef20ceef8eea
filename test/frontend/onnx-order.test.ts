import { InferenceSession, Tensor } from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { importOnnx } from "../../compiler/frontend/onnx/import.ts";
import type { OnnxGraph, OnnxNode, OnnxTensor } from "../../compiler/frontend/onnx/model.ts";
import { encodeModel } from "../../compiler/frontend/onnx/protobuf.ts";
import { f16Bits } from "../../compiler/ir/dtype.ts";
import { runReference } from "../../compiler/verify/reference.ts";
import { integers, type ModelText, messageOf, model, modelOf, node, weights } from "./onnx-model.ts";

const IMAGE = { x: [1, 4, 4, 4] } as const;
const net = (nodes: readonly OnnxNode[], more: Partial<ModelText> = {}): Uint8Array =>
  model({ inputs: IMAGE, outputs: ["y"], nodes, ...more });
const refusal = (bytes: Uint8Array): string => messageOf(() => importOnnx(bytes, { name: "net" }));
const image = Float32Array.from({ length: 64 }, (_, i) => Math.sin(i));

/** Runs a model of input x and output y as its kernels' TypeScript, and in ONNX Runtime. */
async function expectEqual(bytes: Uint8Array): Promise<void> {
  const ours = runReference(importOnnx(bytes), { x: image }).get("y");
  const session = await InferenceSession.create(bytes);
  const { y } = await session.run({ x: new Tensor("float32", image, [1, 4, 4, 4]) });
  await session.release();
  const theirs = y.data as Float32Array;
  expect(ours?.length).toBe(theirs.length);
  ours?.forEach((v, i) => expect(v).toBeCloseTo(theirs[i], 5));
}

describe("nodes in any order", () => {
  const shuffled = [
    node("Mul", ["t", "c"], "y"),
    node("Tanh", ["r"], "t"),
    node("Constant", [], "c", { value: weights("", [], [3]) }),
    node("Relu", ["x"], "r"),
  ];

  test("are sorted", async () => {
    const graph = importOnnx(net(shuffled));
    expect(graph.nodes.map(({ name }) => name)).toEqual(["r_node", "t_node", "y_node"]);
    await expectEqual(net([3, 2, 1, 0].map((i) => shuffled[i])));
  });

  test("keep their order where it is one", () => {
    const nodes = [node("Relu", ["x"], "a"), node("Tanh", ["x"], "b"), node("Add", ["b", "a"], "y")];
    expect(importOnnx(net(nodes)).nodes.map(({ output }) => output)).toEqual(["a", "b", "y"]);
  });

  test.each([
    ["of two", [node("Add", ["x", "b"], "a"), node("Relu", ["a"], "b"), node("Relu", ["b"], "y")]],
    ["of one", [node("Add", ["x", "y"], "y")]],
  ])("a ring %s is refused", (_, nodes) => {
    expect(refusal(net(nodes))).toMatch(
      /error\[F114\]: node `[ay]_node` \(Add\) is not valid ONNX\n {2}why: {3}it reads what is computed from its own result/,
    );
  });
});

describe("branches that reach no output", () => {
  test("may hold anything", () => {
    const odd: OnnxTensor = { name: "s", dims: [1], dataType: 8 };
    const nodes = [
      node("Relu", ["x"], "y"),
      node("NonMaxSuppression", ["x", "s"], "boxes"),
      node("Add", ["boxes", "nothing"], "more"),
    ];
    const graph = importOnnx(net(nodes, { weights: [odd] }));
    expect(graph.nodes.map(({ output }) => output)).toEqual(["y"]);
  });

  test("do not count as readers", () => {
    const nodes = [node("MatMul", ["x", "w"], "p"), node("Add", ["p", "b"], "y"), node("Foo", ["p"], "dead")];
    const bytes = net(nodes, { inputs: { x: [2, 3] }, weights: [weights("w", [3, 4]), weights("b", [4])] });
    expect(importOnnx(bytes).nodes.map(({ op }) => op.kind)).toEqual(["dense"]);
  });
});

const half = (name: string, dims: readonly number[], values: readonly number[]): OnnxTensor => ({
  ...{ name, dims, dataType: 10 },
  rawData: new Uint8Array(Uint16Array.from(values, f16Bits).buffer),
});

describe("numbers of other widths", () => {
  test("float16, bfloat16 and float64 are read as float32", () => {
    const values = [0.5, -2, 1 / 1024, 3];
    const bfloat: OnnxTensor = {
      name: "w",
      dims: [4],
      dataType: 16,
      int32Data: [0x3f00, 0xc000, 0x3a80, 0x4040],
    };
    const double: OnnxTensor = { name: "w", dims: [4], dataType: 11, doubleData: values };
    for (const w of [half("w", [4], values), bfloat, double]) {
      const graph = importOnnx(
        net([node("PRelu", ["x", "w"], "y")], { inputs: { x: [2, 4] }, weights: [w] }),
      );
      const slopes = [...graph.tensors.values()].find(({ data }) => data !== undefined)?.data;
      expect([...(slopes ?? [])]).toEqual(values);
    }
  });

  test("as converters write a network in float16", async () => {
    const nodes = [
      node("Conv", ["h", "w", "b"], "c"),
      node("Cast", ["c"], "y", { to: 1 }),
      node("Cast", ["x"], "h", { to: 10 }),
    ];
    const kernel = Array.from({ length: 16 }, (_, i) => i / 8 - 1);
    const graph = importOnnx(
      net(nodes, { weights: [half("w", [4, 4, 1, 1], kernel), half("b", [4], [1, 2, 3, 4])] }),
    );
    expect(graph.nodes.map(({ op }) => op.kind)).toEqual(["conv2d", "reshape"]);
    const y = runReference(graph, { x: image }).get("y");
    const first = kernel.slice(0, 4).reduce((sum, w, c) => sum + w * image[c * 16], 1);
    expect(y?.[0]).toBeCloseTo(first, 5);
  });

  test("CastLike to another float changes nothing", async () => {
    const nodes = [node("Tanh", ["x"], "t"), node("CastLike", ["t", "x"], "y")];
    await expectEqual(net(nodes, { opset: 15 }));
    const whole = [node("CastLike", ["x", "n"], "y")];
    const { tensors } = importOnnx(net(whole, { opset: 15, weights: [integers("n", [1])] }));
    expect(tensors.get("y")?.type).toBe("i64");
  });

  test("inputs of float16 are given as float32", () => {
    const text = modelOf({ inputs: IMAGE, outputs: ["y"], nodes: [node("Relu", ["x"], "y")] });
    const dim = IMAGE.x.map((dimValue) => ({ dimValue }));
    const input = [{ name: "x", type: { tensorType: { elemType: 10, shape: { dim } } } }];
    const graph = importOnnx(encodeModel({ ...text, graph: { ...text.graph, input } }));
    expect(graph.tensors.get("x")?.shape).toEqual(IMAGE.x);
  });

  test.each([1e300, 1e-60])("a double that float32 cannot hold is refused: %d", (value) => {
    const double: OnnxTensor = { name: "w", dims: [2], dataType: 11, doubleData: [1, value] };
    expect(refusal(net([node("PRelu", ["x", "w"], "y")], { weights: [double] }))).toBe(
      `error[F110]: weights \`w\` hold ${value}
  why:   element [1] is ${value}, beyond what float32 can hold
  help:  export the model in float32`,
    );
  });
});

describe("values computed by the import", () => {
  test("floats and shapes that exporters compute", async () => {
    const nodes = [
      node("Shape", ["x"], "s"),
      node("Gather", ["s", "two"], "h"),
      node("Cast", ["h"], "hf", { to: 1 }),
      node("Sqrt", ["hf"], "root"),
      node("Div", ["one", "root"], "scale"),
      node("Mul", ["x", "scale"], "m"),
      node("Floor", ["root"], "whole"),
      node("Cast", ["whole"], "rows", { to: 7 }),
      node("Unsqueeze", ["rows", "zero"], "r1"),
      node("Concat", ["r1", "rest"], "to", { axis: 0 }),
      node("Reshape", ["m", "to"], "y"),
    ];
    await expectEqual(
      net(nodes, {
        weights: [
          integers("two", [2], []),
          integers("zero", [0]),
          integers("rest", [-1]),
          weights("one", [], [1]),
        ],
      }),
    );
  });
});

const branchOf = (nodes: readonly OnnxNode[], output: string): OnnxGraph => ({
  name: "branch",
  node: nodes,
  output: [{ name: output, type: { tensorType: { elemType: 1 } } }],
});
const choice = (condition: string, output: string, then: OnnxGraph, otherwise: OnnxGraph): OnnxNode => ({
  ...node("If", [condition], output),
  attribute: [
    { name: "then_branch", type: 5, g: then },
    { name: "else_branch", type: 5, g: otherwise },
  ],
});

describe("If on a known condition", () => {
  /** As PyTorch writes x.squeeze(1): only where the dimension is 1. */
  const squeezing = (size: number, output: string): readonly OnnxNode[] => [
    node("Shape", ["r"], `shape_${output}`),
    node("Gather", [`shape_${output}`, "axis"], `dim_${output}`),
    node("Equal", [`dim_${output}`, `size${size}`], `is_${output}`),
    choice(
      `is_${output}`,
      output,
      branchOf([node("Tanh", ["r"], "inner"), node("Relu", ["inner"], "last")], "last"),
      branchOf([node("Sigmoid", ["r"], "inner"), node("Neg", ["r"], "dead")], "inner"),
    ),
  ];
  const weights = [integers("axis", [1]), integers("size1", [1]), integers("size4", [4])];

  test("is the branch that is taken, its names made fresh", async () => {
    const nodes = [
      node("Relu", ["x"], "r"),
      ...squeezing(4, "a"),
      ...squeezing(1, "b"),
      ...squeezing(4, "d"),
      node("Add", ["a", "b"], "e"),
      node("Add", ["e", "d"], "y"),
    ];
    const bytes = net(nodes, { weights });
    const kinds = importOnnx(bytes).nodes.map(({ op }) =>
      op.kind === "activation" ? op.activation.fn : op.kind,
    );
    expect(kinds).toEqual(["clamp", "tanh", "clamp", "sigmoid", "tanh", "clamp", "add", "add"]);
    await expectEqual(bytes);
  });

  test("as an output, of names from outside, of a branch within a branch", async () => {
    const inner = branchOf(
      [
        choice(
          "is_y",
          "w",
          branchOf([node("Tanh", ["r"], "w2")], "w2"),
          branchOf([node("Identity", ["r"], "same")], "same"),
        ),
      ],
      "w",
    );
    const condition = squeezing(4, "y").slice(0, 3);
    const nodes = [
      node("Relu", ["x"], "r"),
      ...condition,
      choice("is_y", "y", inner, branchOf([node("Identity", ["x"], "same")], "same")),
    ];
    await expectEqual(net(nodes, { weights }));
    const other = [
      node("Relu", ["x"], "r"),
      ...squeezing(1, "y").slice(0, 3),
      choice("is_y", "y", inner, branchOf([node("Identity", ["r"], "same")], "same")),
    ];
    await expectEqual(net(other, { weights }));
  });
});
