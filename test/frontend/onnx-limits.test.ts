import { describe, expect, test } from "vitest";
import { importOnnx } from "../../compiler/frontend/onnx/import.ts";
import type { OnnxNode } from "../../compiler/frontend/onnx/model.ts";
import { encodeModel } from "../../compiler/frontend/onnx/protobuf.ts";
import { optimizeGraph } from "../../compiler/graph/optimize-graph.ts";
import { assignLayouts } from "../../compiler/graph/plan/assign-layouts.ts";
import { planNodes } from "../../compiler/graph/plan/plan-node.ts";
import type { Plan } from "../../compiler/graph/plan.ts";
import { planForTarget } from "../../compiler/graph/plan-for-target.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { integers, type ModelText, messageOf, model, modelOf, node, weights } from "./onnx-model.ts";

const IMAGE = { x: [1, 8, 4, 4] } as const;
const target = loadTarget("rpi4");
const net = (nodes: readonly OnnxNode[], more: Partial<ModelText> = {}): Uint8Array =>
  model({ inputs: IMAGE, outputs: ["y"], nodes, ...more });
const planned = (bytes: Uint8Array): Plan => planForTarget(optimizeGraph(importOnnx(bytes)), target).plan;
const refusal = (bytes: Uint8Array): string => messageOf(() => importOnnx(bytes, { name: "net" }));
/** Nodes in a row, each of the one before; the last gives `to`. */
function chain(length: number, to: string, one: (from: string, to: string) => OnnxNode): readonly OnnxNode[] {
  return Array.from({ length }, (_, i) =>
    one(i === 0 ? "x" : `${to}${i - 1}`, i === length - 1 ? to : `${to}${i}`),
  );
}

describe("thousands of nodes", () => {
  test("in a row, looked through for a gate", () => {
    const nodes = [
      ...chain(4_000, "a", (from, to) => node("Add", [from, "c"], to)),
      node("Sigmoid", ["a"], "s"),
      node("Mul", ["a", "s"], "y"),
    ];
    const graph = importOnnx(net(nodes, { weights: [weights("c", [], [0.001])] }));
    expect(graph.nodes.length).toBe(4_002);
    expect(planForTarget(optimizeGraph(graph), target).plan.steps.length).toBeLessThan(10);
  });

  test("in a row, of one layout", () => {
    const graph = importOnnx(net(chain(12_000, "y", (from, to) => node("Tanh", [from], to))));
    const layouts = assignLayouts(graph, planNodes(graph), () => ({ lanes: 4 }));
    expect(layouts.written("y0")).toEqual(layouts.written("y11998"));
  });

  test("that read one tensor", () => {
    const tanh = Array.from({ length: 400 }, (_, i) => node("Tanh", ["x"], `t${i}`));
    const all = node(
      "Concat",
      tanh.map(({ output }) => output?.[0] ?? ""),
      "y",
      { axis: 1 },
    );
    expect(planned(net([...tanh, all])).steps.length).toBeGreaterThan(400);
  });
});

describe("F116 what no network has", () => {
  test("nodes", () => {
    expect(refusal(net(chain(20_001, "y", (from, to) => node("Tanh", [from], to))))).toBe(
      `error[F116]: \`net\` is larger than any network that is compiled
  why:   nodes: there are 20001, at most 20000 are compiled
  help:  look at the model: a damaged or generated file is likely`,
    );
  });

  test.each([
    [
      "operands of a node",
      net([node("Concat", Array<string>(1000).fill("x"), "y", { axis: 1 })]),
      "inputs and outputs of node `y_node`: there are 1001, at most 1000 are compiled",
    ],
    [
      "operands",
      net(
        chain(150, "y", (from, to) =>
          node("Concat", [from, ...Array<string>(700).fill("x")], to, { axis: 1 }),
        ),
      ),
      "inputs and outputs of nodes: there are 105300, at most 100000 are compiled",
    ],
    [
      "outputs",
      net([node("Relu", ["x"], "y")], { outputs: Array<string>(1001).fill("y") }),
      "outputs: there are 1001, at most 1000 are compiled",
    ],
    [
      "dimensions",
      net([node("Reshape", ["x", "to"], "y")], {
        weights: [integers("to", [...Array<number>(16).fill(1), -1])],
      }),
      "dimensions: it has 17, at most 16 are compiled",
    ],
    [
      "empty nodes",
      encodeModel({
        ...modelOf({ inputs: IMAGE, outputs: ["y"], nodes: [] }),
        graph: { node: Array.from({ length: 500_001 }, () => ({})) },
      }),
      "entries of its graph: there are 500004, at most 500000 are read",
    ],
    [
      "elements of tensors",
      net([node("Add", ["x", "w"], "y")], { weights: [{ name: "w", dims: [2 ** 31 + 1], dataType: 1 }] }),
      "elements of tensors: with this one there are 2147483649, at most 2147483648 are read",
    ],
  ])("%s", (_, bytes, why) => {
    expect(refusal(bytes).split("\n")[1]).toBe(`  why:   ${why}`);
  });
});

describe("small files that ask for gigabytes", () => {
  const why = (bytes: Uint8Array): string | undefined => refusal(bytes).split("\n")[1];

  test("integers doubled again and again", () => {
    const doubled = chain(40, "n", (from, to) =>
      node("Concat", [from === "x" ? "one" : from, from === "x" ? "one" : from], to, { axis: 0 }),
    );
    expect(
      why(net([...doubled, node("Reshape", ["x", "n"], "y")], { weights: [integers("one", [1])] })),
    ).toBe(
      "  why:   node `n20_node`: Concat (opset 13): its result has 2097152 known integers, more than 1048576",
    );
  });

  test("integers filled in", () => {
    const fill = node("ConstantOfShape", ["n"], "c", { value: integers("", [0]) });
    expect(why(net([fill, node("Reshape", ["x", "c"], "y")], { weights: [integers("n", [2 ** 40])] }))).toBe(
      "  why:   node `c_node`: ConstantOfShape (opset 13): its result has 1099511627776 known integers, more than 1048576",
    );
  });

  test("a scalar added to a billion channels", () => {
    const bytes = net([node("Add", ["x", "c"], "y")], {
      inputs: { x: [1, 2 ** 30] },
      weights: [weights("c", [], [1])],
    });
    expect(why(bytes)).toBe(
      "  why:   node `y_node`: Add (opset 13): it brings the weights that the import makes to 1073741824 elements, more than 16777220 for this file",
    );
  });

  test("one matrix turned for each of many products", () => {
    const nodes = chain(80, "y", (from, to) => node("MatMul", [from, "w"], to));
    const bytes = net(nodes, {
      inputs: { x: [1, 512] },
      weights: [weights("w", [512, 512], Array<number>(2 ** 18).fill(1))],
    });
    expect(why(bytes)).toMatch(
      /MatMul \(opset 13\): it brings the weights that the import makes to 18087936 elements/,
    );
  });

  test("a billion channels, or images, take no time to plan", () => {
    for (const shape of [
      [1, 2 ** 30],
      [2 ** 30, 1],
      [1, 2 ** 29, 1, 1],
      [2 ** 20, 8, 4, 4],
    ]) {
      const bytes = net([node("Relu", ["x"], "r"), node("Sigmoid", ["r"], "y")], { inputs: { x: shape } });
      expect(planned(bytes).steps.length).toBeGreaterThan(0);
    }
  });
});
