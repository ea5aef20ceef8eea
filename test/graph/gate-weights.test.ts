import { describe, expect, it } from "vitest";
import type { Graph } from "../../compiler/graph/graph.ts";
import { optimizeGraph } from "../../compiler/graph/optimize-graph.ts";
import { type GateWishes, gateWeights } from "../../compiler/graph/passes/gate-weights.ts";
import { planForTarget } from "../../compiler/graph/plan-for-target.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { makeRng } from "../../compiler/support/rng.ts";
import { outputsApart } from "../verify/differences.ts";
import { type ConvOptions, type GraphBuilder, graphBuilder, RELU, randomInputs } from "./graph-builder.ts";

const target = loadTarget("qemu-rpi4");
const free: GateWishes = {
  lanes: 4,
  block: ({ OC }) => (OC % 8 === 0 ? 8 : OC),
  decided: () => undefined,
  isNamed: () => false,
  doesLess: () => false,
};

function made(make: (g: GraphBuilder) => readonly string[]): Graph {
  const g = graphBuilder();
  return optimizeGraph(g.finish(make(g)));
}

/** The map times gates that hang on its means. */
function squeezed(g: GraphBuilder, map: string): string {
  const [n, c] = g.shape(map);
  const gates = g.activation(g.conv(g.globalAvgPool(map), { oc: c, kernel: 1 }), "sigmoid");
  return g.mul(map, g.reshape(gates, [n, c, 1, 1]));
}

/** The same by a hard sigmoid as exporters write it. */
function hardSqueezed(g: GraphBuilder, map: string): string {
  const [, c] = g.shape(map);
  const gates = g.clamp(g.conv(g.globalAvgPool(map), { oc: c, kernel: 1 }), { lo: 0, hi: 6 });
  const fill = (v: number): string => g.constant([c], new Float32Array(c).fill(v));
  const sixth = g.node(
    { kind: "batch-norm", epsilon: 0 },
    [gates, ...[1 / 6, 0, 0, 1].map(fill)],
    g.shape(gates),
  );
  return g.mul(map, sixth);
}

const projected = (g: GraphBuilder, shape: readonly number[], options: Partial<ConvOptions> = {}): string =>
  g.conv(squeezed(g, g.input(shape)), { oc: 8, kernel: 1, ...options });

/** How many convolutions have their weights multiplied. */
const gated = (graph: Graph): number =>
  graph.nodes.filter(({ op }) => op.kind === "dynamic-conv2d" && op.gates).length;

describe("gates of a map that a 1x1 convolution reads", () => {
  it("are multiplied with its weights, and what it does beside stays", () => {
    const before = made((g) => {
      const other = g.input([1, 16, 6, 7]);
      return [
        projected(g, [1, 16, 6, 7]),
        g.clamp(g.add(projected(g, [1, 16, 6, 7], { oc: 16, bias: false }), other), RELU),
        g.activation(projected(g, [1, 12, 9, 9], { stride: 2 }), "silu"),
        projected(g, [1, 8, 8, 8], { oc: 12 }),
        g.conv(hardSqueezed(g, g.input([1, 16, 6, 7])), { oc: 8, kernel: 1 }),
      ];
    });
    const after = gateWeights(before, free);
    expect(gated(after)).toBe(5);
    expect(after.nodes.filter(({ op }) => op.kind === "mul")).toEqual([]);
    expect(outputsApart(before, after, randomInputs(before, makeRng(5)))).toEqual([]);
  });

  it("stay where they are when the map is read elsewhere, changed, one of several images, or little more than weights", () => {
    const before = made((g) => {
      const read = squeezed(g, g.input([1, 16, 6, 7]));
      const shared = squeezed(g, g.input([1, 16, 6, 7]));
      return [
        read,
        g.conv(read, { oc: 8, kernel: 1 }),
        g.add(g.conv(shared, { oc: 8, kernel: 1 }), g.conv(shared, { oc: 8, kernel: 1, bias: false })),
        g.conv(g.clamp(squeezed(g, g.input([1, 16, 6, 7])), RELU), { oc: 8, kernel: 1 }),
        projected(g, [2, 16, 6, 7]),
        projected(g, [1, 16, 3, 3]),
        projected(g, [1, 16, 6, 7], { kernel: 3 }),
        projected(g, [1, 16, 6, 7], { groups: 2 }),
        projected(g, [1, 16, 6, 7], { pads: [1, 1, 1, 1] }),
        projected(g, [1, 16, 6, 7], { oc: 6 }),
        projected(g, [1, 10, 6, 7]),
        g.conv(g.mul(g.input([1, 16, 6, 7]), g.input([1, 16, 6, 7])), { oc: 8, kernel: 1 }),
        // numbers of any size, whose products with weights could be too large
        g.conv(g.mul(g.input([1, 16, 6, 7]), g.input([1, 16, 1, 1])), { oc: 8, kernel: 1 }),
      ];
    });
    expect(gated(gateWeights(before, free))).toBe(0);
  });

  it("go as it is decided, and stay where the convolution does less, or something names the layer that multiplies", () => {
    const few = made((g) => [projected(g, [1, 16, 3, 3])]);
    const many = made((g) => [projected(g, [1, 16, 6, 7])]);
    expect(gated(gateWeights(few, { ...free, decided: () => "gated" }))).toBe(1);
    expect(gated(gateWeights(many, { ...free, decided: () => "direct" }))).toBe(0);
    expect(gated(gateWeights(many, { ...free, doesLess: () => true }))).toBe(0);
    expect(gated(gateWeights(many, { ...free, isNamed: () => true }))).toBe(0);
    expect(gated(gateWeights(many, { ...free, block: () => 3 }))).toBe(0);
  });

  it("are by the plan, whose numerics are not strict", () => {
    const graph = made((g) => [projected(g, [1, 32, 14, 14], { oc: 24 })]);
    const ops = (numerics: "fast" | "close" | "strict"): readonly string[] =>
      planForTarget(graph, target, { numerics }).plan.steps.map(({ task }) => task.op);
    expect(ops("fast")).toContain("dynamic-conv2d");
    expect(ops("close")).toContain("dynamic-conv2d");
    expect(ops("strict")).not.toContain("dynamic-conv2d");
  });
});
