import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { inspectModel } from "../../compiler/analyze/inspect-model.ts";
import { peakActivations } from "../../compiler/analyze/peak-activations.ts";
import { importOnnx, readOnnx } from "../../compiler/frontend/onnx/import.ts";
import type { OnnxNode } from "../../compiler/frontend/onnx/model.ts";
import { encodeModel } from "../../compiler/frontend/onnx/protobuf.ts";
import { tilewright } from "../cli/command-line.ts";
import { integers, type ModelText, model, modelOf, node, weights } from "../frontend/onnx-model.ts";

const folder = mkdtempSync(join(tmpdir(), "tilewright-inspect-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const text = (nodes: readonly OnnxNode[], more: Partial<ModelText> = {}): ModelText => ({
  inputs: { x: [1, 4, 8, 8] },
  outputs: ["y"],
  nodes,
  ...more,
});
const bn = ["s", "o", "m", "v"].map((name) => weights(name, [4], [1, 2, 3, 4]));
const conv = [
  node("Shape", ["x"], "dims"),
  node("Slice", ["dims", "from", "to"], "batch"),
  node("Concat", ["batch", "rest"], "shape", { axis: 0 }),
  node("Conv", ["x", "w"], "c", { pads: [1, 1, 1, 1] }),
  node("BatchNormalization", ["c", "s", "o", "m", "v"], "b"),
  node("Identity", ["b"], "same"),
  node("Relu", ["same"], "r"),
  node("Tanh", ["r"], "unread"),
];
const given = [
  weights("w", [4, 4, 3, 3]),
  ...bn,
  integers("from", [0]),
  integers("to", [1]),
  integers("rest", [-1]),
];
const whole = text([...conv, node("Reshape", ["r", "shape"], "y")], { weights: given });
const refused = text(
  [
    ...conv,
    { ...node("Swish", ["r"], "q"), domain: "odd" },
    { ...node("Box", ["q"], "box"), domain: "odd" },
    node("Relu", ["box"], "u"),
    node("MaxPool", ["q"], "p", { kernel_shape: [2, 2] }),
    node("Concat", ["p", "u"], "y", { axis: 1 }),
  ],
  { weights: given },
);

const told = (bytes: Uint8Array): readonly string[] =>
  inspectModel(readOnnx(bytes)).nodes.map(
    ({ name, outcome, into, why }) =>
      `${name}: ${outcome}${into ? ` into ${into}` : ""}${why ? `, ${why}` : ""}`,
  );

describe("what becomes of each node", () => {
  test("of a network that compiles", () => {
    expect(told(model(whole))).toEqual([
      "dims_node: folded",
      "batch_node: folded",
      "shape_node: folded",
      "c_node: compiled",
      "b_node: fused into c_node",
      "same_node: passed",
      "r_node: fused into c_node",
      "y_node: compiled",
      "unread_node: dead",
    ]);
    const { total, producer, opset, nodes } = inspectModel(readOnnx(model(whole)));
    expect({ producer, opset }).toEqual({ producer: "", opset: 13 });
    expect(total).toEqual({ macs: 4 * 36 * 64, params: 144, peak_activation_bytes: 2 * 4 * 256 });
    expect(nodes[3]).toMatchObject({
      macs: 4 * 36 * 64,
      params: 144,
      outputs: [{ name: "c", shape: [1, 4, 8, 8] }],
    });
  });

  test("of one that does not, nodes behind refused ones too", () => {
    expect(told(model(refused)).slice(4)).toEqual([
      "q_node: refused, unknown operator",
      "box_node: refused, unknown operator",
      "u_node: behind",
      "p_node: compiled",
      "y_node: behind",
      ...["dims", "batch", "shape", "unread"].map((name) => `${name}_node: dead`),
    ]);
    const { compiles, total } = inspectModel(readOnnx(model(refused)));
    expect(compiles).toBe(false);
    expect(total.macs).toBe(4 * 36 * 64);
  });

  test("where only an output is to blame", () => {
    const bytes = model(text([node("Constant", [], "y", { value_int: 2 ** 25 })]));
    expect(inspectModel(readOnnx(bytes))).toMatchObject({
      compiles: false,
      why: "node `y`: output (opset 13): it holds 33554432, beyond 16777216",
    });
  });
});

test("activations that are alive at once", () => {
  const nodes = [
    node("Tanh", ["x"], "a"),
    node("MaxPool", ["a"], "b", { kernel_shape: [2, 2], strides: [2, 2] }),
    node("Flatten", ["b"], "f"),
    node("Relu", ["f"], "y"),
  ];
  // x and a; a and b; b, which f is too, and y
  expect(peakActivations(importOnnx(model(text(nodes))))).toBe(4 * (256 + 256));
  const kept = text([...nodes.slice(0, 3), node("Add", ["x", "a"], "y")], { outputs: ["y", "f"] });
  expect(peakActivations(importOnnx(model(kept)))).toBe(4 * (256 + 256 + 256 + 64));
});

describe("the command", () => {
  const write = (name: string, bytes: Uint8Array): string => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    return path;
  };

  test("prints a table", async () => {
    const bytes = encodeModel({ ...modelOf(refused), producerName: "pytorch", producerVersion: "2.1" });
    const { code, out, note } = await tilewright("inspect", write("refused.onnx", bytes));
    expect({ code, note }).toEqual({ code: 0, note: "" });
    expect(`\n${out}\n`).toMatchInlineSnapshot(`
      "
      node         operator            output   MMACs  Kparams  becomes
      c_node       Conv                1x4x8x8   0.01      0.1  a kernel or a move
      b_node       BatchNormalization  1x4x8x8                  fused into c_node
      same_node    Identity            1x4x8x8                  nothing to compute
      r_node       Relu                1x4x8x8                  fused into c_node
      q_node       odd.Swish           1x4x8x8                  REFUSED: unknown operator
      box_node     odd.Box             ?                        REFUSED: unknown operator
      u_node       Relu                ?                        behind a refused node, not looked at
      p_node       MaxPool             1x4x7x7                  a kernel or a move
      y_node       Concat              ?                        behind a refused node, not looked at
      dims_node    Shape                                        reaches no output
      batch_node   Slice                                        reaches no output
      shape_node   Concat                                       reaches no output
      unread_node  Tanh                                         reaches no output

      refused: exported by pytorch 2.1, IR version 8, opset 13
      13 nodes: 2 compiled, 2 fused, 1 passed, 2 refused, 2 behind, 4 dead
      0.01 million MACs, 0.00 million parameters, activations of 0.00 MB alive at once
      it cannot be compiled: 2 nodes are refused, 2 behind them could not be looked at
      "
    `);
  });

  test("prints JSON", async () => {
    const { out } = await tilewright("inspect", write("whole.onnx", model(whole)), "--json");
    expect(JSON.parse(out)).toMatchObject({ model: "whole", compiles: true, ir_version: 8, opset: 13 });
  });

  test("takes a network of the zoo, and tells how to go on", async () => {
    const { out, note } = await tilewright("inspect", "zoo:wrn-40-2");
    expect(out).toContain("it can be compiled");
    expect(note).toBe("next: `tilewright compile zoo:wrn-40-2 --target TARGET -o build/`");
  });

  test("goes on with the same inputs", async () => {
    const open = write("open.onnx", model({ ...whole, inputs: { x: ["n", 4, 8, 8] } }));
    const { note } = await tilewright("inspect", open, "--input-shape", "x:1,4,8,8");
    expect(note).toBe(
      `next: \`tilewright compile ${open} --input-shape x:1,4,8,8 --target TARGET -o build/\``,
    );
  });
});
