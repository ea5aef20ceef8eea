import { setImmediate } from "node:timers/promises";
import { onnxModelOf } from "../../frontend/onnx/export.ts";
import { importOnnx } from "../../frontend/onnx/import.ts";
import type { OnnxModel } from "../../frontend/onnx/model.ts";
import { encodeModel } from "../../frontend/onnx/protobuf.ts";
import { quantizeModel, type WeightRange } from "../../frontend/onnx/quantize-model.ts";
import type { Range } from "../../frontend/onnx/quantized-tensors.ts";
import { shapeOf } from "../../graph/extents.ts";
import type { Graph, GraphNode } from "../../graph/graph.ts";
import { has } from "../../graph/node-traits.ts";
import { foldBatchNorm } from "../../graph/passes/fold-batch-norm.ts";
import { foldConstants } from "../../graph/passes/fold-constants.ts";
import { invariant } from "../../support/assert.ts";
import { referenceNodes, type TensorData } from "../../verify/reference.ts";
import { type OutputChange, outputChange } from "./output-change.ts";
import { notFinite, nothingToQuantize, notWritten } from "./quantize-failures.ts";

/** Contents of a network's inputs, by name: one sample. */
export type Sample = Readonly<Record<string, Float32Array>>;

export interface QuantizedNetwork {
  /** An ONNX file. */
  readonly onnx: Uint8Array;
  readonly layers: readonly string[];
  /** Convolutions and dense layers that stay in floats: of constants, and some with one channel in each group. */
  readonly kept: readonly string[];
  readonly samples: number;
  readonly outputs: readonly OutputChange[];
}

/**
 * Post-training static quantization of a network's convolutions and dense layers: maps in uint8, asymmetric, between the least and the
 * greatest number that the samples make (min-max calibration); weights in int8, symmetric, by output channel; bias in int32. Batch norms are
 * folded first, all else stays as it was read.
 * @param samples one at least
 * @param report is told what is done
 * Throws C390 where there is no layer for it, C391 for what cannot be written as ONNX, C392 for samples that make no finite numbers.
 */
export async function quantizeNetwork(
  model: Graph,
  samples: readonly Sample[],
  report: (text: string) => void,
  { signal, ...range }: { readonly signal?: AbortSignal | undefined } & WeightRange = {},
): Promise<QuantizedNetwork> {
  invariant(samples.length > 0, "a network is quantized from samples");
  const graph = foldBatchNorm(foldConstants(model));
  const linear = graph.nodes.filter(({ op }) => has(op, "linear"));
  const layers = linear.filter((node) => isQuantized(graph, node));
  if (layers.length === 0) throw nothingToQuantize(graph);
  const written = writtenAgain(graph);
  const breathe = openBreath(signal);
  const ranges = new Map<string, Range>(layers.map(({ name }) => [name, { min: 0, max: 0 }]));
  const floats: TensorData[] = [];
  for (const [i, sample] of samples.entries()) {
    report(`sample ${i + 1} of ${samples.length}`);
    const all = await run(graph, sample, breathe);
    for (const { name, inputs } of layers) {
      const range = widened(ranges.get(name), all.get(inputs[0]));
      if (range === undefined) throw notFinite(graph, name, i);
      ranges.set(name, range);
    }
    floats.push(outputsOf(graph, all));
  }
  const onnx = encodeModel(quantizeModel(written, ranges, range));
  const quantized = readAgain(graph, onnx);
  const changed: TensorData[] = [];
  for (const [i, sample] of samples.entries()) {
    report(`sample ${i + 1} of ${samples.length}, quantized`);
    changed.push(outputsOf(graph, await run(quantized, sample, breathe)));
  }
  const outputs = graph.outputs.map((output) => {
    const [before, after] = [floats, changed].map((runs) => runs.map((values) => values.get(output) ?? NONE));
    return outputChange(output, shapeOf(graph, output), before, after);
  });
  const kept = linear.filter((node) => !layers.includes(node)).map(({ name }) => name);
  return { onnx, layers: [...ranges.keys()], kept, samples: samples.length, outputs };
}

const NONE = new Float32Array();
/** How long a display and an interruption may wait. */
const BREATH_MS = 100;

/** Lets a display draw and an interruption through, where the last time is long enough ago. */
function openBreath(signal: AbortSignal | undefined): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < BREATH_MS) return;
    await setImmediate();
    signal?.throwIfAborted();
    last = performance.now();
  };
}

async function run(graph: Graph, sample: Sample, breathe: () => Promise<void>): Promise<TensorData> {
  const nodes = referenceNodes(graph, sample);
  for (;;) {
    const { done, value } = nodes.next();
    if (done) return value;
    await breathe();
  }
}

/** A graph as an ONNX model, which can be read again. Throws C391. */
function writtenAgain(graph: Graph): OnnxModel {
  const model = onnxModelOf(graph);
  readAgain(graph, encodeModel(model));
  return model;
}

/** What a graph was written as. Throws C391. */
function readAgain(graph: Graph, onnx: Uint8Array): Graph {
  try {
    return importOnnx(onnx);
  } catch (error) {
    throw notWritten(graph, error);
  }
}

/**
 * Layers whose map is computed. One that treats each channel alone has few products, for which a map is not rounded by a layer of its own: it is
 * where sums are stored, with or without bounds.
 */
function isQuantized(graph: Graph, { inputs: [x, w] }: GraphNode): boolean {
  const [, channels] = shapeOf(graph, w);
  return graph.tensors.get(x)?.data === undefined && (channels > 1 || isOfSums(graph, x));
}

function isOfSums({ nodes }: Graph, tensor: string): boolean {
  const makerOf = (name: string): GraphNode | undefined => nodes.find(({ output }) => output === name);
  const maker = makerOf(tensor);
  const before = maker?.op.kind === "clamp" ? makerOf(maker.inputs[0]) : maker;
  return before !== undefined && has(before.op, "linear");
}

/** Undefined where a number is not finite, or what lies between two is not. */
function widened({ min, max }: Range = { min: 0, max: 0 }, data: Float32Array = NONE): Range | undefined {
  for (const v of data) {
    if (!Number.isFinite(v)) return undefined;
    if (v < min) min = v;
    else if (v > max) max = v;
  }
  return Number.isFinite(Math.fround(max - min)) ? { min, max } : undefined;
}

function outputsOf({ outputs }: Graph, all: TensorData): TensorData {
  return new Map(outputs.map((name) => [name, all.get(name) ?? NONE]));
}
