import { expect, test } from "vitest";
import { peakActivations } from "../../compiler/analyze/peak-activations.ts";
import { zooNetworks } from "../../compiler/frontend/zoo/index.ts";
import { optimizeGraph } from "../../compiler/graph/optimize-graph.ts";
import { planForTarget } from "../../compiler/graph/plan-for-target.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { sample } from "../support/amount.ts";
import { graphBuilder } from "./graph-builder.ts";

const target = loadTarget("rpi4");

test.each(sample([...zooNetworks.keys()], 2))("%s takes at most 1.15 times what is alive at once", (name) => {
  const network = zooNetworks.get(name);
  const graph = optimizeGraph(network?.build({ shapesOnly: true }) ?? graphBuilder().finish([]));
  const { plan } = planForTarget(graph, target);
  expect(plan.arenaBytes / peakActivations(graph)).toBeLessThanOrEqual(1.15);
});

test("a net that joins what it began with copies that rather than keep room for all of it", () => {
  const g = graphBuilder();
  const same = { pads: [1, 1, 1, 1] } as const;
  const skip = g.conv(g.input([1, 3, 64, 64]), { oc: 32, ...same });
  let x = skip;
  for (const oc of [64, 128]) x = g.conv(g.maxPool(x, { kernel: 2, stride: 2 }), { oc, ...same });
  const up = g.conv(x, { oc: 64, kernel: 1 });
  const wide = g.node(
    {
      kind: "resample",
      axes: [2, 3].map((axis) => ({
        axis,
        at: Array.from({ length: 64 }, (_, i) => i >> 2),
        taps: 1,
        weights: new Array<number>(64).fill(1),
      })),
    },
    [up],
    [1, 64, 64, 64],
  );
  const joined = g.concat([g.conv(wide, { oc: 32, kernel: 1 }), skip], 1);
  const graph = optimizeGraph(g.finish([g.globalAvgPool(g.conv(joined, { oc: 8, ...same }))]));
  const { plan } = planForTarget(graph, target);
  expect(plan.arenaBytes / peakActivations(graph)).toBeLessThanOrEqual(1.15);
});
