import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { writeBundle } from "../../compiler/driver/bundle/emit-bundle-write.ts";
import { compileNetwork } from "../../compiler/driver/compile-network.ts";
import { loadModel } from "../../compiler/frontend/load-model.ts";
import { loadTarget } from "../../compiler/machine/load.ts";

const folder = mkdtempSync(join(tmpdir(), "tilewright-golden-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a small network's bundle checks itself with make check, and notices a wrong result", async () => {
  const graph = await loadModel("test/fixtures/digits/digits.onnx");
  const meta = { modelSha256: "0".repeat(64) };
  const { files } = await compileNetwork(graph, loadTarget("host"), { meta, golden: "when-quick" });
  const bundle = join(folder, "digits");
  await writeBundle(files, bundle);
  const check = (): string =>
    execFileSync("make", ["-C", bundle, "TARGET_CFLAGS=-std=c11 -O0 -march=native", "check"], {
      encoding: "utf8",
      stdio: "pipe",
    });
  expect(check()).toContain("golden/output_probabilities.bin");
  const expected = new Float32Array(
    new Uint8Array(readFileSync(join(bundle, "golden/output_probabilities.bin"))).buffer,
  );
  expect(expected.length).toBe(10);
  const wrong = new Map(files).set("golden/output_probabilities.bin", new Uint8Array(40));
  await writeBundle(wrong, bundle);
  expect(check).toThrow();
});

test("a large network gets golden results only when asked", async () => {
  const meta = { modelSha256: "0".repeat(64) };
  const target = loadTarget("host");
  const large = await loadModel("zoo:mobilenet-v1@128", { zoo: { shapesOnly: true } });
  const quiet = await compileNetwork(large, target, { meta, golden: "when-quick" });
  expect([...quiet.files.keys()].some((path) => path.startsWith("golden/"))).toBe(false);
});
