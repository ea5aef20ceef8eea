import { copyFileSync, existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { expect, test } from "vitest";
import { loadModel } from "../../compiler/frontend/load-model.ts";
import { readNpzDoubles, writeNpy } from "../../compiler/frontend/npy.ts";
import { optimizeGraph } from "../../compiler/graph/optimize-graph.ts";
import { planForTarget } from "../../compiler/graph/plan-for-target.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { PACKAGE_ROOT } from "../../compiler/support/paths.ts";
import { makeRng } from "../../compiler/support/rng.ts";
import { model, node, weights } from "../frontend/onnx-model.ts";
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
      "  why:   what is quantized are convolutions and dense layers with constant weights, and several channels in a group",
      "  help:  `tilewright inspect` shows what its nodes become",
    ].join("\n"),
  );
  expect(existsSync(none)).toBe(false);
});

test("channels without weights keep their bias, inputs may be bytes, and outputs as large as images are compared", async () => {
  const [file, written] = [join(folder, "bytes.onnx"), join(folder, "bytes-int8.onnx")];
  const rng = makeRng(7);
  const w = Array.from({ length: 8 * 3 * 9 }, (_, i) => (i < 27 ? 0 : 0.1 * rng.normal()));
  writeFileSync(
    file,
    model({
      inputs: { x: [1, 3, 200, 200] },
      outputs: ["y"],
      types: { x: 2 },
      nodes: [
        node("Cast", ["x"], "floats", { to: 1 }),
        node("Conv", ["floats", "w", "b"], "map", { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }),
        node("Relu", ["map"], "y"),
      ],
      weights: [
        weights("w", [8, 3, 3, 3], w),
        weights("b", [8], [0.25, ...Array.from({ length: 7 }, () => rng.normal())]),
      ],
    }),
  );
  const { code, out } = await tilewright("quantize", file, "--samples", "1", "-o", written, "--json");
  expect(code).toBe(0);
  const [{ ofRange, agree }] = JSON.parse(out).outputs;
  expect(ofRange).toBeLessThan(0.02);
  expect(agree).toBeUndefined();
  const x = new Uint8Array(3 * 200 * 200).map(() => rng.int(256));
  const session = await InferenceSession.create(readFileSync(written));
  const { y } = await session.run({ x: new Tensor("uint8", x, [1, 3, 200, 200]) });
  await session.release();
  for (const v of (y.data as Float32Array).subarray(0, 40_000)) expect(Math.abs(v - 0.25)).toBeLessThan(1e-4);
}, 60_000);

test("what would be lost or makes no numbers is refused", async () => {
  const samples = join(folder, "samples.npy");
  copyFileSync(join(PACKAGE_ROOT, "test/fixtures/digits/one.npy"), samples);
  const lost = await tilewright("quantize", DIGITS, "--input", samples, "-o", samples);
  expect(lost.note).toContain("error[C352]");
  const both = await tilewright(
    "quantize",
    DIGITS,
    "--input",
    samples,
    "--samples",
    "3",
    "-o",
    join(folder, "x.onnx"),
  );
  expect(both.note).toContain("error[C205]: `--samples` cannot be `3`");
  const nan = join(folder, "nan.npy");
  writeFileSync(nan, writeNpy({ shape: [1, 1, 8, 8], data: new Float32Array(64).fill(Number.NaN) }));
  const none = await tilewright("quantize", DIGITS, "--input", nan, "-o", join(folder, "x.onnx"));
  expect(none.code).toBe(4);
  expect(none.note).toBe(
    [
      "error[C392]: sample 1 makes no finite numbers of what `/group8/group8.0/Conv` of `digits` reads",
      "  why:   a range that is quantized needs a least and a greatest number",
      "  help:  give samples as the network is used with: --input FILE",
    ].join("\n"),
  );
  expect(existsSync(join(folder, "x.onnx"))).toBe(false);
});

test("a network that selects rows is refused before anything runs", async () => {
  const file = join(folder, "rows.onnx");
  writeFileSync(
    file,
    model({
      inputs: { x: [1, 4, 6, 6] },
      outputs: ["y"],
      nodes: [
        node("Conv", ["x", "w"], "map", { kernel_shape: [1, 1] }),
        node("NonZero", ["map"], "places"),
        node("Cast", ["places"], "y", { to: 1 }),
      ],
      weights: [weights("w", [4, 4, 1, 1])],
    }),
  );
  const { code, note } = await tilewright("quantize", file, "-o", join(folder, "y.onnx"));
  expect(note).toContain(
    "error[C391]: `rows` cannot be written as ONNX again, and so not be quantized\n  why:   ",
  );
  expect(note).toContain(
    "\n  help:  a tool that keeps the nodes of the file can quantize it: QuantizeLinear and DequantizeLinear are read",
  );
  expect(code).toBe(3);
});
