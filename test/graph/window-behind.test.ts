import { describe, expect, it } from "vitest";
import type { Graph } from "../../compiler/graph/graph.ts";
import { optimizeGraph } from "../../compiler/graph/optimize-graph.ts";
import { type BandWishes, windowsBehind } from "../../compiler/graph/passes/window-behind.ts";
import { planForTarget } from "../../compiler/graph/plan-for-target.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { makeRng } from "../../compiler/support/rng.ts";
import { outputsApart } from "../verify/differences.ts";
import { type ConvOptions, type GraphBuilder, graphBuilder, RELU, randomInputs } from "./graph-builder.ts";

const target = loadTarget("qemu-rpi4");
const HALVED = { kernel: 3, stride: 2, pads: [1, 1, 1, 1] } as const;
const always: BandWishes = { decided: () => "bands" };

/** What windows are behind, by convolution. */
const modes = (graph: Graph): (string | undefined)[] =>
  graph.nodes.flatMap(({ op }) => (op.kind === "conv2d" ? [op.behind?.mode] : []));

function made(make: (g: GraphBuilder) => readonly string[]): Graph {
  const g = graphBuilder();
  return optimizeGraph(g.finish(make(g)));
}

describe("a window behind a convolution", () => {
  it("computes the same with it", () => {
    const before = made((g) => {
      const x = g.input([2, 8, 8, 9]);
      const expanded = g.activation(g.conv(x, { oc: 8, kernel: 1 }), "hard-swish", 1 / 6, 0.5);
      const first = g.clamp(g.conv(g.input([1, 3, 16, 14]), { oc: 5, ...HALVED }), RELU);
      const grouped = g.prelu(g.conv(x, { oc: 16, groups: 2, kernel: 3, pads: [1, 1, 1, 1] }));
      return [
        g.clamp(g.conv(expanded, { oc: 8, groups: 8, ...HALVED }), RELU),
        g.maxPool(first, HALVED),
        g.conv(grouped, { oc: 16, groups: 16, kernel: 2, stride: 2, bias: false }),
        g.conv(g.conv(g.input([1, 4, 9, 8]), { oc: 8, kernel: 1 }), {
          ...{ oc: 8, groups: 8, kernel: 5, stride: 2, pads: [2, 2, 2, 2] },
        }),
        g.maxPool(g.conv(x, { oc: 4, kernel: 1 }), { kernel: 3, stride: 2, pads: [0, 0, 1, 1] }),
      ];
    });
    const after = windowsBehind(before, target, always);
    expect(modes(after)).toEqual(["depthwise", "max", "depthwise", "depthwise", "max"]);
    expect(outputsApart(before, after, randomInputs(before, makeRng(9)))).toEqual([]);
  });

  it("stays alone where the map is read or changed elsewhere, or its windows lie otherwise", () => {
    const depthwise = (options: Partial<ConvOptions>): ConvOptions => ({
      oc: 8,
      groups: 8,
      ...HALVED,
      ...options,
    });
    const before = made((g) => {
      const map = (): string => g.conv(g.input([1, 4, 8, 8]), { oc: 8, kernel: 1 });
      const [read, added] = [map(), map()];
      return [
        read,
        g.conv(read, depthwise({})),
        g.conv(g.add(added, g.input(g.shape(added))), depthwise({})),
        g.conv(map(), depthwise({ stride: 1 })),
        g.conv(map(), depthwise({ dilation: 2, pads: [2, 2, 2, 2] })),
        g.conv(map(), depthwise({ pads: [2, 1, 1, 1] })),
        g.conv(map(), depthwise({ kernel: 7, pads: [2, 3, 3, 3] })),
        g.conv(map(), depthwise({ pads: [1, 1, 4, 1] })),
        g.conv(map(), depthwise({ oc: 16 })),
        g.conv(map(), depthwise({ groups: 4 })),
        g.avgPool(map(), HALVED),
      ];
    });
    expect(modes(windowsBehind(before, target, always)).filter((mode) => mode)).toEqual([]);
  });

  it("is where the map does not stay in the second cache, and little of the input is read again", () => {
    const expand = (rows: number, ic: number, oc: number): Graph =>
      made((g) => [
        g.conv(g.conv(g.input([1, ic, rows, 112]), { oc, kernel: 1 }), { oc, groups: oc, ...HALVED }),
      ]);
    const taken = (graph: Graph): boolean =>
      planForTarget(graph, target).plan.steps.some(({ task }) => task.op === "conv2d-depthwise");
    expect(taken(expand(112, 16, 96))).toBe(true);
    expect(taken(expand(16, 16, 96))).toBe(false);
    expect(taken(expand(112, 96, 96))).toBe(false);
  });

  it("is not where something else is decided, nor where an algorithm does less", () => {
    const graph = made((g) => {
      const map = g.conv(g.input([1, 16, 112, 112]), { oc: 96, kernel: 1 });
      return [g.conv(map, { oc: 96, groups: 96, ...HALVED })];
    });
    expect(modes(windowsBehind(graph, target))).toEqual(["depthwise"]);
    expect(modes(windowsBehind(graph, target, { decided: () => "direct" }))).toEqual([undefined, undefined]);
    expect(modes(windowsBehind(graph, target, { doesLess: () => true }))).toEqual([undefined, undefined]);
  });
});
