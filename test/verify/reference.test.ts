import fc from "fast-check";
import * as ort from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { exportOnnx } from "../../compiler/frontend/onnx/export.ts";
import { elementCount } from "../../compiler/graph/extents.ts";
import { ops } from "../../compiler/ops/index.ts";
import { makeRng } from "../../compiler/support/rng.ts";
import { expectedOutputs } from "../../compiler/verify/carried-error.ts";
import { nest } from "../../compiler/verify/nested.ts";
import { runKernel } from "../../compiler/verify/run-kernel.ts";
import { randomInputs } from "../graph/graph-builder.ts";
import { amount } from "../support/amount.ts";
import { difference } from "./differences.ts";
import { randomGraph } from "./random-graph.ts";

describe("the reference", () => {
  it("computes what ONNX Runtime computes, for random networks", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(1_000_000), fc.integer({ min: 1, max: 10 }), async (seed, size) => {
        const graph = randomGraph(seed, size);
        const inputs = randomInputs(graph, makeRng(seed + 1));
        const expected = expectedOutputs(graph, new Map(Object.entries(inputs)), []);
        const session = await ort.InferenceSession.create(exportOnnx(graph), { logSeverityLevel: 3 });
        const shapeOf = (name: string): readonly number[] => graph.tensors.get(name)?.shape ?? [];
        const feeds = Object.fromEntries(
          graph.inputs.map((name) => [name, new ort.Tensor("float32", inputs[name], shapeOf(name))]),
        );
        const wanted = await session.run(feeds);
        for (const name of graph.outputs) {
          const data = wanted[name].data;
          expect(data).toBeInstanceOf(Float32Array);
          if (!(data instanceof Float32Array)) continue;
          const { values, tolerance } = expected.get(name) ?? { values: undefined, tolerance: 0 };
          expect(difference(name, values, data, new Float32Array(data.length).fill(tolerance))).toEqual([]);
        }
        await session.release();
      }),
      { numRuns: Number(process.env.TILEWRIGHT_RUNS ?? amount(30, 400)), seed: 21 },
    );
  });
});

describe("a convolution with the channels of a pixel side by side", () => {
  it("is the convolution", () => {
    const rng = makeRng(4);
    const make = (shape: readonly number[]): { shape: readonly number[]; data: Float32Array } => ({
      shape,
      data: Float32Array.from({ length: elementCount(shape) }, () => rng.normal()),
    });
    for (const [KW, SW, DW] of [
      [3, 1, 1],
      [1, 2, 2],
      [2, 2, 1],
      [3, 1, 2],
    ]) {
      const window = { KH: 2, KW, SH: 2, SW, DH: 1, DW, OH: 3, OW: 4 };
      const dims = { N: 2, G: 2, OC: 3, IC: 5, ...window, BIAS: 1, RES: 1, LO: -1, HI: 2, IH: 7, IW: 12 };
      const x = make([2, 2, 5, 7, 12]);
      const w = make([2, 3, 5, 2, KW]);
      const b = make([2, 3]);
      const a = make([2, 3]);
      const r = make([2, 2, 3, 3, 4]);
      const [y, wanted] = [make(r.shape), make(r.shape)];
      runKernel("conv2d", dims, [x, w, b, a, r, y]);
      ops.conv2d.kernel(dims, ...[x, w, b, a, r, wanted].map((t) => nest(t.data, t.shape)));
      expect(
        difference(
          "the kernel",
          wanted.data,
          y.data,
          y.data.map(() => 1e-6),
        ),
      ).toEqual([]);
    }
  });
});
