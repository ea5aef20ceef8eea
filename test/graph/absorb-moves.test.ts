import { describe, expect, it } from "vitest";
import { importOnnx } from "../../compiler/frontend/onnx/import.ts";
import type { Graph, NodeKind } from "../../compiler/graph/graph.ts";
import { optimizeGraph } from "../../compiler/graph/optimize-graph.ts";
import { absorbMoves } from "../../compiler/graph/passes/absorb-moves.ts";
import { activateBeforeReshape } from "../../compiler/graph/passes/activate-before-reshape.ts";
import { removeDead } from "../../compiler/graph/passes/remove-dead.ts";
import { makeRng } from "../../compiler/support/rng.ts";
import { integers, type ModelText, model, node, weights } from "../frontend/onnx-model.ts";
import { outputsApart } from "../verify/differences.ts";
import { randomInputs } from "./graph-builder.ts";

const kinds = (graph: Graph): NodeKind[] => graph.nodes.map(({ op }) => op.kind);
const imported = (text: ModelText): Graph => importOnnx(model(text));

/** Both graphs compute the same outputs. */
function expectSame(before: Graph, after: Graph): void {
  const inputs = randomInputs(before, makeRng(9));
  expect(outputsApart(before, after, inputs)).toEqual([]);
}

describe("moves before and after products of matrices", () => {
  it("go, and so do factors", () => {
    const before = imported({
      inputs: { q: [2, 5, 12], k: [2, 7, 12], v: [2, 7, 12] },
      outputs: ["y"],
      nodes: [
        ...["q", "k", "v"].flatMap((x) => [
          node("Reshape", [x, x === "q" ? "rows" : "others"], `${x}1`),
          node("Transpose", [`${x}1`], `${x}2`, { perm: x === "k" ? [0, 2, 3, 1] : [0, 2, 1, 3] }),
        ]),
        node("Mul", ["q2", "half"], "q3"),
        node("MatMul", ["q3", "k2"], "s"),
        node("Div", ["s", "four"], "t"),
        node("MatMul", ["t", "v2"], "h"),
        node("Transpose", ["h"], "u", { perm: [0, 2, 1, 3] }),
        node("Reshape", ["u", "together"], "y"),
      ],
      weights: [
        ...[integers("rows", [2, 5, 3, 4]), integers("others", [2, 7, 3, 4])],
        ...[integers("together", [2, 5, 12]), weights("half", [], [0.5]), weights("four", [], [4])],
      ],
    });
    const after = removeDead(absorbMoves(before));
    expect(kinds(after)).toEqual(["matmul", "matmul"]);
    expect(after.nodes.map(({ op }) => op.kind === "matmul" && op.scale)).toEqual([0.5, 0.25]);
    expectSame(before, after);
  });

  it("stay where a dimension of the product would be torn apart", () => {
    const before = imported({
      inputs: { a: [3, 2, 4], b: [4, 5] },
      outputs: ["y"],
      nodes: [node("Transpose", ["a"], "t", { perm: [1, 0, 2] }), node("MatMul", ["t", "b"], "y")],
    });
    const after = absorbMoves(before);
    expect(kinds(after)).toEqual(["transpose", "matmul"]);
    expectSame(before, after);
  });

  it("stay where something is added before a factor", () => {
    const before = imported({
      inputs: { a: [3, 4], b: [4, 5] },
      outputs: ["y"],
      nodes: [node("MatMul", ["a", "b"], "p"), node("Add", ["p", "c"], "s"), node("Mul", ["s", "half"], "y")],
      weights: [weights("c", [5]), weights("half", [], [0.5])],
    });
    const after = absorbMoves(before);
    expect(kinds(after)).toEqual(["matmul", "batch-norm"]);
    expectSame(before, after);
  });
});

describe("an activation behind rows of more than one dimension", () => {
  const rows: ModelText = {
    inputs: { x: [2, 3, 8] },
    outputs: ["y"],
    nodes: [
      node("MatMul", ["x", "w"], "p"),
      node("Add", ["p", "b"], "q"),
      node("Tanh", ["q"], "t"),
      node("Relu", ["t"], "y"),
    ],
    weights: [weights("w", [8, 16]), weights("b", [16])],
  };

  it("goes before their reshape", () => {
    const before = imported(rows);
    expect(kinds(before)).toEqual(["reshape", "dense", "reshape", "activation", "clamp"]);
    const after = activateBeforeReshape(before);
    expect(kinds(after)).toEqual(["reshape", "dense", "activation", "clamp", "reshape"]);
    expectSame(before, after);
  });

  it("is what the dense layer ends with", () => {
    const before = imported(rows);
    const after = optimizeGraph(before);
    expect(kinds(after).filter((kind) => kind !== "reshape")).toEqual(["dense"]);
    expectSame(before, after);
  });
});
