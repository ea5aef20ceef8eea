import { InferenceSession, Tensor } from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { importOnnx } from "../../compiler/frontend/onnx/import.ts";
import type { OnnxGraph, OnnxNode, OnnxTensor } from "../../compiler/frontend/onnx/model.ts";
import { encodeModel } from "../../compiler/frontend/onnx/protobuf.ts";
import { BOOL, FLOAT32, INT64 } from "../../compiler/frontend/onnx/schema.ts";
import { runReference } from "../../compiler/verify/reference.ts";
import { integers, messageOf, modelOf, node, weights } from "./onnx-model.ts";

const SHAPE = [2, 3, 4];
const port = (name: string, elemType: number, shape: readonly number[]) => ({
  name,
  type: { tensorType: { elemType, shape: { dim: shape.map((dimValue) => ({ dimValue })) } } },
});
const truth = (name: string, value: boolean): OnnxTensor => ({
  ...{ name, dims: [], dataType: BOOL, rawData: Uint8Array.of(value ? 1 : 0) },
});

/** A file whose node has a body. */
function looping(
  opType: string,
  inputs: readonly string[],
  outputs: readonly string[],
  body: OnnxGraph,
  attributes: Readonly<Record<string, number | readonly number[]>> = {},
  known: readonly OnnxTensor[] = [],
  opset = 16,
): Uint8Array {
  const plain = node(opType, inputs, outputs[0], attributes, outputs.slice(1));
  const loop: OnnxNode = {
    ...plain,
    attribute: [...(plain.attribute ?? []), { name: "body", type: 5, g: body }],
  };
  return encodeModel(modelOf({ opset, inputs: { x: SHAPE }, outputs, nodes: [loop], weights: known }));
}

async function expectEqual(bytes: Uint8Array): Promise<void> {
  const x = Float32Array.from({ length: 24 }, (_, i) => Math.sin(i));
  const graph = importOnnx(bytes);
  const ours = runReference(graph, { x });
  const session = await InferenceSession.create(bytes, { logSeverityLevel: 3 });
  const theirs = await session.run({ x: new Tensor("float32", x, SHAPE) });
  await session.release();
  for (const [name, { data, dims }] of Object.entries(theirs)) {
    expect(graph.tensors.get(name)?.shape, name).toEqual(dims);
    (data as Float32Array).forEach((v, i) => expect(ours.get(name)?.[i], name).toBeCloseTo(v, 5));
  }
}

/** v is multiplied by the round's number plus one, and each round gives its half. */
const ROUNDS: OnnxGraph = {
  name: "rounds",
  input: [port("i", INT64, []), port("goes", BOOL, []), port("v", FLOAT32, SHAPE)],
  node: [
    ...[
      node("Cast", ["i"], "f", { to: FLOAT32 }),
      node("Add", ["f", "one"], "n"),
      node("Mul", ["v", "n"], "w"),
    ],
    ...[node("Mul", ["w", "half"], "h"), node("Less", ["i", "last"], "next")],
  ],
  initializer: [weights("one", [], [1]), weights("half", [], [0.5]), integers("last", [2], [])],
  output: [port("next", BOOL, []), port("w", FLOAT32, SHAPE), port("h", FLOAT32, SHAPE)],
};

/** A running sum of slices, and twice each slice. */
const sums = (slice: readonly number[]): OnnxGraph => ({
  name: "sums",
  input: [port("s", FLOAT32, slice), port("e", FLOAT32, slice)],
  node: [node("Add", ["s", "e"], "t"), node("Add", ["e", "e"], "d")],
  output: [port("t", FLOAT32, slice), port("d", FLOAT32, slice)],
});

describe("loops whose rounds are known are ONNX Runtime's", () => {
  test.each([
    ["as many as it says", [integers("m", [2], []), truth("go", true)]],
    ["until its condition ends it", [integers("m", [9], []), truth("go", true)]],
  ] as const)("Loop, %s", async (_, known) => {
    await expectEqual(looping("Loop", ["m", "go", "x"], ["y", "z"], ROUNDS, {}, known));
  });

  test.each([
    [0, 0, 0, 0],
    [1, 1, 0, 0],
    [2, 0, 1, 1],
    [-1, 1, -1, 1],
  ])("Scan along %s, %s, into %s, %s", async (axis, back, into, turned) => {
    const slice = SHAPE.toSpliced(axis, 1);
    const attributes = {
      num_scan_inputs: 1,
      ...{ scan_input_axes: [axis], scan_input_directions: [back] },
      ...{ scan_output_axes: [into], scan_output_directions: [turned] },
    };
    await expectEqual(
      looping("Scan", ["zero", "x"], ["y", "z"], sums(slice), attributes, [
        weights("zero", slice, Array(slice.reduce((a, b) => a * b)).fill(0)),
      ]),
    );
  });
});

describe("Scan of a batch, as opset 8 has it, is ONNX Runtime's", () => {
  const slice = SHAPE.slice(2);
  const zero = weights("zero", [2, 4], Array(8).fill(0));
  test.each([0, 1])("from the end: %s", async (back) => {
    const attributes = { num_scan_inputs: 1, directions: [back] };
    await expectEqual(looping("Scan", ["", "zero", "x"], ["y", "z"], sums(slice), attributes, [zero], 8));
  });

  test("but for sequences of several lengths", () => {
    const known = [zero, integers("lengths", [2, 3])];
    const file = looping(
      "Scan",
      ["lengths", "zero", "x"],
      ["y"],
      sums(slice),
      { num_scan_inputs: 1 },
      known,
      8,
    );
    expect(messageOf(() => importOnnx(file))).toContain(
      "Scan (opset 8): sequences of several lengths (sequence_lens)",
    );
  });
});

describe("loops that are refused", () => {
  const refusal = (known: readonly OnnxTensor[], body = ROUNDS): string =>
    messageOf(() =>
      importOnnx(looping("Loop", ["m", "go", "x"], ["y", "z"], body, {}, known), { name: "net" }),
    );

  test("without an end that is known", () => {
    const computed = {
      ...ROUNDS,
      node: [
        ...(ROUNDS.node ?? []).slice(0, 4),
        ...[node("ReduceSum", ["w"], "all", { keepdims: 0 }), node("Less", ["all", "one"], "next")],
      ],
    };
    expect(refusal([integers("m", [3], []), truth("go", true)], computed)).toContain(
      "Loop (opset 16): whether it goes on must be known before the network runs",
    );
  });

  test("with too many rounds", () => {
    const endless = {
      ...ROUNDS,
      initializer: (ROUNDS.initializer ?? []).with(2, integers("last", [1e9], [])),
    };
    expect(refusal([integers("m", [1e6], []), truth("go", true)], endless)).toContain(
      "Loop (opset 16): of more than 1000 rounds",
    );
  });

  test("with no round whose results are asked for", () => {
    expect(refusal([integers("m", [0], []), truth("go", true)])).toContain(
      "Loop (opset 16): `z` has no elements: no round is made",
    );
  });
});
