import { describe, expect, test } from "vitest";
import { importOnnx } from "../../compiler/frontend/onnx/import.ts";
import { BOOL, INT64 } from "../../compiler/frontend/onnx/schema.ts";
import { integers, messageOf, model, node } from "../frontend/onnx-model.ts";
import type { OperatorModel } from "./operator-models.ts";
import { testOperators } from "./operator-tests.ts";

const at = (sequence: string, place: string, tensor: string) => node("SequenceAt", [sequence, place], tensor);
const PLACES = [
  ...[integers("first", [0], []), integers("second", [1], []), integers("last", [-1], [])],
  { name: "yes", dims: [], dataType: BOOL, rawData: Uint8Array.of(1) },
];

const models: Record<string, OperatorModel> = {
  "parts of one size": {
    inputs: { x: [2, 8, 5, 6] },
    outputs: ["y"],
    nodes: [
      node("SplitToSequence", ["x", "three"], "s", { axis: 1 }),
      ...[at("s", "first", "a"), at("s", "last", "b")],
      node("Concat", ["b", "a"], "y", { axis: 1 }),
    ],
    weights: [...PLACES, integers("three", [3], [])],
  },
  "listed parts": {
    inputs: { x: [2, 8, 5, 6] },
    outputs: ["y"],
    nodes: [
      node("SplitToSequence", ["x", "sizes"], "s", { axis: -3 }),
      ...[at("s", "first", "a"), at("s", "second", "b")],
      node("Mul", ["a", "b"], "y"),
    ],
    weights: [...PLACES, integers("sizes", [4, 4])],
  },
  "rows without their axis": {
    inputs: { x: [3, 5, 6] },
    outputs: ["y", "n"],
    types: { n: INT64 },
    nodes: [
      node("SplitToSequence", ["x"], "s", { keepdims: 0 }),
      node("SequenceLength", ["s"], "n"),
      node("ConcatFromSequence", ["s"], "y", { axis: -1, new_axis: 1 }),
    ],
  },
  "rows with their axis": {
    inputs: { x: [3, 5, 6] },
    outputs: ["y"],
    nodes: [
      node("SplitToSequence", ["x"], "s", { axis: 1 }),
      node("ConcatFromSequence", ["s"], "y", { axis: 0 }),
    ],
  },
  "put together and taken apart": {
    inputs: { a: [2, 6], b: [2, 6], c: [2, 6] },
    outputs: ["y"],
    nodes: [
      node("SequenceConstruct", ["a", "b"], "two"),
      node("SequenceInsert", ["two", "c", "first"], "three"),
      node("SequenceErase", ["three", "second"], "less"),
      node("SequenceErase", ["three"], "front"),
      node("SequenceInsert", ["less", "b"], "more"),
      node("ConcatFromSequence", ["more"], "m", { axis: 1 }),
      node("ConcatFromSequence", ["front"], "f", { axis: 1 }),
      node("Concat", ["m", "f"], "y", { axis: 1 }),
    ],
    weights: PLACES,
  },
  "before the last": {
    inputs: { a: [2, 6], b: [2, 6], c: [2, 6] },
    outputs: ["y"],
    nodes: [
      node("SequenceConstruct", ["a", "b"], "two"),
      node("SequenceInsert", ["two", "c", "last"], "three"),
      node("ConcatFromSequence", ["three"], "y", { axis: 1 }),
    ],
    weights: PLACES,
  },
  "from none on": {
    inputs: { a: [2, 6] },
    outputs: ["y"],
    nodes: [
      node("SequenceEmpty", [], "none"),
      node("SequenceInsert", ["none", "a"], "one"),
      at("one", "first", "r"),
      node("Relu", ["r"], "y"),
    ],
    weights: PLACES,
  },
};

describe("sequences of tensors are ONNX Runtime's", () =>
  testOperators(models, { boards: ["host"], written: "imported" }));

test("a number that is left out of an attribute is 0", () => {
  const split = node("SplitToSequence", ["x"], "s", { keepdims: 0 });
  const attribute = (split.attribute ?? []).map(({ i: _, ...rest }) => rest);
  const nodes = [{ ...split, attribute }, at("s", "first", "y")];
  const graph = importOnnx(model({ inputs: { x: [2, 6] }, outputs: ["y"], nodes, weights: PLACES }));
  expect(graph.tensors.get("y")?.shape).toEqual([6]);
});

test("what is a sequence is no tensor", () => {
  const x = { x: [2, 6] };
  const refusal = (...nodes: readonly ReturnType<typeof node>[]): string =>
    messageOf(() => importOnnx(model({ inputs: x, outputs: ["y"], nodes, weights: PLACES })));
  const one = node("SequenceConstruct", ["x"], "s");
  expect(refusal(one, node("Relu", ["s"], "y"))).toContain("input `s` is a sequence of tensors");
  expect(refusal(node("SequenceConstruct", ["x"], "y"))).toContain("it is a sequence of tensors");
  expect(refusal(one, at("s", "second", "y"))).toContain("index 1 of 1");
  expect(refusal(at("x", "first", "y"))).toContain("`x` is no sequence that is known");
  const twice = "it is defined twice";
  expect(refusal(one, one, at("s", "first", "y"))).toContain(twice);
  expect(refusal(node("Relu", ["x"], "s"), one, at("s", "first", "y"))).toContain(twice);
  expect(refusal(one, node("Relu", ["x"], "s"), at("s", "first", "y"))).toContain(twice);
  const taken = { name: "then_branch", type: 5, g: { node: [one], output: [{ name: "s" }] } };
  const branch = { ...node("If", ["yes"], "t"), attribute: [taken, { ...taken, name: "else_branch" }] };
  expect(refusal(branch, at("t", "first", "y"))).toContain("of its branch is a sequence of tensors");
});
