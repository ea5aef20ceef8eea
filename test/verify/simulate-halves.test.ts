import fc from "fast-check";
import { expect, it } from "vitest";
import type { Graph } from "../../compiler/graph/graph.ts";
import { halfOutputs } from "../../compiler/graph/halves.ts";
import { optimizeGraph } from "../../compiler/graph/optimize-graph.ts";
import { meanApart } from "../../compiler/graph/passes/mean-apart.ts";
import { planMemory, planMemoryWithoutReuse } from "../../compiler/graph/plan/plan-memory.ts";
import type { Plan } from "../../compiler/graph/plan.ts";
import { planNetwork } from "../../compiler/graph/plan-network.ts";
import { makeRng } from "../../compiler/support/rng.ts";
import { simulatePlan } from "../../compiler/verify/simulate-plan.ts";
import { randomInputs } from "../graph/graph-builder.ts";
import { amount } from "../support/amount.ts";
import { wrongTensors } from "./differences.ts";
import { randomGraph } from "./random-graph.ts";

/** A plan of vectors of four f32 and of eight f16, for every node that can be f16 and that `also` says yes to. */
function planned(graph: Graph, reuse: boolean, also: (name: string) => boolean): Plan {
  const whole = meanApart(optimizeGraph(graph));
  const halves = halfOutputs(whole);
  return planNetwork(whole, 4, {
    memory: reuse ? planMemory : planMemoryWithoutReuse,
    algorithms: { registers: 28, numerics: "fast" },
    halves: { lanes: 8, isHalf: ({ output, name }) => halves.has(output) && also(name) },
  });
}

it("f16 beside f32: layouts, copies, borders and memory of random networks, within the bounds of f16", () => {
  let halves = 0;
  fc.assert(
    fc.property(
      fc.record({
        seed: fc.nat(1_000_000),
        size: fc.integer({ min: 1, max: 12 }),
        reuse: fc.boolean(),
        some: fc.boolean(),
      }),
      ({ seed, size, reuse, some }) => {
        const graph = randomGraph(seed, size);
        const inputs = randomInputs(graph, makeRng(seed + 1));
        const rng = makeRng(seed + 2);
        const plan = planned(graph, reuse, () => !some || rng.next() < 0.5);
        halves += plan.steps.filter(({ task }) => task.floats === "f16").length;
        const run = simulatePlan(
          plan,
          graph.inputs.map((name) => inputs[name]),
        );
        expect(wrongTensors(graph, plan, inputs, run.tensors, run.outputs)).toEqual([]);
      },
    ),
    { numRuns: amount(60, 600), seed: 3 },
  );
  expect(halves).toBeGreaterThan(60);
});
