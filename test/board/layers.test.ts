import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { CompileOptions } from "../../compiler/driver/compile-network.ts";
import type { Numerics } from "../../compiler/ops/numerics.ts";
import { makeRng } from "../../compiler/support/rng.ts";
import { runReference } from "../../compiler/verify/reference.ts";
import { simulatePlan } from "../../compiler/verify/simulate-plan.ts";
import { graphBuilder, randomInputs } from "../graph/graph-builder.ts";
import { sample } from "../support/amount.ts";
import { bothBounds, carriedBounds, difference } from "../verify/differences.ts";
import { anyKnobs } from "./any-knobs.ts";
import { runCompiled, runOnnxRuntime } from "./compare-runs.ts";
import {
  addLayer,
  evenLayers,
  layerText,
  oddLayers,
  type RandomLayer,
  randomLayer,
  splitLayers,
} from "./random-layer.ts";

/** PROPERTY_RUNS=n tries more layers, PROPERTY_SEED=n begins with another: each layer has a seed of its own. */
const RUNS = process.env.PROPERTY_RUNS === undefined ? undefined : Number(process.env.PROPERTY_RUNS);
const SEED = Number(process.env.PROPERTY_SEED ?? 1);
/** Layers compiled as one program. */
const TOGETHER = 50;

const folder = mkdtempSync(join(tmpdir(), "tilewright-layers-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each([
  { board: "host", layers: RUNS ?? 4 },
  { board: "qemu-rpi4", layers: Math.min(RUNS ?? 6, 300) },
  { board: "qemu-rpi3", layers: Math.min(RUNS ?? 4, 300) },
  { board: "qemu-rpi2", layers: Math.min(RUNS ?? 2, 300) },
])("random layers on $board agree with ONNX Runtime and with their kernels in Node", ({ board, layers }) => {
  const seeds = Array.from({ length: layers }, (_, i) => SEED + i);
  const programs = seeds.filter((_, i) => i % TOGETHER === 0);
  test.each(programs)(
    "from seed %i",
    async (first) => {
      const ours = seeds.filter((seed) => seed >= first && seed < first + TOGETHER);
      const wrong = await wrongLayers(board, ours.map(randomLayer));
      expect(wrong, "one alone: PROPERTY_RUNS=1 PROPERTY_SEED=<number of the layer>").toEqual([]);
    },
    300_000,
  );
});

const BOARDS = RUNS === undefined ? ["qemu-rpi4"] : ["host", "qemu-rpi4"];
test.each([...BOARDS, ...(RUNS === undefined ? [] : ["qemu-rpi2"])])(
  "odd layers agree with ONNX Runtime on %s",
  async (board) => {
    const layers = [...oddLayers(), ...splitLayers()];
    expect(await wrongLayers(board, RUNS === undefined ? sample(layers, 3) : layers)).toEqual([]);
  },
);

test.each(BOARDS)("where numerics are close, layers round as plain sums do on %s", async (board) => {
  expect(
    await wrongLayers(board, [...evenLayers(), ...(RUNS === undefined ? [] : splitLayers())], "close"),
  ).toEqual([]);
});

test.each([...BOARDS, "qemu-rpi3", "qemu-rpi2"])(
  "whatever tiles are taken of those offered, layers are right on %s",
  async (board) => {
    const layers = Array.from({ length: Math.min(RUNS ?? 5, TOGETHER) }, (_, i) => randomLayer(SEED + i));
    expect(await wrongLayers(board, layers, "fast", anyKnobs(makeRng(SEED)))).toEqual([]);
  },
  300_000,
);

/** What is wrong with these layers on a board, in words. */
async function wrongLayers(
  board: string,
  layers: readonly RandomLayer[],
  numerics: Numerics = "fast",
  search?: CompileOptions["search"],
): Promise<string[]> {
  const [{ seed }] = layers;
  const g = graphBuilder(makeRng(seed));
  const outputs = layers.map((layer) => addLayer(g, layer));
  const graph = g.finish(outputs);
  const inputs = randomInputs(graph, makeRng(seed + 1));
  const { plan, values } = await runCompiled(graph, board, join(folder, `${board}-${seed}`), inputs, {
    numerics,
    ...(search && { search }),
  });
  const theirs = await runOnnxRuntime(graph, inputs);
  const operators = runReference(graph, inputs);
  const kernels = simulatePlan(
    plan,
    graph.inputs.map((name) => inputs[name]),
  );
  const ours = carriedBounds(graph, inputs, plan);
  const plain = carriedBounds(graph, inputs);
  if (numerics === "close") expect(plan.steps.map(({ task }) => task.op)).toContain("winograd2");
  return layers.flatMap((layer, i) => {
    const name = outputs[i];
    const actual = values.get(name);
    const bounds = ours.get(name);
    return [
      ...difference("ONNX Runtime", theirs.get(name), actual, bothBounds(bounds, plain.get(name))),
      ...difference("the operator in Node", operators.get(name), actual, bounds),
      ...difference("its kernel in Node", kernels.outputs[i], actual, bothBounds(bounds, bounds)),
    ].map((text) => `${layerText(layer)}: ${text}`);
  });
}
