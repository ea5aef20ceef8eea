import { onnxModelOf } from "../../frontend/onnx/export.ts";
import { importOnnx } from "../../frontend/onnx/import.ts";
import { encodeModel } from "../../frontend/onnx/protobuf.ts";
import { quantizeModel } from "../../frontend/onnx/quantize-model.ts";
import type { Range } from "../../frontend/onnx/quantized-tensors.ts";
import { shapeOf } from "../../graph/extents.ts";
import type { Graph, GraphNode } from "../../graph/graph.ts";
import { has } from "../../graph/node-traits.ts";
import { foldBatchNorm } from "../../graph/passes/fold-batch-norm.ts";
import { foldConstants } from "../../graph/passes/fold-constants.ts";
import { UserError } from "../../support/diagnostic.ts";
import { runReference } from "../../verify/reference.ts";

/** Contents of a network's inputs, by name: one sample. */
export type Sample = Readonly<Record<string, Float32Array>>;

/** How an output of the quantized network compares with that of floats, over all samples. */
export interface OutputChange {
  readonly output: string;
  /** The largest difference, and the part of what the output ranges over that it is. */
  readonly largest: number;
  readonly ofRange: number;
  /** Of rows of scores: samples whose largest score is of the same class. */
  readonly agree?: number;
}

export interface QuantizedNetwork {
  /** An ONNX file. */
  readonly onnx: Uint8Array;
  readonly layers: readonly string[];
  /** Convolutions and dense layers that stay as they are: with one channel in each group. */
  readonly kept: readonly string[];
  readonly samples: number;
  readonly outputs: readonly OutputChange[];
}

/**
 * A network with quantized layers: maps in uint8 between the least and the greatest number that the samples make, weights in int8 by
 * output channel. Batch norms are folded first. `report` is told what is done. Throws C390 where there is no layer for it.
 */
export async function quantizeNetwork(
  model: Graph,
  samples: readonly Sample[],
  report: (text: string) => void,
  signal?: AbortSignal,
): Promise<QuantizedNetwork> {
  const graph = foldBatchNorm(foldConstants(model));
  const linear = graph.nodes.filter(({ op }) => has(op, "linear"));
  const layers = linear.filter((node) => isQuantized(graph, node));
  if (layers.length === 0) throw nothingToQuantize(graph);
  const ranges = new Map<string, Range>(layers.map(({ name }) => [name, { least: 0, most: 0 }]));
  const floats: ReadonlyMap<string, Float32Array>[] = [];
  for (const [i, sample] of samples.entries()) {
    report(`sample ${i + 1} of ${samples.length}`);
    await pause();
    signal?.throwIfAborted();
    const all = runReference(graph, sample);
    for (const { name, inputs } of layers) ranges.set(name, widened(ranges.get(name), all.get(inputs[0])));
    floats.push(outputsOf(graph, all));
  }
  const onnx = encodeModel(quantizeModel(onnxModelOf(graph), ranges));
  const written = importOnnx(onnx);
  const changes: ReadonlyMap<string, Float32Array>[] = [];
  for (const [i, sample] of samples.entries()) {
    report(`sample ${i + 1} of ${samples.length}, quantized`);
    await pause();
    signal?.throwIfAborted();
    changes.push(outputsOf(graph, runReference(written, sample)));
  }
  const outputs = graph.outputs.map((output) =>
    changeOf(
      output,
      shapeOf(graph, output),
      (of) => of.map((values) => values.get(output) ?? NONE),
      floats,
      changes,
    ),
  );
  const kept = linear.filter((node) => !layers.includes(node)).map(({ name }) => name);
  return { onnx, layers: [...ranges.keys()], kept, samples: samples.length, outputs };
}

const NONE = new Float32Array();

/** Lets a display draw, and an interruption through. */
function pause(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Layers that sum over several channels: of one a sum is short, and rounding what it reads costs more than it saves. */
function isQuantized(graph: Graph, { inputs }: GraphNode): boolean {
  const [, channels] = shapeOf(graph, inputs[1]);
  return channels > 1 && graph.tensors.get(inputs[0])?.data === undefined;
}

function widened({ least, most }: Range = { least: 0, most: 0 }, data: Float32Array = NONE): Range {
  const finite = data.filter(Number.isFinite);
  return {
    least: finite.reduce((a, b) => Math.min(a, b), least),
    most: finite.reduce((a, b) => Math.max(a, b), most),
  };
}

function outputsOf(
  { outputs }: Graph,
  all: ReadonlyMap<string, Float32Array>,
): ReadonlyMap<string, Float32Array> {
  return new Map(outputs.map((name) => [name, all.get(name) ?? NONE]));
}

type Runs = readonly ReadonlyMap<string, Float32Array>[];

function changeOf(
  output: string,
  shape: readonly number[],
  of: (runs: Runs) => readonly Float32Array[],
  floats: Runs,
  quantized: Runs,
): OutputChange {
  const [before, after] = [of(floats), of(quantized)];
  const { least, most } = before.reduce(widened, {
    least: Number.POSITIVE_INFINITY,
    most: Number.NEGATIVE_INFINITY,
  });
  const largest = Math.max(
    ...before.map((data, i) =>
      data.reduce((a, v, at) => Math.max(a, Math.abs(v - (after[i]?.[at] ?? Number.NaN))), 0),
    ),
  );
  const isScores = shape.length === 2 && shape[0] === 1 && shape[1] > 1;
  const agree = before.filter((data, i) => best(data) === best(after[i] ?? NONE)).length;
  return {
    output,
    largest,
    ofRange: most > least ? largest / (most - least) : 0,
    ...(isScores && { agree }),
  };
}

function best(scores: Float32Array): number {
  return scores.indexOf(Math.max(...scores));
}

function nothingToQuantize({ name }: Graph): UserError {
  return new UserError({
    code: "C390",
    exit: "unsupportedModel",
    title: `\`${name}\` has no layer to quantize`,
    why: "what is quantized are convolutions and dense layers whose weights the file holds, with several channels in a group",
    help: ["`tilewright inspect` shows what its nodes become"],
  });
}
