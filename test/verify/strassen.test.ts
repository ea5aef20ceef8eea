import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { optimizeGraph } from "../../compiler/graph/optimize-graph.ts";
import { planNetwork } from "../../compiler/graph/plan-network.ts";
import { makeRng } from "../../compiler/support/rng.ts";
import { operator } from "../../compiler/task/compile-task.ts";
import { simulatePlan } from "../../compiler/verify/simulate-plan.ts";
import { graphBuilder, randomInputs } from "../graph/graph-builder.ts";
import { amount } from "../support/amount.ts";
import { wrongTensors } from "./differences.ts";

const limits = { registers: 28, numerics: "fast" } as const;
/** Strassen's wherever it can be. */
const decide = (_: string, candidates: readonly { readonly algorithm: string }[]): string | undefined =>
  candidates.find(({ algorithm }) => algorithm === "strassen")?.algorithm;

const layer = fc.record({
  seed: fc.nat(1000),
  n: fc.constantFrom(1, 1, 2),
  lanes: fc.constantFrom(4, 4, 8),
  groups: fc.constantFrom(1, 1, 2, 3),
  ic: fc.constantFrom(8, 16, 16, 32, 12),
  oc: fc.constantFrom(8, 16, 16, 48, 20),
  h: fc.constantFrom(1, 3, 5, 6, 7),
  w: fc.constantFrom(2, 4, 7, 5),
  /** Sides of windows, how far they move, and padding. */
  window: fc.constantFrom([1, 1, 0], [1, 1, 0], [1, 2, 0], [2, 2, 0], [3, 2, 1], [2, 3, 0]),
  bias: fc.boolean(),
  residual: fc.boolean(),
  activation: fc.constantFrom(undefined, "clamp", "silu"),
  reader: fc.constantFrom("output", "conv"),
});

describe("a convolution by Strassen's algorithm", () => {
  it("computes what the plain convolution computes", () => {
    const taken = { strassen: 0, "strassen-odd": 0 };
    fc.assert(
      fc.property(layer, (d) => {
        const { seed, n, lanes, groups, ic, oc, h, w, window, bias, residual, activation, reader } = d;
        const g = graphBuilder(makeRng(seed));
        const [kernel, stride, pad] = window;
        const input = [h, w].map((size) => (size - 1) * stride + kernel - 2 * pad);
        const x = g.conv(g.input([n, 4, ...input]), { oc: ic * groups, kernel: 1 });
        const pads = [pad, pad, pad, pad] as const;
        let y = g.conv(x, { oc: oc * groups, groups, kernel, stride, pads, bias });
        if (residual)
          y = g.add(y, g.conv(g.input([n, 4, ...g.shape(y).slice(2)]), { oc: oc * groups, kernel: 1 }));
        if (activation === "clamp") y = g.clamp(y);
        if (activation === "silu") y = g.activation(y, "silu");
        if (reader === "conv") y = g.conv(y, { oc: 4, pads: [1, 1, 1, 1] });
        const graph = g.finish([y]);
        const inputs = randomInputs(graph, makeRng(seed + 1));
        const plan = planNetwork(optimizeGraph(graph), lanes, { algorithms: limits, decide });
        for (const { task } of plan.steps) if (task.op in taken) taken[task.op as keyof typeof taken]++;
        const run = simulatePlan(
          plan,
          graph.inputs.map((name) => inputs[name]),
        );
        expect(wrongTensors(graph, plan, inputs, run.tensors, run.outputs)).toEqual([]);
      }),
      { numRuns: Number(process.env.TILEWRIGHT_RUNS ?? amount(40, 200)), seed: 32 },
    );
    expect(Math.min(...Object.values(taken))).toBeGreaterThan(2);
  });

  it("leaves its roundings in channels that next to nothing is multiplied with behind", () => {
    const g = graphBuilder(makeRng(9));
    const sums = g.conv(g.conv(g.input([1, 4, 5, 6]), { oc: 32, kernel: 1 }), { oc: 48, kernel: 1 });
    const graph = g.finish([g.batchNorm(sums)]);
    const norm = graph.nodes.find(({ op }) => op.kind === "batch-norm") ?? expect.fail("batch norm");
    for (const name of norm.inputs.slice(1, 3)) {
      const { data } = graph.tensors.get(name) ?? {};
      data?.forEach((v, i) => (data[i] = i % 5 === 0 ? v * 1e-9 : v));
    }
    const inputs = randomInputs(graph, makeRng(10));
    const plan = planNetwork(optimizeGraph(graph), 4, { algorithms: limits, decide });
    expect(plan.steps.some(({ task }) => task.op === "strassen")).toBe(true);
    const run = simulatePlan(
      plan,
      graph.inputs.map((name) => inputs[name]),
    );
    expect(wrongTensors(graph, plan, inputs, run.tensors, run.outputs)).toEqual([]);
  });

  it("counts the multiply-accumulates that were asked for", () => {
    const g = graphBuilder();
    const x = g.conv(g.input([1, 4, 5, 6]), { oc: 16, kernel: 1 });
    const y = g.conv(x, { oc: 24, kernel: 1 });
    const { steps } = planNetwork(optimizeGraph(g.finish([y])), 4, { algorithms: limits, decide });
    const { task, algorithm } =
      steps.find(({ task: { op } }) => op === "strassen") ?? expect.fail("plain sums");
    expect(algorithm).toBe("strassen");
    expect(operator(task.op).macs(task.dims)).toBe(5 * 6 * 16 * 24);
    expect(operator(task.op).executes?.(task.dims).products).toBe((5 * 6 * 16 * 24 * 7) / 8);
  });
});
