// A layer natively: our `host` target and ONNX Runtime, one thread each, in turns.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { exportOnnx } from "../../../dist/frontend/onnx/export.js";
import { loadTarget } from "../../../dist/machine/load.js";
import { makeRng } from "../../../dist/support/rng.js";
import { writeBareConv, writeEmptyModel } from "./bare-conv.mjs";
import { compileLayer } from "./compile-layer.mjs";
import { floatsOf, largestError, median } from "./numbers.mjs";
import { buildOrtRunner, findOrt, openOrt, runOrt } from "./ort.mjs";

const ROUNDS = 9;
/** Of each side in each round. */
const MS = 15;

/** `measure(layer, graph)` for each layer; `note` says what is compared, or why nothing is. */
export async function openHost(folder) {
  const target = loadTarget("host");
  const ort = findOrt();
  if (ort === undefined) {
    const measure = (layer, graph) => measureLayer(folder, target, layer, graph, undefined);
    return { note: "onnxruntime-node is not installed here: no comparison with it", measure };
  }
  const program = buildOrtRunner(folder);
  const runtime = { ...ort, program, call: await timeCall(folder, program, ort.library) };
  return {
    note: `natively: ONNX Runtime ${ort.version}, one thread; a call of it without work, ${runtime.call.toFixed(1)} us, is not counted`,
    measure: (layer, graph) => measureLayer(folder, target, layer, graph, runtime),
  };
}

/** Microseconds of a call that does nothing: handing over tensors, walking a graph of one node. */
async function timeCall(folder, program, library) {
  const file = (name) => join(folder, name);
  writeEmptyModel(file("empty.onnx"));
  writeFileSync(file("one.f32"), new Float32Array(1));
  const session = openOrt(program, library, {
    path: file("empty.onnx"),
    input: { name: "x", shape: [1], file: file("one.f32") },
    output: { name: "y", file: file("empty.f32") },
  });
  const times = [];
  for (let round = 0; round < ROUNDS; round++) times.push(await session.time(MS));
  session.close();
  return median(times);
}

async function measureLayer(parent, target, layer, graph, runtime) {
  const folder = join(parent, `${layer.name}-host`);
  mkdirSync(folder, { recursive: true });
  const input = join(folder, "x.f32");
  const { n, ic, ih, iw } = layer;
  const rng = makeRng(2);
  writeFileSync(
    input,
    Float32Array.from({ length: n * ic * ih * iw }, () => rng.next() * 2 - 1),
  );
  const ours = await compileLayer(join(folder, "bundle"), layer, graph, target);
  if (runtime === undefined) return { host_us: timeOurs(ours) };

  const model = {
    path: join(folder, "layer.onnx"),
    optimized: join(folder, "optimized.onnx"),
    input: { name: "x", shape: [n, ic, ih, iw], file: input },
    output: { name: "y", file: join(folder, "theirs.f32") },
  };
  writeFileSync(model.path, exportOnnx(graph));
  runOrt(runtime.program, runtime.library, model);
  const error = largestError(resultOf(ours, folder, input), floatsOf(readFileSync(model.output.file)));
  return { ...(await compare(ours, layer, folder, model, runtime)), ...error };
}

/** Turns of ours and theirs; the ratio of each turn is its own, so that a slow moment of the machine meets both. */
async function compare(ours, layer, folder, { optimized }, { program, library, call }) {
  const path = join(folder, "bare.onnx");
  const bare = writeBareConv(optimized, path, layer);
  const inputFile = join(folder, "bare-input.f32");
  const rng = makeRng(3);
  const floats = bare.shape.reduce((product, dim) => product * dim, 1);
  writeFileSync(
    inputFile,
    Float32Array.from({ length: floats }, () => rng.next() * 2 - 1),
  );
  const session = openOrt(program, library, {
    path,
    input: { name: bare.input, shape: bare.shape, file: inputFile },
    output: { name: bare.output, file: join(folder, "bare-output.f32") },
  });
  const rounds = [];
  for (let round = 0; round < ROUNDS; round++) {
    const host = timeOurs(ours);
    const theirs = (await session.time(MS)) - call;
    rounds.push({ host, theirs, ratio: theirs / host });
  }
  session.close();
  const middle = (key) => median(rounds.map((round) => round[key]));
  return { host_us: middle("host"), onnxruntime_us: middle("theirs"), host_ratio: middle("ratio") };
}

/** Microseconds of the layer's steps, the least of inferences that go on for MS milliseconds: the machine has other things to do. */
function timeOurs({ program, first, last }) {
  const args = [
    "bench",
    "--layers",
    "--warmup",
    "3",
    "--repeats",
    "5",
    "--min-ms",
    String(MS),
    "--threads",
    "1",
  ];
  const lines = execFileSync(program, args, { encoding: "utf8", maxBuffer: 1 << 28 })
    .trim()
    .split("\n");
  const steps = lines
    .map((line) => JSON.parse(line))
    .filter(({ kind, index }) => kind === "layer" && index >= first && index <= last);
  const sums = steps[0].ns.map((_, i) => steps.reduce((sum, step) => sum + step.ns[i], 0));
  return sums.reduce((least, ns) => Math.min(least, ns)) / 1000;
}

/** What our program makes of the input file. */
function resultOf({ program }, folder, input) {
  const output = join(folder, "ours.f32");
  execFileSync(program, ["run", "--inputs", input, "--outputs", output]);
  return floatsOf(readFileSync(output));
}
