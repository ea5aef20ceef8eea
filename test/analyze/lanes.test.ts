import { describe, expect, test } from "vitest";
import { countLayers } from "../../compiler/analyze/count-network.ts";
import { executedMacs } from "../../compiler/analyze/lanes.ts";
import { findZooNetwork } from "../../compiler/frontend/zoo/index.ts";
import { optimizeGraph } from "../../compiler/graph/optimize-graph.ts";
import { planNetwork } from "../../compiler/graph/plan-network.ts";
import { ops } from "../../compiler/ops/index.ts";

/** What the planned kernels execute, layer by layer. */
function planned(network: string, options: object, lanes: number): ReadonlyMap<string, number> {
  const graph = findZooNetwork(network).build({ ...options, shapesOnly: true, inputSize: 64 });
  const { steps } = planNetwork(optimizeGraph(graph), lanes);
  return new Map(steps.map(({ name, task }) => [name, ops[task.op as keyof typeof ops].macs(task.dims)]));
}

describe("lanes used are those of the plan", () => {
  test.each([
    ["mobilenet-v1", {}, 4],
    ["mobilenet-v1", { G: 2 }, 4],
    ["mobilenet-v1", { g: 8 }, 4],
    ["resnext50", { G: 2 }, 8],
    ["wrn-40-2", { G: 1 }, 8],
    ["resnet34", {}, 16],
  ])("%s %j, %i lanes", (network, options, lanes) => {
    const found = planned(network, options, lanes);
    const graph = findZooNetwork(network).build({ ...options, shapesOnly: true, inputSize: 64 });
    const layers = countLayers(graph).filter(({ macs, op }) => macs > 0 && op === "conv2d");
    expect(layers.map((layer) => [layer.name, executedMacs(layer, lanes)])).toEqual(
      layers.map(({ name }) => [name, found.get(name)]),
    );
  });
});
