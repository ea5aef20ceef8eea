import { expect, test } from "vitest";
import type { Graph } from "../../compiler/graph/graph.ts";
import { optimizeGraph } from "../../compiler/graph/optimize-graph.ts";
import type { Plan } from "../../compiler/graph/plan.ts";
import { type PlanWishes, planForTarget } from "../../compiler/graph/plan-for-target.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { makeRng } from "../../compiler/support/rng.ts";
import { runReference } from "../../compiler/verify/reference.ts";
import { simulatePlan } from "../../compiler/verify/simulate-plan.ts";
import { byteNetwork, everyByteLayer, SIGNED, UNSIGNED } from "./byte-network.ts";
import { randomInputs } from "./graph-builder.ts";

const planned = (graph: Graph, board = "rpi5", wishes?: PlanWishes): Plan =>
  planForTarget(optimizeGraph(graph), loadTarget(board), wishes).plan;

/** How many tensors lie as numbers of 8 bits, of how many. */
function bytesIn({ steps }: Plan): readonly [number, number] {
  const made = steps.flatMap(({ produces }) => (produces === undefined ? [] : [produces]));
  return [made.filter(({ dtype }) => dtype === "i8").length, made.length];
}

/** An input that is rounded, two 1x1 layers with a rounded map in between, and what else reads that map. */
function twoLayers(more: (net: ReturnType<typeof byteNetwork>, map: string) => readonly string[]): Graph {
  const net = byteNetwork(1);
  const x = net.rounded(net.g.input([1, 64, 8, 8]), UNSIGNED);
  const map = net.rounded(net.conv(x, { oc: 64 }), SIGNED);
  return net.finish([net.conv(map, { oc: 64 }), ...more(net, map)]);
}

test("a map lies as numbers of 8 bits where all who read it multiply such", () => {
  expect(bytesIn(planned(twoLayers(() => [])))).toEqual([2, 3]);
  expect(bytesIn(planned(twoLayers(({ g }, map) => [g.maxPool(map, { kernel: 2 })])))).toEqual([1, 4]);
  expect(bytesIn(planned(twoLayers((_, map) => [map])))[0]).toBe(1);
  expect(bytesIn(planned(twoLayers((net, map) => [net.conv(net.g.shuffle(map, 4), { oc: 64 })])))[0]).toBe(2);
  expect(bytesIn(planned(twoLayers(({ g }, map) => [g.shuffle(map, 4)])))[0]).toBe(1);
});

test("maps that are joined lie so where their steps are the same", () => {
  const joined = (steps: readonly [number, number], step: number): number => {
    const { g, rounded, conv, finish } = byteNetwork(2);
    const x = rounded(g.input([1, 64, 8, 8]), UNSIGNED);
    const [a, b] = [rounded(conv(x, { oc: 64 }), UNSIGNED), rounded(conv(x, { oc: 64 }), steps, step)];
    return bytesIn(planned(finish([conv(g.concat([a, b], 1), { oc: 64 })])))[0];
  };
  const whole = joined(UNSIGNED, 2 ** -3);
  expect(whole).toBeGreaterThanOrEqual(3);
  expect(joined(SIGNED, 2 ** -3)).toBe(1);
  expect(joined(UNSIGNED, 2 ** -2)).toBe(1);
});

test("nothing does in strict numerics, in f16, where products of f32 are decided for, and where there is no instruction", () => {
  const graph = twoLayers(() => []);
  expect(bytesIn(planned(graph, "rpi5", { numerics: "strict" }))[0]).toBe(0);
  expect(bytesIn(planned(graph, "rpi5", { numerics: "f16" }))[0]).toBe(0);
  expect(bytesIn(planned(graph, "rpi5", { decide: () => "direct" }))[0]).toBe(0);
  expect(bytesIn(planned(graph, "rpi2"))[0]).toBe(0);
});

test.each(["rpi5", "rpi4", "rpi3"])("a plan of such maps computes the very same on %s", (board) => {
  const graph = everyByteLayer();
  const plan = planned(graph, board);
  const [bytes, all] = bytesIn(plan);
  expect(bytes).toBeGreaterThanOrEqual(all / 2);
  const ops = plan.steps.map(({ task }) => task.op);
  expect(ops.filter((op) => op === "int8-depthwise").length).toBe(6);
  const inputs = randomInputs(graph, makeRng(4));
  const scaled = Object.fromEntries(
    Object.entries(inputs).map(([name, data]) => [name, data.map((v) => 12 * v)]),
  );
  const wanted = runReference(graph, scaled);
  const { outputs, tensors } = simulatePlan(
    plan,
    graph.inputs.map((name) => scaled[name]),
  );
  for (const [i, name] of graph.outputs.entries()) expect(outputs[i]).toEqual(wanted.get(name));
  for (const { produces } of plan.steps) {
    if (produces?.dtype !== "i8") continue;
    // numbers of steps know no -0
    expect(tensors.get(produces.tensor), produces.tensor).toEqual(
      wanted.get(produces.tensor)?.map((v) => v + 0),
    );
  }
});

test("rows of several images, maps of one pixel and batches lie so, too", () => {
  const { g, rounded, conv, finish } = byteNetwork(5);
  const rows = rounded(g.input([16, 64, 1, 1]), UNSIGNED);
  const next = rounded(conv(rows, { oc: 32, bias: "whole" }), SIGNED);
  const images = rounded(g.input([3, 32, 5, 6]), SIGNED);
  const maps = rounded(conv(images, { oc: 40, kernel: [3, 3], pads: [1, 1, 1, 1] }), UNSIGNED);
  const graph = finish([conv(next, { oc: 16 }), conv(maps, { oc: 16, kernel: [5, 6] })]);
  const plan = planned(graph);
  expect(bytesIn(plan)[0]).toBe(4);
  const inputs = randomInputs(graph, makeRng(6));
  const wanted = runReference(graph, inputs);
  const { outputs } = simulatePlan(
    plan,
    graph.inputs.map((name) => inputs[name]),
  );
  for (const [i, name] of graph.outputs.entries()) expect(outputs[i]).toEqual(wanted.get(name));
});
