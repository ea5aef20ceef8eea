import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { optimizeGraph } from "../../compiler/graph/optimize-graph.ts";
import { planMemory, planMemoryWithoutReuse } from "../../compiler/graph/plan/plan-memory.ts";
import { planNetwork } from "../../compiler/graph/plan-network.ts";
import { makeRng } from "../../compiler/support/rng.ts";
import { operator } from "../../compiler/task/compile-task.ts";
import { simulatePlan } from "../../compiler/verify/simulate-plan.ts";
import { graphBuilder, randomInputs } from "../graph/graph-builder.ts";
import { amount } from "../support/amount.ts";
import { wrongTensors } from "./differences.ts";

const algorithms = { registers: 28, numerics: "fast" } as const;
const pad = fc.constantFrom(1, 1, 1, 1, 2, 0);
const layer = fc.record({
  seed: fc.nat(1000),
  n: fc.constantFrom(1, 1, 2),
  groups: fc.constantFrom(1, 1, 2, 3),
  ic: fc.constantFrom(8, 8, 16),
  oc: fc.constantFrom(8, 8, 16),
  h: fc.constantFrom(25, 26, 26, 38, 44),
  w: fc.constantFrom(17, 18, 18, 29, 30),
  pads: fc.tuple(pad, pad, pad, pad),
  bias: fc.boolean(),
  residual: fc.boolean(),
  activation: fc.constantFrom(undefined, "clamp", "silu"),
  /** What reads the result: nothing in the network, or something that wants a border. */
  reader: fc.constantFrom("output", "conv", "pool"),
  reuse: fc.boolean(),
});

describe("a convolution whose rows are computed by two algorithms", () => {
  it("computes what the plain convolution computes", () => {
    let split = 0;
    fc.assert(
      fc.property(
        layer,
        ({ seed, n, groups, ic, oc, h, w, pads, bias, residual, activation, reader, reuse }) => {
          const g = graphBuilder(makeRng(seed));
          const x = g.conv(g.input([n, 4, h, w]), { oc: ic * groups, kernel: 1 });
          let y = g.conv(x, { oc: oc * groups, groups, pads, bias });
          if (residual)
            y = g.add(y, g.conv(g.input([n, 4, ...g.shape(y).slice(2)]), { oc: oc * groups, kernel: 1 }));
          if (activation === "clamp") y = g.clamp(y);
          if (activation === "silu") y = g.activation(y, "silu");
          if (reader === "conv") y = g.conv(y, { oc: 4, pads: [1, 1, 1, 1] });
          if (reader === "pool") y = g.maxPool(y, { kernel: 3, pads: [1, 1, 1, 1] });
          const graph = g.finish([y]);
          const inputs = randomInputs(graph, makeRng(seed + 1));
          const memory = reuse ? planMemory : planMemoryWithoutReuse;
          const plan = planNetwork(optimizeGraph(graph), 4, { memory, algorithms });
          if (plan.steps.some(({ name }) => name === "conv2d2/part0")) split++;
          const run = simulatePlan(
            plan,
            graph.inputs.map((name) => inputs[name]),
          );
          expect(wrongTensors(graph, plan, inputs, run.tensors, run.outputs)).toEqual([]);
        },
      ),
      { numRuns: Number(process.env.TILEWRIGHT_RUNS ?? amount(12, 60)), seed: 31 },
    );
    expect(split).toBeGreaterThan(3);
  });

  it("counts its multiply-accumulates once, and completes its tensor with the last part", () => {
    const g = graphBuilder();
    const x = g.conv(g.input([1, 4, 26, 18]), { oc: 8, kernel: 1 });
    const y = g.conv(x, { oc: 8, pads: [1, 1, 1, 1] });
    const { steps } = planNetwork(optimizeGraph(g.finish([g.maxPool(y, { kernel: 2 })])), 4, { algorithms });
    const parts = steps.filter(({ name }) => /^conv2d2(\/part\d)?$/.test(name));
    expect(
      parts.map(({ name, task, produces }) => [name, task.op, task.dims.ROWS, produces?.tensor]),
    ).toEqual([
      ["conv2d2/part0", "winograd8x8", 18, undefined],
      ["conv2d2", "winograd4", 8, y],
    ]);
    const macs = parts.map(({ task }) => operator(task.op).macs(task.dims));
    expect(macs[0] + macs[1]).toBe(26 * 18 * 8 * 8 * 9);
  });
});
