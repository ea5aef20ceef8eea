import { classNames, unreadableLabels, withTopK } from "../frontend/answers.ts";
import { type FrameOptions, withFrames } from "../frontend/frames.ts";
import { readModel } from "../frontend/load-model.ts";
import { parseInputShapes } from "../frontend/onnx/input-shapes.ts";
import { parseInputValues } from "../frontend/onnx/input-values.ts";
import type { Graph } from "../graph/graph.ts";
import { readTextFile } from "../support/read-text-file.ts";
import type { Say } from "./progress.ts";

/** How a model is read: what its inputs and outputs are to be. */
export interface Reading {
  /** As `NAME:N,C,H,W`, for inputs whose shape the file leaves open. */
  readonly inputShapes: readonly string[];
  /** As `NAME=NUMBER,...`, for inputs that always are the same. */
  readonly inputValues?: readonly string[] | undefined;
  /** What is given in place of images. */
  readonly frames?: FrameOptions | undefined;
  /** So many of the greatest scores for all of them. */
  readonly topK?: number | undefined;
  /** A file of the names of its classes. */
  readonly labels?: string | undefined;
}

export interface ModelRequest extends Reading {
  /** Path of an ONNX or TensorFlow Lite file, or `zoo:NAME`. */
  readonly model: string;
}

export interface Network {
  readonly graph: Graph;
  /** Hex sha256 of the model file. */
  readonly sha256: string;
  /** Names of its classes. */
  readonly labels?: readonly string[];
}

/** Reads the model. Throws F codes, C381, C382 and C386. */
export async function readNetwork(request: ModelRequest, say: Say): Promise<Network> {
  const inputShapes = parseInputShapes(request.inputShapes);
  const { graph: model, sha256 } = await readModel(request.model, {
    inputShapes,
    inputValues: parseInputValues(request.inputValues ?? []),
  });
  say(`${model.nodes.length} nodes`);
  const given = request.frames === undefined ? model : withFrames(model, request.frames);
  const graph = request.topK === undefined ? given : withTopK(given, request.topK);
  const labels = await readLabels(model, request.labels);
  return { graph, sha256, ...(labels && { labels }) };
}

const MOST_LABEL_BYTES = 2 ** 24;

/** Throws C386 and what classNames throws. */
async function readLabels(model: Graph, file: string | undefined): Promise<readonly string[] | undefined> {
  if (file === undefined) return undefined;
  const text = await readTextFile(file, MOST_LABEL_BYTES).catch((error: unknown) => {
    throw unreadableLabels(file, error);
  });
  return classNames(model, text, file);
}
