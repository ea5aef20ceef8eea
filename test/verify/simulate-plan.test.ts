import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findZooNetwork, type ZooOptions } from "../../compiler/frontend/zoo/index.ts";
import { optimizeGraph } from "../../compiler/graph/optimize-graph.ts";
import { planMemory, planMemoryWithoutReuse } from "../../compiler/graph/plan/plan-memory.ts";
import { planNetwork } from "../../compiler/graph/plan-network.ts";
import { makeRng } from "../../compiler/support/rng.ts";
import { simulatePlan } from "../../compiler/verify/simulate-plan.ts";
import { type GraphBuilder, graphBuilder, randomInputs } from "../graph/graph-builder.ts";
import { amount, sample } from "../support/amount.ts";
import { wrongTensors } from "./differences.ts";
import { randomGraph } from "./random-graph.ts";

describe("a plan carried out in Node", () => {
  const networks: readonly (readonly [string, ZooOptions, number])[] = [
    ["shufflenet-v1", {}, 8],
    ["shufflenet-v1", {}, 4],
    ["mobilenet-v1", { G: 2 }, 4],
    ["resnet34", { g: 4 }, 4],
  ];
  it.each(sample(networks, 2))(
    "computes what the model as written computes: %s %j, %d lanes",
    (name, options, lanes) => {
      const graph = findZooNetwork(name).build({ ...options, inputSize: 32 });
      const inputs = randomInputs(graph, makeRng(3));
      const plan = planNetwork(optimizeGraph(graph), lanes);
      const run = simulatePlan(
        plan,
        graph.inputs.map((input) => inputs[input]),
      );
      expect(wrongTensors(graph, plan, inputs, run.tensors, run.outputs)).toEqual([]);
    },
  );

  const border = { pads: [1, 1, 1, 1] } as const;
  const awkward: Readonly<Record<string, (g: GraphBuilder) => string[]>> = {
    "a maximum and a convolution over the border of one tensor": (g) => {
      const x = g.conv(g.input([1, 4, 6, 6]), { oc: 4, kernel: 1 });
      const deep = g.clamp(x, { lo: -9, hi: -1 });
      return [g.add(g.maxPool(deep, { kernel: 3, ...border }), g.conv(deep, { oc: 4, ...border }))];
    },
    "a maximum over an average whose border lifts negative values": (g) => {
      const deep = g.clamp(g.conv(g.input([1, 4, 6, 6]), { oc: 4 }), { lo: 1, hi: 2 });
      const mean = g.avgPool(deep, { kernel: 3, ...border, countIncludePad: true });
      return [g.maxPool(mean, { kernel: 3, ...border })];
    },
    "a tensor read flat and with a border": (g) => {
      const x = g.conv(g.input([1, 4, 4, 4]), { oc: 6, kernel: 1 });
      return [g.dense(g.reshape(x, [1, 96]), 4), g.conv(x, { oc: 4, ...border })];
    },
    "an output read with a border": (g) => {
      const x = g.conv(g.input([1, 4, 1, 1]), { oc: 8, kernel: 1 });
      return [x, g.conv(x, { oc: 4, ...border })];
    },
    "means of maps that are never stored, one of them with a residual": (g) => {
      const x = g.input([2, 8, 5, 3]);
      const pooled = g.globalAvgPool(g.conv(x, { oc: 12, kernel: 1 }));
      const sum = g.clamp(g.add(g.conv(x, { oc: 8, kernel: 1 }), x));
      return [g.conv(pooled, { oc: 4, ...border }), g.globalAvgPool(sum)];
    },
    "a part that is joined twice, where only the second place is an aligned one": (g) => {
      const x = g.input([1, 4, 2, 1]);
      const [first, twice, last] = [36, 36, 8].map((oc) => g.conv(x, { oc, kernel: 1 }));
      return [g.conv(g.concat([first, twice, twice, last], 1), { oc: 4, kernel: 1 })];
    },
    "groups that fill no vectors, behind others in a concat": (g) => {
      const x = g.conv(g.input([2, 6, 3, 4]), { oc: 72, kernel: 1 });
      const grouped = (oc: number): string => g.conv(x, { oc, groups: 3, kernel: 1 });
      return [g.concat([g.maxPool(x, { kernel: 1 }), grouped(60), grouped(20 * 3)], 1)];
    },
    "an input of five channels, read by more and by fewer lanes at a time": (g) => {
      const x = g.input([2, 5, 4, 4]);
      return [g.maxPool(x, { kernel: 2 }), g.conv(x, { oc: 5 }), g.conv(x, { oc: 5, groups: 5 })];
    },
    "groups that do not fill vectors: shuffled, joined, with borders, flat and as outputs": (g) => {
      const x = g.conv(g.input([2, 36, 5, 4]), { oc: 36, groups: 3, kernel: 1 });
      const deep = g.conv(g.shuffle(x, 3), { oc: 36, groups: 36, ...border });
      const y = g.add(g.conv(deep, { oc: 36, groups: 3, ...border }), g.shuffle(g.shuffle(x, 3), 12));
      const more = g.conv(g.maxPool(y, { kernel: 3, ...border }), { oc: 51, groups: 3 });
      const flat = g.dense(g.reshape(g.conv(y, { oc: 36, groups: 3 }), [2, 216]), 4);
      return [x, y, g.concat([x, deep], 1), flat, g.globalAvgPool(more), g.shuffle(more, 3)];
    },
    "channels joined one by one, taken in turns": (g) => {
      const [x, y] = [g.input([2, 1, 4, 3]), g.input([2, 1, 4, 3])];
      return [g.conv(g.shuffle(g.concat([x, y], 1), 2), { oc: 4 })];
    },
    "halves of a shuffled tensor, as ShuffleNet-V2 has them, with borders, joined and as outputs": (g) => {
      const x = g.conv(g.input([1, 4, 5, 4]), { oc: 32, groups: 2, kernel: 1 });
      const y = g.shuffle(x, 2);
      const [left, right] = [g.slice(y, 1, 0, 16), g.slice(y, 1, 16, 16)];
      const deep = g.conv(g.conv(right, { oc: 16, kernel: 1 }), { oc: 16, groups: 16, ...border });
      const z = g.shuffle(g.concat([left, deep], 1), 2);
      const odd = g.slice(z, 1, 3, 7);
      return [
        g.slice(z, 1, 0, 16),
        g.conv(left, { oc: 8, ...border }),
        odd,
        g.slice(g.slice(z, 2, 1, 3), 3, 0, 2),
      ];
    },
    "thirds and halves that fill no vectors, some of them joined as they are": (g) => {
      const x = g.conv(g.input([2, 3, 5, 4]), { oc: 6, kernel: 1 });
      const first = g.shuffle(g.concat([g.conv(x, { oc: 6, kernel: 1 }), x], 1), 2);
      const [left, right] = [g.slice(first, 1, 0, 6), g.slice(first, 1, 6, 6)];
      const deep = g.conv(g.conv(right, { oc: 6, kernel: 1 }), { oc: 6, groups: 6, ...border });
      const z = g.shuffle(g.concat([left, deep], 1), 2);
      const plane = g.reshape(g.input([12, 5, 4]), [2, 6, 5, 4]);
      const three = g.shuffle(g.concat([left, plane, left], 1), 3);
      return [
        g.conv(z, { oc: 5, ...border }),
        g.maxPool(three, { kernel: 3, ...border }),
        g.slice(three, 1, 6, 9),
      ];
    },
    "halves that fill no vectors, in a batch of one": (g) => {
      const x = g.conv(g.input([1, 3, 7, 9]), { oc: 10, kernel: 3 });
      const y = g.shuffle(g.concat([x, g.conv(x, { oc: 10, kernel: 1 })], 1), 2);
      const deep = g.conv(g.slice(y, 1, 10, 10), { oc: 10, groups: 10, ...border });
      return [g.conv(g.shuffle(g.concat([g.slice(y, 1, 0, 10), deep], 1), 2), { oc: 4, ...border })];
    },
    "strides over maps of one pixel, in a batch": (g) => {
      const x = g.conv(g.input([2, 4, 3, 3]), { oc: 8 });
      return [g.conv(x, { oc: 8, kernel: 1, stride: 2 })];
    },
    "a tensor joined twice, joined again, with borders of its own": (g) => {
      const x = g.conv(g.input([1, 4, 5, 4]), { oc: 8, kernel: 1 });
      const twice = g.concat([x, x], 1);
      const more = g.concat([twice, g.conv(twice, { oc: 8, ...border }), x], 1);
      return [
        g.conv(more, { oc: 4, ...border }),
        g.conv(x, { oc: 4, ...border }),
        g.maxPool(twice, { kernel: 2 }),
      ];
    },
    "halves that stay where they are, with borders, joined with all that is made of them": (g) => {
      const x = g.conv(g.input([1, 4, 6, 5]), { oc: 64, kernel: 1 });
      const [left, right] = [g.slice(x, 1, 0, 32), g.slice(x, 1, 32, 32)];
      const deep = g.conv(right, { oc: 16, ...border });
      const more = g.conv(deep, { oc: 16, kernel: 1 });
      const joined = g.concat([left, right, deep, more], 1);
      const middle = g.slice(g.slice(joined, 1, 16, 64), 1, 16, 16);
      return [
        g.conv(joined, { oc: 4, kernel: 1 }),
        g.maxPool(middle, { kernel: 3, ...border }),
        g.dense(g.reshape(g.slice(joined, 1, 48, 16), [1, 480]), 4),
        g.slice(joined, 1, 64, 16),
        g.globalAvgPool(g.slice(joined, 1, 80, 12)),
      ];
    },
    "outputs that are inputs, the same, or only shapes of others": (g) => {
      const x = g.input([1, 8]);
      const y = g.clamp(x);
      return [x, y, y, g.reshape(y, [1, 8, 1, 1]), g.reshape(x, [2, 4])];
    },
  };
  it.each(Object.entries(awkward))("computes %s", (_, build) => {
    for (const lanes of [1, 4, 8, 16]) {
      for (const memory of [planMemory, planMemoryWithoutReuse]) {
        const g = graphBuilder();
        const graph = g.finish(build(g));
        const inputs = randomInputs(graph, makeRng(2));
        const plan = planNetwork(optimizeGraph(graph), lanes, {
          memory,
          algorithms: { registers: 28, numerics: "fast" },
        });
        const run = simulatePlan(
          plan,
          graph.inputs.map((name) => inputs[name]),
        );
        expect(wrongTensors(graph, plan, inputs, run.tensors, run.outputs)).toEqual([]);
      }
    }
  });

  it("computes what the kernels compute, for random networks, layouts and memory", () => {
    fc.assert(
      fc.property(
        fc.record({
          seed: fc.nat(1_000_000),
          size: fc.integer({ min: 1, max: 12 }),
          lanes: fc.constantFrom(4, 8, 4, 1, 16),
          reuse: fc.boolean(),
          numerics: fc.constantFrom(...(["strict", "fast", "close"] as const)),
        }),
        ({ seed, size, lanes, reuse, numerics }) => {
          const graph = randomGraph(seed, size);
          const inputs = randomInputs(graph, makeRng(seed + 1));
          const optimized = optimizeGraph(graph);
          const plan = planNetwork(optimized, lanes, {
            memory: reuse ? planMemory : planMemoryWithoutReuse,
            algorithms: { registers: 28, numerics },
          });
          const run = simulatePlan(
            plan,
            graph.inputs.map((name) => inputs[name]),
          );
          expect(wrongTensors(graph, plan, inputs, run.tensors, run.outputs)).toEqual([]);
          expect(wrongTensors(optimized, plan, inputs, run.tensors, run.outputs)).toEqual([]);
        },
      ),
      { numRuns: Number(process.env.TILEWRIGHT_RUNS ?? amount(35, 500)), seed: 20 },
    );
  });
});
