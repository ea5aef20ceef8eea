import { describe, expect, test } from "vitest";
import { importOnnx } from "../../compiler/frontend/onnx/import.ts";
import type { OnnxNode } from "../../compiler/frontend/onnx/model.ts";
import { floatsAttribute, textsAttribute } from "../../compiler/frontend/onnx/node-attributes.ts";
import type { Graph } from "../../compiler/graph/graph.ts";
import { runReference } from "../../compiler/verify/reference.ts";
import { integers, type ModelText, messageOf, model, node, weights } from "./onnx-model.ts";

type Shapes = Readonly<Record<string, readonly number[]>>;
const graphOf = (inputs: Shapes, nodes: readonly OnnxNode[], more: Partial<ModelText> = {}): Graph =>
  importOnnx(model({ inputs, outputs: ["y"], nodes, ...more }));

/** What the import says, without the list of operators there are. */
function refusal(inputs: Shapes, nodes: readonly OnnxNode[], more: Partial<ModelText> = {}): string {
  const message = messageOf(() => graphOf(inputs, nodes, more));
  return message.split("\n  help:")[0] ?? "";
}
const unsupported = (why: string, type: string, opset = 13): string =>
  `error[F104]: 1 node of \`test\` cannot be compiled\n  why:   node \`y_node\`: ${type} (opset ${opset}): ${why}`;
const invalid = (why: string, type: string): string =>
  `error[F114]: node \`y_node\` (${type}) is not valid ONNX\n  why:   ${why}`;

describe("products of matrices", () => {
  const product = [node("MatMul", ["a", "b"], "y")];

  test("are a node with two dimensions of batches", () => {
    const { nodes, tensors } = graphOf({ a: [2, 3, 5, 7], b: [2, 3, 7, 4] }, product);
    expect(nodes.map(({ op }) => op)).toEqual([
      {
        kind: "matmul",
        a: { shape: [2, 3, 5, 7], order: [0, 1, 2, 3] },
        b: { shape: [2, 3, 7, 4], order: [0, 1, 2, 3] },
        y: { shape: [2, 3, 5, 4], order: [0, 1, 2, 3] },
        scale: 1,
        residual: false,
        clamp: { lo: Number.NEGATIVE_INFINITY, hi: Number.POSITIVE_INFINITY },
      },
    ]);
    expect(tensors.get("y")?.shape).toEqual([2, 3, 5, 4]);
  });

  test("have the rows of all batches that share one matrix", () => {
    const { nodes } = graphOf({ a: [2, 3, 5, 7], b: [7, 4] }, product);
    expect(nodes[0]?.op).toMatchObject({ a: { shape: [1, 1, 30, 7] }, y: { shape: [1, 1, 30, 4] } });
  });

  test.each([
    [[2, 3], [4, 5], invalid("it multiplies 2x3 by 4x5", "MatMul")],
    [[2, 2, 3], [3, 3, 5], invalid("it multiplies 2x2x3 by 3x3x5", "MatMul")],
    [
      [2, 1, 4, 1, 5, 3],
      [1, 3, 1, 2, 3, 6],
      unsupported(
        "2x1x4x1x5x3 by 1x3x1x2x3x6: batches are spread against each other in more than two runs of axes",
        "MatMul",
      ),
    ],
  ])("%s by %s", (a, b, message) => {
    expect(refusal({ a, b }, product)).toBe(message);
  });

  test("of two constants are a constant", () => {
    const bytes = model({
      inputs: { x: [2, 2] },
      outputs: ["y"],
      nodes: [node("MatMul", ["a", "b"], "p"), node("Mul", ["x", "p"], "y")],
      weights: [weights("a", [2, 2], [1, 2, 3, 4]), weights("b", [2, 2], [5, 6, 7, 8])],
    });
    const graph = importOnnx(bytes);
    const x = Float32Array.of(1, 1, 1, -1);
    expect(graph.nodes.map(({ op }) => op.kind)).toEqual(["elementwise"]);
    expect([...(runReference(graph, { x }).get("y") ?? [])]).toEqual([19, 22, 43, -50]);
  });

  test("of whole numbers that are known are refused", () => {
    const found = refusal({ x: [1] }, [node("MatMul", ["a", "a"], "p"), node("Expand", ["x", "p"], "y")], {
      weights: [integers("a", [2, 2])],
    });
    expect(found).toContain("MatMul (opset 13): of known int64");
  });

  test.each([
    [{ a: [2, 3], b: [3, 4], c: [5, 4] }, "its matrix C has shape 5x4, the product 2x4"],
    [{ a: [2, 3], b: [3, 4], c: [1, 2, 4] }, "its matrix C has shape 1x2x4"],
    [{ a: [2, 3, 3], b: [3, 4], c: [4] }, "it multiplies 2x3x3 by 3x4"],
  ])("Gemm of %j", (inputs, why) => {
    expect(refusal(inputs, [node("Gemm", ["a", "b", "c"], "y")])).toBe(invalid(why, "Gemm"));
  });
});

