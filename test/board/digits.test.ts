import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openBoard } from "../../compiler/device/open-board.ts";
import { buildBinary, compileToBundle } from "../../compiler/driver/build-network.ts";
import { readNetwork } from "../../compiler/driver/read-network.ts";
import { runNetwork, type Values } from "../../compiler/driver/run/run-network.ts";
import { readNpz } from "../../compiler/frontend/npy.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { PACKAGE_ROOT } from "../../compiler/support/paths.ts";

/** A network trained on scikit-learn's handwritten digits, and images it has not seen in training. */
const MODEL = join(PACKAGE_ROOT, "test/fixtures/digits/digits.onnx");
const TEST = join(PACKAGE_ROOT, "test/fixtures/digits/test.npz");
const CLASSES = 10;
const LEAST_ACCURACY = 0.97;
const LARGEST_ERROR = 1e-4;

const folder = mkdtempSync(join(tmpdir(), "tilewright-digits-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const arrays = readNpz(readFileSync(TEST), TEST);
const images = wanted(arrays.get("images"));
const labels = [...wanted(arrays.get("labels")).data];
const samples = labels.length;

describe.each(["qemu-rpi4", "qemu-rpi2", "host"])("the trained digits network on %s", (board) => {
  let ours: Float32Array;
  let theirs: Float32Array;
  beforeAll(async () => {
    ours = await onBoard(board);
    theirs = await onnxRuntime();
  }, 300_000);

  test("has hundreds of images to prove itself on", () => {
    expect(samples).toBeGreaterThanOrEqual(300);
    expect(ours.length).toBe(samples * CLASSES);
    expect(theirs.length).toBe(samples * CLASSES);
  });

  test("takes every image for the digit that ONNX Runtime takes it for", () => {
    expect(digits(ours)).toEqual(digits(theirs));
  });

  test(`is right about at least ${100 * LEAST_ACCURACY} % of the images`, () => {
    const right = digits(ours).filter((digit, i) => digit === labels[i]).length;
    expect(right / samples).toBeGreaterThanOrEqual(LEAST_ACCURACY);
  });

  test(`gives probabilities within ${LARGEST_ERROR} of ONNX Runtime's`, () => {
    const error = ours.reduce((most, value, i) => Math.max(most, Math.abs(value - theirs[i])), 0);
    expect(error).toBeLessThanOrEqual(LARGEST_ERROR);
    expect(ours.every(Number.isFinite)).toBe(true);
  });
});

/** Scores of all images, from one run of the compiled binary. */
async function onBoard(board: string): Promise<Float32Array> {
  const target = loadTarget(board);
  const quiet = (): void => {};
  const signal = new AbortController().signal;
  const request = { model: MODEL, inputShapes: [], jobs: 2, dumpIr: undefined, signal };
  const bundle = join(folder, board);
  const compiled = await compileToBundle(await readNetwork(request, quiet), target, bundle, request, quiet);
  const program = await buildBinary(compiled, target, bundle, request, quiet);
  const { runner } = await openBoard(board);
  try {
    const inputs = new Map([["x", images]]);
    const result = await runNetwork(program, runner, inputs, { threads: 1, timeoutSeconds: 200 });
    return wanted(result.outputs.get("probabilities")).data;
  } finally {
    await runner.close();
  }
}

/** Scores of all images, one after another: the model takes one at a time. */
async function onnxRuntime(): Promise<Float32Array> {
  const session = await InferenceSession.create(MODEL);
  const scores = new Float32Array(samples * CLASSES);
  const pixels = images.data.length / samples;
  const shape = [1, ...images.shape.slice(1)];
  for (let i = 0; i < samples; i++) {
    const x = new Tensor("float32", images.data.slice(i * pixels, (i + 1) * pixels), shape);
    const { probabilities } = await session.run({ x });
    scores.set(probabilities.data as Float32Array, i * CLASSES);
  }
  return scores;
}

/** The most probable digit of each image. */
function digits(scores: Float32Array): number[] {
  return Array.from({ length: samples }, (_, i) => {
    const row = scores.subarray(i * CLASSES, (i + 1) * CLASSES);
    return row.indexOf(Math.max(...row));
  });
}

function wanted(values: Values | undefined): Values {
  if (values === undefined) throw new Error("the fixture has no such array");
  return values;
}
