import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { Graph } from "../../compiler/graph/graph.ts";
import { makeRng } from "../../compiler/support/rng.ts";
import { type GraphBuilder, graphBuilder, RELU } from "../graph/graph-builder.ts";
import { sample } from "../support/amount.ts";
import { runCompiled, runOnnxRuntime } from "./compare-runs.ts";

const folder = mkdtempSync(join(tmpdir(), "tilewright-special-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Layers of channels that fill no vector: what stands in the lanes beside them must reach no result. */
const NETWORKS: Readonly<Record<string, (b: GraphBuilder, x: string) => string>> = {
  "1x1 and 3x3": (b, x) => b.conv(b.conv(x, { oc: 5, kernel: 1 }), { oc: 3, kernel: 3, pads: [1, 1, 1, 1] }),
  grouped: (b, x) => {
    const wide = b.conv(x, { oc: 6, kernel: 1 });
    const first = b.clamp(b.conv(wide, { oc: 6, groups: 2, kernel: 3, pads: [1, 1, 1, 1] }), RELU);
    return b.conv(first, { oc: 9, groups: 3, kernel: 1 });
  },
  "grouped, shuffled": (b, x) =>
    b.conv(b.shuffle(b.conv(b.concat([x, x], 1), { oc: 6, groups: 2, kernel: 1 }), 2), {
      oc: 6,
      groups: 2,
      kernel: 1,
    }),
  depthwise: (b, x) => b.conv(b.conv(x, { oc: 3, groups: 3, kernel: 3 }), { oc: 5, kernel: 1 }),
  averaged: (b, x) =>
    b.conv(b.avgPool(b.conv(x, { oc: 5, kernel: 1 }), { kernel: 2, stride: 2 }), { oc: 3, kernel: 1 }),
  classified: (b, x) => {
    const mean = b.globalAvgPool(b.conv(x, { oc: 6, kernel: 1 }));
    return b.dense(b.dense(b.reshape(mean, [1, 6]), 7), 3);
  },
};
const SHAPE = [1, 3, 8, 9];

function network(make: (b: GraphBuilder, x: string) => string): Graph {
  const b = graphBuilder(makeRng(7));
  return b.finish([make(b, b.input(SHAPE))]);
}

/** Random numbers, with odd ones at a few places of one channel or the other. */
function image(odd: number): Float32Array {
  const rng = makeRng(11);
  const data = Float32Array.from({ length: SHAPE.reduce((a, b) => a * b, 1) }, () => rng.normal());
  for (const at of [13, 100, 190]) data[at] = odd;
  return data;
}

/** Empty lanes beside an infinity are NaN (infinity times 0), so that an infinity may end as NaN; a finite number does not. */
const kind = (v: number): string => (Number.isFinite(v) ? "finite" : "not");

describe.each(["host", "qemu-rpi4"])("on %s", (board) => {
  describe.each(sample(Object.entries(NETWORKS), 2))("%s", (name, make) => {
    it.each([Number.POSITIVE_INFINITY, Number.NaN])("%s goes where it does in ONNX Runtime", async (odd) => {
      const graph = network(make);
      const inputs = { [graph.inputs[0]]: image(odd) };
      const wanted = await runOnnxRuntime(graph, inputs);
      const dir = join(folder, `${board}-${name}-${odd}`.replaceAll(" ", "_"));
      const { values } = await runCompiled(graph, board, dir, inputs, { numerics: "strict" });
      for (const [output, data] of wanted) {
        const found = [...(values.get(output) ?? [])].map(kind);
        expect(found).toEqual([...data].map(kind));
      }
    });
  });
});
