import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { modelNetwork } from "../../compiler/driver/run/model-network.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { buildModel } from "./built-model.ts";

const folder = mkdtempSync(join(tmpdir(), "tilewright-environment-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
  delete process.env.TILEWRIGHT_TEST_PADDING;
});

test("modelled cycles hang on nothing of whoever runs them: not on the size of their environment", async () => {
  const target = loadTarget("qemu-rpi4");
  const { program, metadata } = await buildModel(
    "test/fixtures/digits/digits.onnx",
    target,
    join(folder, "bundle"),
  );
  const job = { program, steps: metadata.layers.length, target, timeoutSeconds: 60 };
  const found = [];
  const cache = join(folder, "cache");
  for (const size of [1, 333, 777]) {
    process.env.TILEWRIGHT_TEST_PADDING = "x".repeat(size);
    found.push(await modelNetwork(job, cache));
    // nothing but the model itself is remembered
    rmSync(join(cache, "networks"), { recursive: true });
  }
  expect(found[1]).toEqual(found[0]);
  expect(found[2]).toEqual(found[0]);
});
