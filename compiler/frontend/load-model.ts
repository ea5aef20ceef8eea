import { readFile, stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import type { Graph } from "../graph/graph.ts";
import { UserError } from "../support/diagnostic.ts";
import { contentKey, sha256 } from "../support/stable.ts";
import { didYouMean } from "../support/text.ts";
import type { ImportOptions, ReadModel } from "./onnx/import.ts";
import type { InputShapes } from "./onnx/input-shapes.ts";
import type { InputValues } from "./onnx/input-values.ts";
import type { ZooOptions } from "./zoo/index.ts";

export { parseInputShapes } from "./onnx/input-shapes.ts";
export { parseInputValues } from "./onnx/input-values.ts";

export interface LoadOptions {
  /** By input name; needed where an ONNX file leaves shapes open. For the zoo, input `input` of shape [1, 3, S, S]. */
  readonly inputShapes?: InputShapes;
  /** By input name; of an ONNX file. */
  readonly inputValues?: InputValues;
  /** Grouping, size and seed of a zoo network. */
  readonly zoo?: ZooOptions;
}
export interface LoadedModel {
  readonly graph: Graph;
  /** Hex sha256 of the file; for zoo networks of what was asked for. */
  readonly sha256: string;
}

/**
 * The network a user names: a path of an ONNX or TensorFlow Lite file, or `zoo:NAME`, where NAME may carry a grouping and an input size:
 * `zoo:resnet34-g4@64`, `zoo:mobilenet-v1-G8`. Errors: F1xx of the importers, F201 no such file, F202 and F203 zoo (and F118),
 * F204 unreadable file. protobufjs is loaded only for files.
 */
export async function loadModel(spec: string, options: LoadOptions = {}): Promise<Graph> {
  return (await readModel(spec, options)).graph;
}

/** loadModel(), with the content key of the model. */
export async function readModel(spec: string, options: LoadOptions = {}): Promise<LoadedModel> {
  return spec.startsWith("zoo:") ? buildZoo(spec.slice(4), options) : readFileModel(spec, options);
}

async function buildZoo(name: string, options: LoadOptions): Promise<LoadedModel> {
  const { findZooNetwork, parseZooName, zooInputSize } = await import("./zoo/index.ts");
  const parsed = parseZooName(name);
  const [given] = Object.keys(options.inputValues ?? {});
  if (given !== undefined) {
    const { badInputValue } = await import("./onnx/errors.ts");
    throw badInputValue(
      `input \`${given}\` cannot be given`,
      "the zoo's networks take images, and nothing else",
      [],
    );
  }
  const size = zooInputSize(parsed.network, options.inputShapes ?? {});
  const zoo: ZooOptions = {
    ...parsed.options,
    ...options.zoo,
    ...(size === undefined ? {} : { inputSize: size }),
  };
  const graph = findZooNetwork(parsed.network).build(zoo);
  return { graph, sha256: contentKey({ zoo: parsed.network, options: zoo }) };
}

/** A model's nodes and what becomes of them, compiled or not; a network of the zoo as the file it would be exported to. */
export async function readNodes(spec: string, options: LoadOptions = {}): Promise<ReadModel> {
  const { inputShapes = {}, inputValues = {} } = options;
  const { readOnnx } = await import("./onnx/import.ts");
  if (!spec.startsWith("zoo:")) {
    const { name, bytes } = await readBytes(spec);
    return readNetwork(spec, bytes, { name, baseDir: dirname(spec), inputShapes, inputValues });
  }
  const { exportOnnx } = await import("./onnx/export.ts");
  return readOnnx(exportOnnx(await loadModel(spec, options)), { name: spec.slice(4) });
}

async function readFileModel(path: string, options: LoadOptions): Promise<LoadedModel> {
  const { name, bytes } = await readBytes(path);
  const { inputShapes = {}, inputValues = {} } = options;
  const read = await readNetwork(path, bytes, { name, baseDir: dirname(path), inputShapes, inputValues });
  return { graph: read.finish(), sha256: sha256(bytes) };
}

/** A file of one of the formats that are read: its first bytes say which, or its name does. */
async function readNetwork(path: string, bytes: Uint8Array, options: ImportOptions): Promise<ReadModel> {
  const { readDecoded, readOnnx } = await import("./onnx/import.ts");
  const { isTflite } = await import("./tflite/model.ts");
  if (!isTflite(bytes) && !isTfliteName(path)) return readOnnx(bytes, options);
  const { tfliteToOnnx } = await import("./tflite/to-onnx.ts");
  return readDecoded(tfliteToOnnx(bytes), options);
}

async function readBytes(path: string): Promise<{ readonly name: string; readonly bytes: Uint8Array }> {
  const { MAX_MODEL_BYTES } = await import("./onnx/import.ts");
  const { fileTooLarge } = await import("./onnx/errors.ts");
  const name = basename(path).replace(/\.(onnx|tflite)$/i, "");
  const size = await fileSize(path);
  if (size > MAX_MODEL_BYTES) throw fileTooLarge(basename(path), size, MAX_MODEL_BYTES);
  const bytes = await readFile(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  return { name, bytes };
}

export function isTfliteName(path: string): boolean {
  return /\.tflite$/i.test(path);
}

async function fileSize(path: string): Promise<number> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") throw noSuchFile(path);
    throw unreadable(path, error);
  });
  if (!found.isFile()) throw unreadable(path, "it is not a file");
  return found.size;
}

function noSuchFile(path: string): UserError {
  const known = ["resnext50", "mobilenet-v1", "resnet34", "wrn-40-2", "shufflenet-v1"];
  const close = didYouMean(basename(path), known);
  return new UserError({
    code: "F201",
    exit: "badModel",
    title: `there is no model file \`${path}\``,
    help: [
      close === undefined
        ? "give the path of an ONNX or TensorFlow Lite file, or zoo:NAME"
        : `did you mean \`zoo:${close}\`?`,
    ],
  });
}

function unreadable(path: string, cause: unknown): UserError {
  const why =
    cause instanceof Error ? ((cause as NodeJS.ErrnoException).code ?? cause.message) : String(cause);
  return new UserError(
    { code: "F204", exit: "badModel", title: `model \`${path}\` cannot be read`, why },
    { cause },
  );
}
