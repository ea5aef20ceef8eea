import * as ort from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { exportOnnx } from "../../compiler/frontend/onnx/export.ts";
import { importOnnx } from "../../compiler/frontend/onnx/import.ts";
import type { Graph } from "../../compiler/graph/graph.ts";
import { makeRng } from "../../compiler/support/rng.ts";
import { runReference } from "../../compiler/verify/reference.ts";
import { randomInputs } from "../graph/graph-builder.ts";
import { MOVE_CASES } from "./move-models.ts";
import { model } from "./onnx-model.ts";

type Values = ReadonlyMap<string, { readonly shape: readonly number[]; readonly data: Float32Array }>;

/** What ONNX Runtime makes of a file. */
async function run(
  file: Uint8Array,
  graph: Graph,
  inputs: Readonly<Record<string, Float32Array>>,
): Promise<Values> {
  const session = await ort.InferenceSession.create(file, {
    logSeverityLevel: 4,
    graphOptimizationLevel: "disabled",
  });
  const feeds = graph.inputs.map((name) => {
    const shape = graph.tensors.get(name)?.shape ?? [];
    return [name, new ort.Tensor("float32", inputs[name], shape)] as const;
  });
  const found = await session.run(Object.fromEntries(feeds));
  const values = Object.entries(found).map(
    ([name, { dims, data }]) => [name, { shape: [...dims], data: (data as Float32Array).slice() }] as const,
  );
  await session.release();
  return new Map(values);
}

function furthest(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((most, v, i) => Math.max(most, Object.is(v, b[i]) ? 0 : Math.abs(v - b[i])), 0);
}

describe("what moves or resamples elements means what the file means", () => {
  test.each(Object.entries(MOVE_CASES))("%s", async (_, text) => {
    const file = model(text);
    const graph = importOnnx(file);
    const inputs = randomInputs(graph, makeRng(7));
    const wanted = await run(file, graph, inputs);
    const found = runReference(graph, inputs);
    const exported = await run(exportOnnx(graph), graph, inputs);
    for (const [name, { shape, data }] of wanted) {
      expect(graph.tensors.get(name)?.shape).toEqual(shape);
      const near = 4e-6 * data.reduce((most, v) => Math.max(most, Math.abs(v)), 1);
      expect(furthest(found.get(name) ?? new Float32Array(), data)).toBeLessThan(near);
      expect(furthest(exported.get(name)?.data ?? new Float32Array(), data)).toBeLessThan(near);
    }
  });
});
