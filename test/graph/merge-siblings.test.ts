import { describe, expect, it } from "vitest";
import type { Graph } from "../../compiler/graph/graph.ts";
import { optimizeGraph } from "../../compiler/graph/optimize-graph.ts";
import { membersOf, mergeSiblings, type SiblingWishes } from "../../compiler/graph/passes/merge-siblings.ts";
import { planForTarget, type TargetPlan } from "../../compiler/graph/plan-for-target.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { makeRng } from "../../compiler/support/rng.ts";
import { outputsApart } from "../verify/differences.ts";
import { type GraphBuilder, graphBuilder, RELU, randomInputs } from "./graph-builder.ts";

const target = loadTarget("qemu-rpi4");
const always: SiblingWishes = { lanes: 4, isNamed: () => false, cost: () => 1 };
const WIDE = { kernel: 3, pads: [1, 1, 1, 1] } as const;
const WIDER = { kernel: 5, pads: [2, 2, 2, 2] } as const;

function made(make: (g: GraphBuilder) => readonly string[]): Graph {
  const g = graphBuilder();
  return optimizeGraph(g.finish(make(g)));
}

/** An Inception block: two reductions, and what goes over them. */
function block(g: GraphBuilder): readonly string[] {
  const x = g.clamp(g.conv(g.input([1, 8, 9, 10]), { oc: 32, kernel: 1 }), RELU);
  const reduced = (oc: number): string => g.clamp(g.conv(x, { oc, kernel: 1 }), RELU);
  const parts = [g.conv(reduced(24), { oc: 16, ...WIDER }), g.conv(reduced(48), { oc: 32, ...WIDE })];
  return [g.concat([g.conv(x, { oc: 16, kernel: 1 }), ...parts], 1)];
}

const channels = (graph: Graph): (number | undefined)[] =>
  graph.nodes
    .filter(({ op }) => op.kind === "conv2d")
    .map(({ output }) => graph.tensors.get(output)?.shape[1]);

describe("1x1 convolutions of one tensor that end alike", () => {
  it("are one, of whose channels each reader takes its own", () => {
    const before = made(block);
    const after = mergeSiblings(before, always);
    expect(channels(before)).toEqual([32, 24, 16, 48, 32, 16]);
    expect(channels(after)).toEqual([32, 72, 16, 32, 16]);
    const slices = after.nodes.flatMap(({ op }) => (op.kind === "slice" ? [op.start] : []));
    expect(slices).toEqual([0, 48]);
    expect(outputsApart(before, after, randomInputs(before, makeRng(3)))).toEqual([]);
  });

  it("are read as they lie", () => {
    const copies = ({ plan }: TargetPlan): string[] =>
      plan.steps.filter(({ task }) => task.op === "copy").map(({ name }) => name);
    const together = planForTarget(made(block), target);
    const apart = planForTarget(made(block), target, { isNamed: () => true });
    expect([together, apart].map(({ graph }) => channels(graph).length)).toEqual([5, 6]);
    expect(copies(together)).toEqual(copies(apart));
  });

  it("stay apart where all of it would be kept for the last of them, so that parts would be copied", () => {
    const before = made((g) => {
      const x = g.clamp(g.conv(g.input([1, 8, 12, 12]), { oc: 16, kernel: 1 }), RELU);
      const [late, early] = [16, 128].map((oc) => g.clamp(g.conv(x, { oc, kernel: 1 }), RELU));
      const wide = g.clamp(g.conv(g.conv(early, { oc: 8, kernel: 1 }), { oc: 160, kernel: 1 }), RELU);
      const narrow = g.conv(wide, { oc: 16, kernel: 1 });
      return [g.add(narrow, g.conv(late, { oc: 16, ...WIDE }))];
    });
    expect(mergeSiblings(before, always)).not.toBe(before);
    const { graph, plan } = planForTarget(before, target);
    expect(graph.nodes.filter(({ op }) => op.kind === "slice")).toEqual([]);
    expect(plan.steps.map(({ task }) => task.op).filter((op) => op === "copy")).toHaveLength(2);
  });

  it("are told as the layers that they were", () => {
    const { graph } = planForTarget(made(block), target);
    const merged = graph.nodes.find(({ name }) => name.includes("+"))?.name ?? "";
    expect(membersOf(graph, merged)).toEqual(merged.split("+"));
    for (const { name } of graph.nodes) if (name !== merged) expect(membersOf(graph, name)).toEqual([name]);
  });

  it("stay apart where a concat or the caller takes them, they end otherwise, have more pixels, or groups behind them", () => {
    const pair = (one: (g: GraphBuilder, x: string) => string, n = 1, oc = 16): Graph =>
      made((g) => {
        const x = g.clamp(g.conv(g.input([n, 8, 6, 6]), { oc: 32, kernel: 1 }), RELU);
        return [
          g.conv(one(g, x), { oc: 8, ...WIDE }),
          g.conv(g.clamp(g.conv(x, { oc, kernel: 1 }), RELU), { oc: 8, ...WIDE }),
        ];
      });
    const merges = (graph: Graph, wishes = always): boolean => mergeSiblings(graph, wishes) !== graph;
    const reduced = (g: GraphBuilder, x: string): string => g.clamp(g.conv(x, { oc: 16, kernel: 1 }), RELU);
    expect(merges(pair(reduced))).toBe(true);
    expect(merges(pair(reduced, 2))).toBe(false);
    expect(merges(pair(reduced, 1, 18))).toBe(false);
    expect(merges(pair((g, x) => g.conv(x, { oc: 16, kernel: 1 })))).toBe(false);
    expect(merges(pair((g, x) => g.clamp(g.conv(x, { oc: 16, ...WIDE }), RELU)))).toBe(false);
    expect(merges(pair((g, x) => g.clamp(g.conv(x, { oc: 16, kernel: 1, groups: 2 }), RELU)))).toBe(false);
    expect(merges(pair((g, x) => g.concat([reduced(g, x), reduced(g, x)], 1)))).toBe(false);
    const depthwise = (g: GraphBuilder, x: string): string =>
      g.conv(reduced(g, x), { oc: 16, groups: 16, kernel: 3, stride: 2, pads: [1, 1, 1, 1] });
    expect(merges(pair(depthwise))).toBe(false);
    const named = pair(reduced);
    const decided = named.nodes.find(({ op }) => op.kind === "conv2d" && op.clamp.lo === 0)?.name;
    expect(merges(named, { ...always, isNamed: (layer) => layer !== decided })).toBe(false);
  });

  it("stay apart where one by one they take less, and where channels of two would begin inside lines", () => {
    const before = made(block);
    expect(mergeSiblings(before, { ...always, cost: ({ OC }) => (OC > 48 ? 1 : 0.9) })).toBe(before);
    const odd = made((g) => {
      const x = g.clamp(g.conv(g.input([1, 8, 6, 6]), { oc: 32, kernel: 1 }), RELU);
      return [24, 20, 32, 12].map((oc) =>
        g.conv(g.clamp(g.conv(x, { oc, kernel: 1 }), RELU), { oc: 8, ...WIDE }),
      );
    });
    expect(channels(mergeSiblings(odd, always))).toEqual([32, 56, 8, 20, 8, 8, 12, 8]);
  });
});