describe("Einsum", () => {
  const of = (equation: string, inputs: Shapes): string =>
    refusal(inputs, [node("Einsum", Object.keys(inputs), "y", { equation })]);

  test.each([
    ["ii->i", { a: [3, 3] }, unsupported("equation ii->i: a letter twice in one operand", "Einsum")],
    ["...i->i", { a: [2, 3] }, unsupported("equation ...i->i: a sum over the axes of an ellipsis", "Einsum")],
    ["ij,jk->ik", { a: [2, 3], b: [1, 4] }, unsupported("axes j of 3 and 1 elements", "Einsum")],
    ["i,i,i->i", { a: [2], b: [2], c: [2] }, unsupported("of 3 operands: only of one or two", "Einsum")],
    ["ij->ik", { a: [2, 3] }, invalid("its result names k, which no operand has", "Einsum")],
    ["ij->ii", { a: [2, 3] }, invalid("its result names an axis twice: ii", "Einsum")],
    ["ij", { a: [2, 3, 4] }, invalid("operand 0 has 3 dimensions, its equation says ij", "Einsum")],
    ["i,j->ij", { a: [2] }, invalid("its equation has 2 operands, it has 1", "Einsum")],
    ["i?->i", { a: [2] }, invalid('its equation is "i?->i"', "Einsum")],
  ])("%s", (equation, inputs, message) => {
    expect(of(equation, inputs)).toBe(message);
  });
});

describe("recurrent layers", () => {
  const layer = (
    attributes: Parameters<typeof node>[3],
    lists: OnnxNode["attribute"] = [],
    inputs: readonly string[] = ["x", "w", "r"],
  ): readonly OnnxNode[] => {
    const made = node("RNN", inputs, "y", attributes);
    return [{ ...made, attribute: [...(made.attribute ?? []), ...lists] }];
  };
  const known = {
    opset: 14,
    weights: [weights("w", [1, 4, 3]), weights("r", [1, 4, 4]), integers("n", [5, 3])],
  };
  const why = (nodes: readonly OnnxNode[]): string => refusal({ x: [5, 2, 3] }, nodes, known);

  test.each([
    [
      layer({}, [textsAttribute("activations", ["Affine"])]),
      unsupported('its activation "Affine"', "RNN", 14),
    ],
    [
      layer({}, [floatsAttribute("activation_alpha", [0.5])]),
      unsupported(
        "activation_alpha or activation_beta has numbers that none of its activations takes",
        "RNN",
        14,
      ),
    ],
    [
      layer({}, [textsAttribute("activations", ["Tanh", "Tanh"])]),
      invalid("it has 2 activations, not 1", "RNN"),
    ],
    [layer({ hidden_size: 5 }), invalid("hidden_size=5, but its weights R are for 4", "RNN")],
    [layer({ clip: { float: -1 } }), invalid("clip is -1", "RNN")],
    [layer({ direction: "bidirectional" }), invalid("its weights W have shape 1x4x3, not 2x4x3", "RNN")],
    [
      layer({}, [], ["x", "w", "r", "", "n"]),
      unsupported("sequence lengths [5, 3]: only of all 5 steps", "RNN", 14),
    ],
    [
      layer({ direction: "sideways" }),
      unsupported(
        'attribute direction="sideways" should be one of forward, reverse, bidirectional',
        "RNN",
        14,
      ),
    ],
  ])("are refused, %#", (nodes, message) => {
    expect(why(nodes)).toBe(message);
  });

  test("weights that are computed are refused", () => {
    const found = refusal({ x: [5, 2, 3], w: [1, 4, 3] }, layer({}), {
      opset: 14,
      weights: [weights("r", [1, 4, 4])],
    });
    expect(found).toBe(unsupported("its weights W `w` must be float32 constants", "RNN", 14));
  });
});
