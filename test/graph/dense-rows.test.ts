import fc from "fast-check";
import { expect, test } from "vitest";
import { openCoreModel } from "../../compiler/driver/decide/model-kernel.ts";
import { optimizeGraph } from "../../compiler/graph/optimize-graph.ts";
import { planForTarget } from "../../compiler/graph/plan-for-target.ts";
import { planNetwork } from "../../compiler/graph/plan-network.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { makeRng } from "../../compiler/support/rng.ts";
import { compileTask, taskKnobs } from "../../compiler/task/compile-task.ts";
import { simulatePlan } from "../../compiler/verify/simulate-plan.ts";
import { wrongTensors } from "../verify/differences.ts";
import { graphBuilder, randomInputs } from "./graph-builder.ts";

test("products of matrices of any sizes are what they are row by row", () => {
  const layer = fc.record({
    seed: fc.nat(1000),
    rows: fc.constantFrom(1, 2, 7, 13, 24, 37, 64),
    k: fc.constantFrom(3, 4, 8, 10, 16),
    between: fc.constantFrom(2, 8, 12),
    oc: fc.constantFrom(1, 4, 6, 16),
    lanes: fc.constantFrom(4, 8),
    slopes: fc.boolean(),
  });
  fc.assert(
    fc.property(layer, ({ seed, rows, k, between, oc, lanes, slopes }) => {
      const g = graphBuilder(makeRng(seed));
      const hidden = g.dense(g.input([rows, k]), between);
      const y = g.dense(slopes ? g.prelu(hidden) : g.clamp(hidden), oc);
      const graph = g.finish([y]);
      const inputs = randomInputs(graph, makeRng(seed + 1));
      const plan = planNetwork(optimizeGraph(graph), lanes);
      const run = simulatePlan(
        plan,
        graph.inputs.map((name) => inputs[name]),
      );
      expect(wrongTensors(graph, plan, inputs, run.tensors, run.outputs)).toEqual([]);
    }),
    { numRuns: 60, seed: 3 },
  );
});

test("products of matrices have a schedule for every inner size, in every order and tile that is offered for them", () => {
  for (const board of ["rpi4", "rpi2"]) {
    const target = loadTarget(board);
    for (const k of [3, 6]) {
      const g = graphBuilder();
      const graph = g.finish([49].flatMap((rows) => [12, 24].map((oc) => g.dense(g.input([rows, k]), oc))));
      const { steps } = planForTarget(optimizeGraph(graph), target).plan;
      for (const { task } of steps.filter(({ macs = 0 }) => macs > 0))
        for (const { name, options } of taskKnobs(task, target))
          for (const option of options.slice(0, 3))
            expect(compileTask(task, target, { choices: { [name]: option } }).c).not.toBe("");
    }
  }
});

test("a product of matrices takes no more cycles than the 1x1 convolution of the same work", async () => {
  const target = loadTarget("rpi4");
  const cycles = await openCoreModel(target);
  const taken = async (shape: readonly number[]): Promise<number> => {
    const g = graphBuilder();
    const x = g.input(shape);
    const graph = g.finish([shape.length === 2 ? g.dense(x, 192) : g.conv(x, { oc: 192, kernel: 1 })]);
    const { steps } = planForTarget(optimizeGraph(graph), target).plan;
    const products = steps.filter(({ macs = 0 }) => macs > 0);
    const all = products.map(({ task }) => cycles(compileTask(task, target), new AbortController().signal));
    return (await Promise.all(all)).reduce((sum, n) => sum + n, 0);
  };
  const matrix = await taken([49, 96]);
  expect(matrix).toBeLessThan(1.03 * (await taken([1, 96, 7, 7])));
  // at least 3 of the 4 multiply-accumulates a cycle that the core has
  expect(matrix).toBeLessThan((49 * 96 * 192) / 3);
});

test("images of one pixel that another reader wants a border of, or that joins have in theirs, are still right", () => {
  for (const [n, c] of [
    [3, 8],
    [9, 6],
    [2, 4],
  ] as const) {
    const g = graphBuilder(makeRng(n));
    const x = g.conv(g.input([n, c, 1, 1]), { oc: 8, kernel: 1 });
    const wide = g.conv(x, { oc: 4, pads: [1, 1, 1, 1] });
    const narrow = g.conv(x, { oc: 8, kernel: 1 });
    const joined = g.concat([narrow, g.conv(x, { oc: 8, kernel: 1 })], 1);
    const graph = g.finish([g.conv(joined, { oc: 4, pads: [1, 1, 1, 1] }), wide, g.add(narrow, x)]);
    const inputs = randomInputs(graph, makeRng(n + 1));
    const plan = planNetwork(optimizeGraph(graph), 4);
    const run = simulatePlan(
      plan,
      graph.inputs.map((name) => inputs[name]),
    );
    expect(wrongTensors(graph, plan, inputs, run.tensors, run.outputs)).toEqual([]);
  }
});
