import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { importOnnx } from "../../compiler/frontend/onnx/import.ts";
import { FLOAT32, INT64 } from "../../compiler/frontend/onnx/schema.ts";
import type { Graph } from "../../compiler/graph/graph.ts";
import { optimizeGraph } from "../../compiler/graph/optimize-graph.ts";
import { runReference } from "../../compiler/verify/reference.ts";
import { type ModelText, model, node } from "../frontend/onnx-model.ts";
import { runCompiled } from "./compare-runs.ts";

const folder = mkdtempSync(join(tmpdir(), "tilewright-indices-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const whole = node("Cast", ["at"], "i", { to: INT64 });
const net = (nodes: ModelText["nodes"], inputs: ModelText["inputs"]): Graph =>
  importOnnx(model({ opset: 18, inputs: { at: [2], ...inputs }, outputs: ["y"], nodes: [whole, ...nodes] }));

/** Networks that compute indices of three elements. */
const NETWORKS: Readonly<Record<string, Graph>> = {
  Gather: net([node("Gather", ["x", "i"], "y")], { x: [3, 2] }),
  GatherElements: net([node("GatherElements", ["x", "i"], "y")], { x: [3] }),
  GatherND: net([node("GatherND", ["x", "i"], "y")], { x: [3, 3] }),
  ScatterElements: net([node("ScatterElements", ["x", "i", "u"], "y")], { x: [3], u: [2] }),
};

function filled(graph: Graph, at: readonly number[]): Record<string, Float32Array> {
  const size = (name: string): number => graph.tensors.get(name)?.shape.reduce((a, b) => a * b, 1) ?? 0;
  return Object.fromEntries(
    graph.inputs.map((name) => [
      name,
      name === "at" ? Float32Array.from(at) : new Float32Array(size(name)).fill(1),
    ]),
  );
}

/** What the reference says of a network's indices: whether all of them are there. */
function held(graph: Graph, at: readonly number[]): boolean {
  const checks = graph.nodes.filter(({ op }) => op.kind === "check");
  const found = runReference(graph, filled(graph, at));
  return checks.length > 0 && checks.every(({ output }) => found.get(output)?.[0] === 0);
}

describe("an index that names no element is the end of a run", () => {
  test.each(Object.entries(NETWORKS))("of %s, in Node", (_, graph) => {
    for (const one of [graph, optimizeGraph(graph)]) {
      expect(
        [
          [0, 2],
          [-3, -1],
        ].map((at) => held(one, at)),
      ).toEqual([true, true]);
      const wrong = [
        [3, 0],
        [0, -4],
        [Number.NaN, 0],
        [0, Number.POSITIVE_INFINITY],
        [2 ** 25, 0],
      ];
      expect(wrong.map((at) => held(one, at))).toEqual(wrong.map(() => false));
    }
  });

  test("of a compiled network, which says so in its header", async () => {
    const graph = optimizeGraph(NETWORKS.Gather);
    const { values } = await runCompiled(graph, "host", folder, filled(graph, [-1, 0]));
    expect([...(values.get("y") ?? [])]).toEqual([1, 1, 1, 1]);
    await expect(runCompiled(graph, "host", folder, filled(graph, [3, 0]))).rejects.toMatchObject({
      diagnostic: {
        why: expect.stringContaining(
          "the network computed an index that names no element, or a whole number that floats do not hold",
        ),
      },
    });
    const header = readFileSync(
      join(
        folder,
        "include",
        readdirSync(join(folder, "include")).find((name) => name !== "tilewright.h") ?? "",
      ),
      "utf8",
    );
    expect(header).toContain(" * 7 when the network computes an index that names no element");
  }, 60_000);
});

test("whole numbers that are lost before they are floats again end a run", () => {
  const twice = node("Mul", ["i", "i"], "j");
  const graph = net([twice, node("Cast", ["j"], "y", { to: FLOAT32 })], {});
  expect(
    [
      [3, 4],
      [2 ** 12, 2 ** 13],
    ].map((at) => held(graph, at)),
  ).toEqual([true, false]);
});

test("indices that are known to be there are not checked", () => {
  const places = net(
    [
      node("ArgMax", ["x"], "p", { axis: 0, keepdims: 0 }),
      node("Gather", ["x", "p"], "g"),
      node("Gather", ["g", "i"], "y"),
    ],
    { x: [3, 2] },
  );
  expect(places.nodes.filter(({ op }) => op.kind === "check")).toHaveLength(1);
});
