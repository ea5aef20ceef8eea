import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { countLayers, sumCosts } from "../../compiler/analyze/count-network.ts";
import { importOnnx } from "../../compiler/frontend/onnx/import.ts";
import type { OnnxTensor, OnnxValueInfo } from "../../compiler/frontend/onnx/model.ts";
import { decodeModel, encodeModel } from "../../compiler/frontend/onnx/protobuf.ts";
import { FLOAT32 } from "../../compiler/frontend/onnx/schema.ts";
import { PACKAGE_ROOT } from "../../compiler/support/paths.ts";
import { sample } from "../support/amount.ts";

const FOLDER = join(PACKAGE_ROOT, "test/fixtures/torchvision");
const { networks } = JSON.parse(readFileSync(join(FOLDER, "counts.json"), "utf8")) as {
  readonly networks: Readonly<Record<string, { readonly macs: number; readonly params: number }>>;
};

/** Weights were exported as inputs; as constants they are all zero, which no count minds. */
function zeros({ name, type }: OnnxValueInfo): OnnxTensor {
  const dims = (type?.tensorType?.shape?.dim ?? []).map(({ dimValue }) => dimValue ?? 0);
  const rawData = new Uint8Array(4 * dims.reduce((a, b) => a * b, 1));
  return { ...(name !== undefined && { name }), dims, dataType: FLOAT32, rawData };
}

function withWeights(file: Uint8Array): Uint8Array {
  const model = decodeModel(file, "fixture");
  const [image, ...weights] = model.graph?.input ?? [];
  const input = image === undefined ? [] : [image];
  const initializer = [...(model.graph?.initializer ?? []), ...weights.map(zeros)];
  return encodeModel({ ...model, graph: { ...model.graph, input, initializer } });
}

describe("torchvision's networks cost what PyTorch counts", () => {
  test("there are ten", () => expect(Object.keys(networks).length).toBe(10));

  test.each(sample(Object.entries(networks), 2))("%s", (name, wanted) => {
    const file = gunzipSync(readFileSync(join(FOLDER, `${name}.onnx.gz`)));
    const { macs, params } = sumCosts(countLayers(importOnnx(withWeights(file))));
    expect({ macs, params }).toEqual(wanted);
  });
});
