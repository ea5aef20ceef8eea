// One ONNX file for this machine: compiled, run, compared with ONNX Runtime, timed in turns with it; one line of JSON.
//
//     node test/scripts/torchvision/measure.mjs MODEL [--turns N] [--input-shape NAME:DIMS]... [--input-value NAME=NUMBER]...
//
// A process of its own: what it crashes or takes does not touch the other networks'.
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { peakActivations } from "../../../dist/analyze/peak-activations.js";
import { openBoard } from "../../../dist/device/open-board.js";
import { runNetwork } from "../../../dist/driver/run/run-network.js";
import { loadModel, parseInputShapes } from "../../../dist/frontend/load-model.js";
import { parseInputValues } from "../../../dist/frontend/onnx/input-values.js";
import { optimizeGraph } from "../../../dist/graph/optimize-graph.js";
import { planForTarget } from "../../../dist/graph/plan-for-target.js";
import { loadTarget } from "../../../dist/machine/load.js";
import { UserError } from "../../../dist/support/diagnostic.js";
import { makeRng } from "../../../dist/support/rng.js";
import { readMetadata } from "../../../dist/toolchain/compile-bundle.js";
import { compileWhole } from "../bench/compile-whole.mjs";
import { timeOurs } from "../bench/host-network.mjs";
import { largestError, median } from "../bench/numbers.mjs";
import { buildOrtRunner, findOrt, openOrt } from "../bench/ort.mjs";

/** Results smaller than this differ by what the runtime's own functions are off by: its sigmoid by 1e-7. */
const SMALL = 1e-2;
/** Milliseconds of each side in each turn. */
const MS = 600;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    turns: { type: "string", default: "5" },
    "input-shape": { type: "string", multiple: true, default: [] },
    "input-value": { type: "string", multiple: true, default: [] },
  },
});
const [model] = positionals;
const inputShapes = parseInputShapes(values["input-shape"]);
const inputValues = parseInputValues(values["input-value"]);
const folder = mkdtempSync(join(tmpdir(), "tilewright-whole-"));
try {
  console.log(JSON.stringify(await measure()));
} catch (error) {
  const refused = error instanceof UserError;
  const why = refused ? `${error.diagnostic.code}: ${error.message}` : String(error?.stack ?? error);
  console.log(JSON.stringify({ outcome: refused ? "refused" : "crashed", why }));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function measure() {
  const started = performance.now();
  const graph = await loadModel(model, { inputShapes, inputValues });
  const { runner, target } = await openBoard("host");
  const bundle = join(folder, "bundle");
  const { plan, program } = await compileWhole(bundle, graph, target);
  const seconds = (performance.now() - started) / 1000;
  const feeds = new Map(graph.inputs.map((name, i) => [name, feedOf(graph.tensors.get(name), i)]));
  const built = { program, metadata: await readMetadata(bundle) };
  const { outputs } = await runNetwork(built, runner, feeds, { threads: 1, timeoutSeconds: 300 });
  await runner.close();
  const size = { weights: built.metadata.weightBytes, model: statSync(model).size };
  const figures = { nodes: graph.nodes.length, steps: plan.steps.length, seconds, ...size };
  const memory = memoryOf(graph);
  const error = await errorOf(feeds, outputs);
  const right = error < 1e-4;
  const times = Number(values.turns) > 0 ? await timesOf(graph, program, feeds) : {};
  return { outcome: right ? "right" : "wrong", ...figures, memory, error, ...times };
}

/** Bytes of all activations on a board for each that is alive at once. */
function memoryOf(network) {
  const graph = optimizeGraph(network);
  return planForTarget(graph, loadTarget("rpi4")).plan.arenaBytes / peakActivations(graph);
}

/** Numbers as an image has them once it is normalized. */
function feedOf({ shape, dtype = "f32" }, seed) {
  const rng = makeRng(seed + 2);
  const count = shape.reduce((product, dim) => product * dim, 1);
  if (dtype !== "f32") throw new Error(`an input of ${dtype} is not fed yet`);
  return { shape, data: Float32Array.from({ length: count }, () => rng.next() * 4 - 2) };
}

/** Largest difference of any output, in parts of its largest value. */
async function errorOf(feeds, outputs) {
  const session = await InferenceSession.create(model, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  const given = [...feeds].map(([name, { shape, data }]) => [name, new Tensor("float32", data, shape)]);
  const expected = await session.run(Object.fromEntries([...given, ...alwaysGiven()]));
  const errors = [...outputs].map(([name, { data }]) => {
    const theirs = Float32Array.from(expected[name].data, Number);
    const { max_abs_error: error } = largestError(data, theirs);
    return error / theirs.reduce((most, value) => Math.max(most, Math.abs(value)), SMALL);
  });
  await session.release();
  return Math.max(...errors);
}

/** Inputs that always hold the same, for the runtime: whole numbers, such as a sample rate. */
function alwaysGiven() {
  const whole = (always) => new Tensor("int64", BigInt64Array.from(always, BigInt), []);
  return Object.entries(inputValues).map(([name, always]) => [name, whole(always)]);
}

/** Milliseconds of an inference on one thread, each the median of turns; the runtime's through its C API, where a network has one input. */
async function timesOf(graph, program, feeds) {
  const ort = findOrt();
  const [[name, { shape, data }]] = feeds;
  const comparable = ort !== undefined && feeds.size === 1 && alwaysGiven().length === 0;
  const input = { name, shape, file: join(folder, "x.f32") };
  const output = { name: graph.outputs[0], file: join(folder, "y.f32") };
  writeFileSync(input.file, data);
  const session = comparable && openOrt(buildOrtRunner(folder), ort.library, { path: model, input, output });
  const turns = [];
  for (let turn = 0; turn < Number(values.turns); turn++)
    turns.push({
      ours: timeOurs(program, 1, MS) / 1000,
      theirs: session ? (await session.time(MS)) / 1000 : Number.NaN,
    });
  if (session) session.close();
  const ours = median(turns.map((turn) => turn.ours));
  if (!session) return { ours };
  return {
    ours,
    theirs: median(turns.map((turn) => turn.theirs)),
    ratio: median(turns.map((turn) => turn.theirs / turn.ours)),
  };
}
