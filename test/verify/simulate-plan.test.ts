import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findZooNetwork } from "../../compiler/frontend/zoo/index.ts";
import type { Graph } from "../../compiler/graph/graph.ts";
import { optimizeGraph } from "../../compiler/graph/optimize-graph.ts";
import { planMemory, planMemoryWithoutReuse } from "../../compiler/graph/plan/plan-memory.ts";
import { planNetwork } from "../../compiler/graph/plan-network.ts";
import { makeRng } from "../../compiler/support/rng.ts";
import { compareTensors } from "../../compiler/verify/compare.ts";
import { runReference } from "../../compiler/verify/reference.ts";
import { simulatePlan } from "../../compiler/verify/simulate-plan.ts";
import { randomInputs } from "../graph/graph-builder.ts";
import { randomGraph } from "./random-graph.ts";

function expectClose(graph: Graph, tensor: string, actual: Float32Array, wanted: Float32Array): void {
  const shape = graph.tensors.get(tensor)?.shape ?? [];
  const { maxAbsError } = compareTensors(shape, actual, wanted, 1e-4);
  // Against the magnitude too: two outputs that chance puts side by side have no range to speak of.
  const magnitude = wanted.reduce((most, v) => Math.max(most, Math.abs(v)), 1e-3);
  expect(maxAbsError / magnitude, tensor).toBeLessThan(1e-4);
}

describe("a plan carried out in Node", () => {
  it.each([
    ["shufflenet-v1", {}],
    ["resnet34", { g: 4 }],
    ["mobilenet-v1", { G: 2 }],
  ])("computes what the model as written computes: %s %j", (name, options) => {
    const graph = findZooNetwork(name).build({ ...options, inputSize: 32 });
    const inputs = randomInputs(graph, makeRng(3));
    const wanted = runReference(graph, inputs);
    const run = simulatePlan(
      planNetwork(optimizeGraph(graph), 4),
      graph.inputs.map((input) => inputs[input]),
    );
    for (const [tensor, data] of run.tensors) {
      const kept = wanted.get(tensor);
      if (kept !== undefined) expectClose(graph, tensor, data, kept);
    }
    graph.outputs.forEach((output, i) => {
      expectClose(graph, output, run.outputs[i], wanted.get(output) ?? new Float32Array());
    });
  });

  it("computes what the kernels compute, for random networks, layouts and memory", () => {
    fc.assert(
      fc.property(
        fc.record({
          seed: fc.nat(1_000_000),
          size: fc.integer({ min: 1, max: 12 }),
          lanes: fc.constantFrom(4, 8, 4, 1),
          reuse: fc.boolean(),
        }),
        ({ seed, size, lanes, reuse }) => {
          const graph = randomGraph(seed, size);
          const inputs = randomInputs(graph, makeRng(seed + 1));
          const wanted = runReference(graph, inputs);
          const optimized = optimizeGraph(graph);
          const reference = runReference(optimized, inputs);
          const plan = planNetwork(optimized, lanes, { memory: reuse ? planMemory : planMemoryWithoutReuse });
          const run = simulatePlan(
            plan,
            graph.inputs.map((name) => inputs[name]),
          );
          graph.outputs.forEach((name, i) => {
            const exact = wanted.get(name) ?? new Float32Array();
            expectClose(graph, name, reference.get(name) ?? new Float32Array(), exact);
            expectClose(graph, name, run.outputs[i], exact);
          });
          for (const [tensor, data] of run.tensors) {
            const kept = reference.get(tensor);
            if (kept !== undefined) expectClose(optimized, tensor, data, kept);
          }
        },
      ),
      { numRuns: Number(process.env.TILEWRIGHT_RUNS ?? 150), seed: 20 },
    );
  });
});
