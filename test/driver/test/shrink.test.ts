import { expect, test } from "vitest";
import { layerGraph } from "../../../compiler/driver/test/layer-graph.ts";
import { layerOfNode, shrinkLayer } from "../../../compiler/driver/test/shrink.ts";
import type { LayerSizes } from "../../../compiler/driver/test/suite.schema.ts";

const LARGE: LayerSizes = {
  ...{ n: 2, ic: 64, oc: 96, ih: 28, iw: 30, kh: 3, kw: 3, pad: 1, groups: 4 },
  ...{ stride: 2, dilation: 1, bias: true, activation: "relu", residual: true },
};

test("a layer is made as small as it still fails", async () => {
  const tried: LayerSizes[] = [];
  const smallest = await shrinkLayer(LARGE, async (layer) => {
    tried.push(layer);
    // as a fault in the tail of rows would: columns that 4 does not divide, and more than one group
    return layer.iw % 4 !== 0 && layer.groups > 1 && layer.kh === 3;
  });
  expect(smallest).toEqual({
    ...{ n: 1, ic: 2, oc: 2, ih: 1, iw: 1, kh: 3, kw: 3, pad: 1, groups: 2 },
    ...{ stride: 1, dilation: 1, bias: false, activation: "none", residual: false },
  });
  expect(tried.length).toBeLessThan(60);
  // nothing that is no layer is tried
  for (const layer of tried) expect(() => layerGraph(layer, 1)).not.toThrow();
});

test("a layer that fails only as it is stays as it is", async () => {
  expect(await shrinkLayer(LARGE, async () => false)).toBe(LARGE);
});

test("the sizes of a network's convolution make the same layer again", () => {
  const graph = layerGraph(LARGE, 1);
  const sizes = layerOfNode(graph, graph.nodes[0]);
  expect(sizes).toEqual({ ...LARGE, stride: [2, 2], dilation: [1, 1] });
  expect(layerGraph(sizes ?? LARGE, 1).nodes).toEqual(graph.nodes);
});
