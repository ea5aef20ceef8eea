import { describe, expect, test } from "vitest";
import { countLayers, sumCosts } from "../../compiler/analyze/count-network.ts";
import { regroup } from "../../compiler/analyze/regroup.ts";
import { exportOnnx } from "../../compiler/frontend/onnx/export.ts";
import { importOnnx } from "../../compiler/frontend/onnx/import.ts";
import { findZooNetwork } from "../../compiler/frontend/zoo/index.ts";
import { sha256 } from "../../compiler/support/stable.ts";
import { messageOf } from "../support/message.ts";

const zoo = (name: string, options = {}) => findZooNetwork(name).build({ shapesOnly: true, ...options });

describe("regroup", () => {
  test.each([
    ["mobilenet-v1", { G: 8 }],
    ["mobilenet-v1", { g: 16 }],
    ["resnext50", { g: 16 }],
  ])("%s %j costs what the zoo's own form costs", (name, options) => {
    const regrouped = regroup(zoo(name), options).graph;
    expect(sumCosts(countLayers(regrouped))).toEqual(sumCosts(countLayers(zoo(name, options))));
    expect(regrouped.name).toBe(zoo(name, options).name);
  });

  test("a layer that the number does not divide takes the nearest that does", () => {
    const { changes } = regroup(zoo("mobilenet-v1"), { G: 48 });
    expect(changes.slice(0, 3)).toEqual([
      { layer: "block1.conv1", before: 32, groups: 1, group_size: 32, exact: false },
      { layer: "block2.conv1", before: 64, groups: 1, group_size: 64, exact: false },
      { layer: "block3.conv1", before: 128, groups: 2, group_size: 64, exact: false },
    ]);
  });

  test("a network without groups is regrouped where kernels are larger than 1x1, its first layer never", () => {
    const { graph, changes } = regroup(zoo("resnet34"), { G: 32 });
    expect(changes).toHaveLength(32);
    expect(changes.some(({ layer }) => layer === "stem.conv")).toBe(false);
    expect(sumCosts(countLayers(graph)).params).toBeLessThan(4e6);
  });

  test("new weights are seeded and as large as the old in sum of squares; others stay", () => {
    const graph = findZooNetwork("mobilenet-v1").build({ inputSize: 32 });
    const again = (seed: number): string => sha256(exportOnnx(regroup(graph, { G: 4, seed }).graph));
    expect(again(1)).toBe(again(1));
    expect(again(1)).not.toBe(again(2));
    const { graph: changed } = regroup(graph, { G: 4 });
    const squares = (name: string): number =>
      (changed.tensors.get(name) ?? graph.tensors.get(name))?.data?.reduce((s, w) => s + w * w, 0) ?? 0;
    expect(squares("block7.conv1.regrouped") / squares("block7.conv1.weight")).toBeCloseTo(1, 1);
    expect(changed.tensors.get("block7.conv2.weight")).toBe(graph.tensors.get("block7.conv2.weight"));
    expect(changed.tensors.has("block7.conv1.weight")).toBe(false);
  });

  test("the result is a whole ONNX model", () => {
    const { graph } = regroup(zoo("wrn-40-2"), { g: 4 });
    expect(sumCosts(countLayers(importOnnx(exportOnnx(graph))))).toEqual(sumCosts(countLayers(graph)));
  });

  test("mistakes", async () => {
    expect(await messageOf(() => regroup(zoo("mobilenet-v1"), { g: 4, G: 4 }))).toBe(
      `error[F206]: \`mobilenet-v1\` cannot be regrouped
  why:   --g and --G were both given
  help:  --g counts groups, --G channels per group: give one`,
    );
    expect(await messageOf(() => regroup(zoo("mobilenet-v1"), { G: 0.5 }))).toBe(
      `error[F206]: \`mobilenet-v1\` cannot be regrouped
  why:   --G is 0.5, wanted is a whole number from 1 on
  help:  --g counts groups, --G channels per group: give one`,
    );
    expect(await messageOf(() => regroup(zoo("wrn-40-2"), { G: 4, layers: "grouped" }))).toBe(
      `error[F207]: \`wrn-40-2\` has no layer to regroup
  why:   none of its convolutions has groups
  help:  --layers spatial takes every convolution larger than 1x1`,
    );
  });
});
