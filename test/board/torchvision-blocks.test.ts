import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { afterAll, expect, test } from "vitest";
import { importOnnx } from "../../compiler/frontend/onnx/import.ts";
import { makeRng } from "../../compiler/support/rng.ts";
import { LONG } from "../support/amount.ts";
import { runCompiled } from "./compare-runs.ts";
import { joinGraphs, wrongOutputs } from "./operator-models.ts";

// One block or head of each kind of torchvision's networks, as PyTorch exports it (test/scripts/torchvision/blocks.py).

const FOLDER = new URL("../fixtures/torchvision/blocks/", import.meta.url);
const BLOCKS = readdirSync(FOLDER).map((file) => ({
  name: file.replace(".onnx", ""),
  bytes: readFileSync(new URL(file, FOLDER)),
}));
/** All as one network. */
const graph = joinGraphs(BLOCKS.map(({ name, bytes }) => [name, importOnnx(bytes)]));
const rng = makeRng(8);
const inputs = Object.fromEntries(
  graph.inputs.map((name) => {
    const count = (graph.tensors.get(name)?.shape ?? []).reduce((product, d) => product * d, 1);
    return [name, Float32Array.from({ length: count }, () => rng.normal())];
  }),
);
const folder = mkdtempSync(join(tmpdir(), "tilewright-blocks-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What ONNX Runtime makes of each file. */
async function expectedResults(): Promise<ReadonlyMap<string, Float32Array>> {
  const found = new Map<string, Float32Array>();
  for (const { name, bytes } of BLOCKS) {
    const session = await InferenceSession.create(bytes, { logSeverityLevel: 3 });
    const [input] = session.inputNames;
    const from = `${name}:${input}`;
    const x = new Tensor("float32", inputs[from], [...(graph.tensors.get(from)?.shape ?? [])]);
    for (const [output, { data }] of Object.entries(await session.run({ [input]: x }))) {
      found.set(`${name}:${output}`, (data as Float32Array).slice());
    }
    await session.release();
  }
  return found;
}

test("there is one of each kind", () => {
  expect(BLOCKS.map(({ name }) => name).sort()).toEqual([
    ...["convnext_block", "deeplab_head", "lraspp_head", "ssd_head", "swin_block", "vit_block"],
  ]);
});

test.each(LONG ? ["host", "qemu-rpi4", "qemu-rpi2"] : ["qemu-rpi4"])(
  "agree with ONNX Runtime on %s",
  async (board) => {
    const expected = await expectedResults();
    const { values } = await runCompiled(graph, board, join(folder, board), inputs);
    expect(expected.size).toBe(graph.outputs.length);
    expect(wrongOutputs(values, expected)).toEqual([]);
  },
  300_000,
);
