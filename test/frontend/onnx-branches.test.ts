import { InferenceSession, Tensor } from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { importOnnx } from "../../compiler/frontend/onnx/import.ts";
import type { OnnxGraph, OnnxNode, OnnxTensor } from "../../compiler/frontend/onnx/model.ts";
import { encodeModel } from "../../compiler/frontend/onnx/protobuf.ts";
import { FLOAT32, INT64 } from "../../compiler/frontend/onnx/schema.ts";
import { optimizeGraph } from "../../compiler/graph/optimize-graph.ts";
import { runReference } from "../../compiler/verify/reference.ts";
import { messageOf, modelOf, node, weights } from "./onnx-model.ts";

const SHAPE = [2, 3];

function branch(nodes: readonly OnnxNode[], outputs: readonly string[], elemType = FLOAT32): OnnxGraph {
  const output = outputs.map((name) => ({ name, type: { tensorType: { elemType } } }));
  return { name: "branch", node: nodes, output };
}

/** A file that computes a sum and chooses by its sign. */
function choosing(
  branches: readonly [OnnxGraph, OnnxGraph],
  outputs: readonly string[] = ["y"],
  { known = [], type = FLOAT32 }: { readonly known?: readonly OnnxTensor[]; readonly type?: number } = {},
): Uint8Array {
  const choice: OnnxNode = {
    ...{ name: "choice", opType: "If", input: ["more"], output: outputs },
    attribute: [
      { name: "then_branch", type: 5, g: branches[0] },
      { name: "else_branch", type: 5, g: branches[1] },
    ],
  };
  const nodes = [
    node("ReduceSum", ["x"], "sum", { keepdims: 0 }),
    node("Greater", ["sum", "zero"], "more"),
    choice,
  ];
  return encodeModel(
    modelOf({
      ...{ opset: 16, inputs: { x: SHAPE }, outputs, nodes },
      types: Object.fromEntries(outputs.map((name) => [name, type])),
      weights: [weights("zero", [], [0]), ...known],
    }),
  );
}

async function expectEqual(bytes: Uint8Array): Promise<void> {
  const session = await InferenceSession.create(bytes, { logSeverityLevel: 3 });
  const imported = importOnnx(bytes);
  for (const sign of [1, -1]) {
    const x = Float32Array.from({ length: 6 }, (_, i) => sign * (Math.sin(i) + 0.7));
    const theirs = await session.run({ x: new Tensor("float32", x, SHAPE) });
    for (const graph of [imported, optimizeGraph(imported)]) {
      const ours = runReference(graph, { x });
      for (const [name, { data, dims }] of Object.entries(theirs)) {
        expect(graph.tensors.get(name)?.shape, name).toEqual(dims);
        Array.from(data as Float32Array, Number).forEach((v, i) =>
          expect(ours.get(name)?.[i], `${name} of ${sign}`).toBeCloseTo(v, 5),
        );
      }
    }
  }
  await session.release();
}

describe("an If on a condition that is computed", () => {
  test("gives the results of either branch, computed or known", async () => {
    const taken = branch([node("Tanh", ["x"], "a"), node("Neg", ["a"], "b")], ["a", "b"]);
    const other = branch([node("Identity", ["k"], "a"), node("Exp", ["x"], "b")], ["a", "b"]);
    await expectEqual(choosing([taken, other], ["y", "z"], { known: [weights("k", SHAPE)] }));
  });

  test("within a branch of another one", async () => {
    const inner: OnnxNode = {
      ...{ name: "inner", opType: "If", input: ["less"], output: ["a"] },
      attribute: [
        { name: "then_branch", type: 5, g: branch([node("Exp", ["x"], "e")], ["e"]) },
        { name: "else_branch", type: 5, g: branch([node("Abs", ["x"], "e")], ["e"]) },
      ],
    };
    const taken = branch([node("Less", ["sum", "three"], "less"), inner], ["a"]);
    const known = [weights("three", [], [3])];
    await expectEqual(choosing([taken, branch([node("Sin", ["x"], "s")], ["s"])], ["y"], { known }));
  });

  test("of whole numbers", async () => {
    const places = (type: string): OnnxGraph => branch([node(type, ["x"], "p", { axis: 1 })], ["p"], INT64);
    await expectEqual(choosing([places("ArgMax"), places("ArgMin")], ["y"], { type: INT64 }));
  });

  test.each([
    [
      "branches of two shapes",
      [node("ReduceMax", ["x"], "a", { keepdims: 0 })],
      "its branches give scalar and 2x3: which is not known before it runs",
    ],
    [
      "a branch that may fail where it is not taken",
      [
        node("Cast", ["x"], "i", { to: INT64 }),
        node("GatherElements", ["x", "i"], "g", { axis: 1 }),
        node("Abs", ["g"], "a"),
      ],
      "a branch chooses elements by indices that may be outside where it is not taken",
    ],
  ] as const)("with %s is refused", (_, nodes, why) => {
    const bytes = choosing([branch(nodes, ["a"]), branch([node("Abs", ["x"], "b")], ["b"])]);
    expect(messageOf(() => importOnnx(bytes))).toBe(
      `error[F104]: 1 node of \`test\` cannot be compiled
  why:   node \`choice\`: If (opset 16): ${why}
  help:  \`tilewright inspect MODEL\` shows what becomes of each node, \`tilewright supported-ops\` lists the operators`,
    );
  });
});
