import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { integers, type ModelText, node, weights } from "../frontend/onnx-model.ts";
import { casesOn } from "../support/amount.ts";
import { type OnnxCases, wrongCases } from "./onnx-cases.ts";

const folder = mkdtempSync(join(tmpdir(), "tilewright-matmul-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const product = (a: readonly number[], b: readonly number[]): ModelText => ({
  inputs: { a, b },
  outputs: ["y"],
  nodes: [node("MatMul", ["a", "b"], "y")],
});
/** Constant on the side that is named. */
const half = (a: readonly number[], b: readonly number[], constant: "a" | "b"): ModelText => ({
  inputs: constant === "a" ? { b } : { a },
  outputs: ["y"],
  nodes: [node("MatMul", ["a", "b"], "y")],
  weights: [weights(constant, constant === "a" ? a : b)],
});
const gemm = (
  shapes: Readonly<Record<string, readonly number[]>>,
  constants: readonly string[],
  attributes: Parameters<typeof node>[3],
): ModelText => ({
  inputs: Object.fromEntries(Object.entries(shapes).filter(([name]) => !constants.includes(name))),
  outputs: ["y"],
  nodes: [node("Gemm", Object.keys(shapes), "y", attributes)],
  weights: constants.map((name) => weights(name, shapes[name])),
});
const ALL = { transA: 1, transB: 1, alpha: { float: 0.5 }, beta: { float: -2 } };

const CASES: OnnxCases = {
  matrices: product([13, 7], [7, 21]),
  small: product([3, 5], [5, 2]),
  numbers: product([1, 1], [1, 1]),
  column: product([9, 30], [30, 1]),
  row: product([1, 30], [30, 37]),
  vectors: product([11], [11]),
  "vector by matrix": product([6], [6, 19]),
  "matrices by vector": product([2, 3, 5, 6], [6]),
  "vector by matrices": product([6], [2, 3, 6, 5]),
  batches: product([2, 3, 17, 9], [2, 3, 9, 12]),
  "one matrix for all": product([2, 3, 17, 9], [9, 12]),
  "one on the left": product([17, 9], [4, 9, 12]),
  "spread both ways": product([2, 1, 6, 5], [3, 5, 8]),
  "spread inside": product([2, 3, 6, 5], [2, 1, 5, 8]),
  "rank 5": product([2, 2, 2, 4, 8], [2, 2, 1, 8, 16]),
  "wide and deep": product([26, 160], [160, 72]),
  "constant batch": half([2, 3, 5, 8], [2, 3, 8, 10], "b"),
  "constant left": half([10, 8], [3, 8, 21], "a"),
  "constant vector": half([3, 4, 8], [8], "b"),
  "vector by constant": half([8], [8, 6], "b"),
  "dense, rank 4": half([1, 3, 5, 16], [16, 24], "b"),
  "dense, few": half([2, 5, 3], [3, 5], "b"),
  "Gemm, everything": gemm({ a: [9, 6], b: [11, 9], c: [6, 11] }, [], ALL),
  "Gemm, constant B, C": gemm({ a: [9, 6], b: [11, 9], c: [6, 1] }, ["b", "c"], ALL),
  "Gemm, constant A": gemm({ a: [9, 6], b: [11, 9], c: [11] }, ["a"], ALL),
  "Gemm, constant A, C": gemm({ a: [9, 6], b: [11, 9], c: [] }, ["a", "c"], ALL),
  "Gemm, C spread": gemm({ a: [6, 9], b: [9, 11], c: [1, 11] }, ["b"], {}),
  "Gemm, no C": gemm({ a: [6, 9], b: [9, 11] }, [], { beta: { float: 3 } }),
  "Gemm, beta 0": gemm({ a: [6, 9], b: [9, 11], c: [6, 11] }, [], { beta: { float: 0 } }),
  "activation behind": {
    inputs: { a: [2, 5, 9], b: [2, 9, 12] },
    outputs: ["y"],
    nodes: [node("MatMul", ["a", "b"], "p"), node("LeakyRelu", ["p"], "y")],
  },
  "constant added": {
    inputs: { a: [2, 3, 5, 9], b: [2, 3, 9, 12] },
    outputs: ["y", "z"],
    nodes: [
      node("MatMul", ["a", "b"], "p"),
      node("Add", ["p", "c"], "s"),
      node("Relu", ["s"], "y"),
      node("MatMul", ["a", "b"], "q"),
      node("Add", ["m", "q"], "z"),
    ],
    weights: [weights("c", [12]), weights("m", [3, 5, 12])],
  },
  "bias of a dense layer of rank 3": {
    inputs: { x: [2, 5, 16] },
    outputs: ["y"],
    nodes: [node("MatMul", ["x", "w"], "p"), node("Add", ["c", "p"], "y")],
    weights: [weights("w", [16, 24]), weights("c", [24])],
  },
  "sum of two": {
    inputs: { a: [4, 9], b: [9, 20], r: [4, 20] },
    outputs: ["y"],
    nodes: [node("MatMul", ["a", "b"], "p"), node("Add", ["r", "p"], "y")],
  },
  heads: {
    inputs: { q: [2, 10, 24], k: [2, 10, 24], v: [2, 10, 24] },
    outputs: ["y"],
    nodes: [
      ...["q", "k", "v"].flatMap((x) => [
        node("Unsqueeze", [x, "two"], `${x}1`),
        node("Reshape", [`${x}1`, "apart"], `${x}2`),
        node("Transpose", [`${x}2`], `${x}3`, { perm: x === "k" ? [0, 2, 3, 1] : [0, 2, 1, 3] }),
      ]),
      node("MatMul", ["q3", "k3"], "s"),
      node("Softmax", ["s"], "p"),
      node("MatMul", ["p", "v3"], "h"),
      node("Transpose", ["h"], "t", { perm: [0, 2, 1, 3] }),
      node("Reshape", ["t", "together"], "y"),
    ],
    weights: [integers("two", [2]), integers("apart", [2, 10, 3, 8]), integers("together", [2, 10, 24])],
  },
};

test.each(["host", "qemu-rpi4", "qemu-rpi3", "qemu-rpi2"])(
  "products of matrices are right on %s",
  async (board) => {
    const { wrong, plan } = await wrongCases(board, casesOn(board, CASES), join(folder, board));
    expect(wrong).toEqual([]);
    const moves = plan.steps.filter(({ layer, task }) => layer.startsWith("heads:") && task.op === "copy");
    expect(moves).toEqual([]);
  },
  300_000,
);
