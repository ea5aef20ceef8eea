import { expect, test } from "vitest";
import { optimizeGraph } from "../../compiler/graph/optimize-graph.ts";
import { transposeTask } from "../../compiler/graph/plan/move-tasks.ts";
import { planNetwork } from "../../compiler/graph/plan-network.ts";
import { transposeData } from "../../compiler/graph/transpose-data.ts";
import { transposedRuns, transpositions } from "../../compiler/graph/transposed-runs.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { makeRng } from "../../compiler/support/rng.ts";
import { compileTask } from "../../compiler/task/compile-task.ts";
import { runReference } from "../../compiler/verify/reference.ts";
import { graphBuilder } from "./graph-builder.ts";

test("six dimensions turned round take two copies", () => {
  const g = graphBuilder();
  const x = g.input([2, 3, 2, 3, 2, 3]);
  const graph = optimizeGraph(g.finish([g.transpose(x, [5, 4, 3, 2, 1, 0])]));
  expect(graph.nodes.map(({ op }) => op.kind)).toEqual(["transpose", "transpose"]);
  expect(planNetwork(graph, 4).steps.map(({ task }) => task.op)).toEqual(["copy", "copy"]);
  const data = Float32Array.from({ length: 216 }, (_, i) => i);
  const y = runReference(graph, { [x]: data }).get(graph.outputs[0]);
  expect(y).toEqual(transposeData(data, [2, 3, 2, 3, 2, 3], [5, 4, 3, 2, 1, 0]));
});

test("any order of up to nine dimensions is some copies, one after another", () => {
  const rng = makeRng(4);
  for (let run = 0; run < 200; run++) {
    const rank = 1 + rng.int(9);
    const shape = Array.from({ length: rank }, () => 1 + rng.int(3));
    const perm = shape
      .map((_, dim) => [rng.next(), dim] as const)
      .sort(([a], [b]) => a - b)
      .map(([, dim]) => dim);
    const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i);
    let now: { readonly shape: readonly number[]; readonly data: Float32Array } = { shape, data };
    for (const part of transpositions(shape, perm)) {
      expect(transposedRuns(now.shape, part).length).toBeLessThanOrEqual(5);
      now = { shape: part.map((dim) => now.shape[dim]), data: transposeData(now.data, now.shape, part) };
    }
    expect(now.data).toEqual(transposeData(data, shape, perm));
  }
});

test.each([
  [
    [24, 2, 1936],
    [1, 0, 2],
  ],
  [
    [1, 2, 24, 44, 44],
    [0, 2, 1, 3, 4],
  ],
  [
    [1, 49, 8, 64],
    [0, 2, 1, 3],
  ],
])("of %j by %j vectors are copied, as the innermost dimension stays", (shape, perm) => {
  const { c, choice } = compileTask(transposeTask(shape, perm), loadTarget("rpi4"));
  expect(choice).toBe("by vectors");
  expect(c).toContain("vld1q_f32");
});
