import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { expect, test } from "vitest";
import { loadModel } from "../../compiler/frontend/load-model.ts";
import { readNpzDoubles } from "../../compiler/frontend/npy.ts";
import { optimizeGraph } from "../../compiler/graph/optimize-graph.ts";
import { planForTarget } from "../../compiler/graph/plan-for-target.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { PACKAGE_ROOT } from "../../compiler/support/paths.ts";
import { model, node } from "../frontend/onnx-model.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { tilewright } from "./command-line.ts";

const folder = temporaryFolder("quantize");
const DIGITS = join(PACKAGE_ROOT, "test/fixtures/digits/digits.onnx");
const IMAGES = join(PACKAGE_ROOT, "test/fixtures/digits/test.npz");

test("a network is quantized from samples, says the same of them, and runs in 8 bits", async () => {
  const file = join(folder, "digits-int8.onnx");
  const { code, out } = await tilewright(
    "quantize",
    DIGITS,
    "--input",
    `${IMAGES}:images`,
    "-o",
    file,
    "--json",
  );
  expect(code).toBe(0);
  const { layers, kept, samples, outputs } = JSON.parse(out);
  expect({ layers: layers.length, kept: kept.length, samples }).toEqual({ layers: 7, kept: 2, samples: 360 });
  expect(outputs).toEqual([
    { output: "probabilities", largest: expect.any(Number), ofRange: expect.any(Number), agree: 360 },
  ]);
  expect(outputs[0].ofRange).toBeLessThan(0.05);
  expect(statSync(file).size).toBeLessThan(0.45 * statSync(DIGITS).size);

  const { plan } = planForTarget(optimizeGraph(await loadModel(file)), loadTarget("rpi5"));
  expect(plan.steps.filter(({ task }) => task.op === "int8-conv").length).toBe(6);
  // as another runtime has it
  const session = await InferenceSession.create(readFileSync(file));
  const { images, labels } = Object.fromEntries(readNpzDoubles(readFileSync(IMAGES), IMAGES));
  const size = 64;
  let right = 0;
  for (const [i, label] of labels.data.entries()) {
    const image = Float32Array.from(images.data.subarray(i * size, (i + 1) * size));
    const results = await session.run({
      [session.inputNames[0]]: new Tensor("float32", image, [1, 1, 8, 8]),
    });
    const scores = [...(results.probabilities.data as Float32Array)];
    if (scores.indexOf(Math.max(...scores)) === label) right++;
  }
  await session.release();
  expect(right / labels.data.length).toBeGreaterThan(0.97);
}, 120_000);

test("without samples random values are taken, and it is said so; equal commands write equal files", async () => {
  const files = ["a", "b"].map((name) => join(folder, `${name}.onnx`));
  for (const file of files) {
    const { out, note } = await tilewright("quantize", DIGITS, "--samples", "2", "-o", file);
    expect(out).toContain(`digits in ${file}: 7 layers in 8 bits, 2 kept in floats\nprobabilities: at most `);
    expect(note).toContain("of random values maps are others than of images: give samples with --input");
    expect(note).toContain(`next: \`tilewright bench ${file} --board BOARD\``);
  }
  expect(readFileSync(files[0])).toEqual(readFileSync(files[1]));
});

test("a network without layers for it is refused, and nothing is written", async () => {
  const [file, none] = [join(folder, "relu.onnx"), join(folder, "none.onnx")];
  writeFileSync(file, model({ nodes: [node("Relu", ["x"], "y")], inputs: { x: [1, 8] }, outputs: ["y"] }));
  const { code, note } = await tilewright("quantize", file, "-o", none);
  expect(code).toBe(3);
  expect(note).toBe(
    [
      "error[C390]: `relu` has no layer to quantize",
      "  why:   what is quantized are convolutions and dense layers whose weights the file holds, with several channels in a group",
      "  help:  `tilewright inspect` shows what its nodes become",
    ].join("\n"),
  );
  expect(existsSync(none)).toBe(false);
});
