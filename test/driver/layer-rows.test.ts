import { expect, test } from "vitest";
import { compileNetwork } from "../../compiler/driver/compile-network.ts";
import type { Graph } from "../../compiler/graph/graph.ts";
import { loadTarget } from "../../compiler/machine/load.ts";

/** Two of three rows of an image, the last one first; the kernel says by a size ROWS that rows are chosen. */
const taken: Graph = {
  name: "taken",
  inputs: ["x"],
  outputs: ["y"],
  nodes: [
    { name: "take", op: { kind: "gather", axes: [{ axis: 2, at: [2, 0] }] }, inputs: ["x"], output: "y" },
  ],
  tensors: new Map([
    ["x", { name: "x", shape: [1, 4, 3, 4] }],
    ["y", { name: "y", shape: [1, 4, 2, 4] }],
  ]),
};

test("a bundle tells rows of layers alone that an algorithm of convolutions computes in parts", async () => {
  const meta = { modelSha256: "0".repeat(64) };
  const { files, plan } = await compileNetwork(taken, loadTarget("rpi4"), { meta });
  expect(plan.steps.map(({ task }) => task.dims.ROWS)).toContain(1);
  const { layers } = JSON.parse(String(files.get("metadata.json")));
  expect(layers.filter((layer: object) => "rows" in layer)).toEqual([]);
});
