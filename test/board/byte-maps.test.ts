import { join } from "node:path";
import { expect, test } from "vitest";
import { makeRng } from "../../compiler/support/rng.ts";
import { runReference } from "../../compiler/verify/reference.ts";
import { everyByteLayer } from "../graph/byte-network.ts";
import { randomInputs } from "../graph/graph-builder.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { runCompiled } from "./compare-runs.ts";

const folder = temporaryFolder("byte-maps");

test.each([
  ["qemu-rpi5", [-127, 127]],
  ["qemu-rpi4", [-127, 127]],
  ["qemu-rpi3", [-63, 63]],
  // 16 bits do not hold the sum of two products with weights of -128
  ["qemu-rpi3", [-128, 127]],
] as const)(
  "maps of 8-bit numbers give the very results of the reference: %s, weights of %j",
  async (board, range) => {
    const graph = everyByteLayer(range);
    const inputs = Object.fromEntries(
      Object.entries(randomInputs(graph, makeRng(7))).map(([name, data]) => [name, data.map((v) => 12 * v)]),
    );
    const dir = join(folder, board, `${range[0]}`);
    const { plan, values } = await runCompiled(graph, board, dir, inputs);
    const depthwise = plan.steps.filter(({ task }) => task.op === "int8-depthwise");
    expect(depthwise.length).toBe(6);
    expect(depthwise[0].task.dims.TH).toBe(range[0] === -128 ? 0 : 1);
    const wanted = runReference(graph, inputs);
    for (const name of graph.outputs) expect(values.get(name)).toEqual(wanted.get(name));
  },
  120_000,
);
