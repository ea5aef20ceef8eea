import { join } from "node:path";
import { expect, test } from "vitest";
import { quantizeNetwork } from "../../../compiler/driver/quantize/quantize-network.ts";
import { samplesOf } from "../../../compiler/driver/quantize/samples.ts";
import { loadModel } from "../../../compiler/frontend/load-model.ts";
import { PACKAGE_ROOT } from "../../../compiler/support/paths.ts";

test("an interruption is seen among samples that take a moment each", async () => {
  const model = await loadModel(join(PACKAGE_ROOT, "test/fixtures/digits/digits.onnx"));
  const samples = await samplesOf(model, undefined, { count: 400, seed: 1 });
  const reports: string[] = [];
  const run = quantizeNetwork(model, samples, (text) => reports.push(text), {
    signal: AbortSignal.abort(new Error("ctrl-C")),
  });
  await expect(run).rejects.toThrow("ctrl-C");
  expect(reports.length).toBeLessThan(400);
});
