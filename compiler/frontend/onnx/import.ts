import type { Graph } from "../../graph/graph.ts";
import { dataTypeUnsupported, fileTooLarge, noInput, opsetOutside, unsupportedOperators } from "./errors.ts";
import { finishGraph } from "./finish.ts";
import { functionKey, importNode } from "./import-node.ts";
import { define, type ImportState, makeState, readConstant } from "./import-state.ts";
import { type InputShapes, resolveInputShapes } from "./input-shapes.ts";
import { type InputValues, knownInputs } from "./input-values.ts";
import { checkCounts } from "./limits.ts";
import type { OnnxGraph, OnnxModel, OnnxTensor } from "./model.ts";
import { orderNodes } from "./order-nodes.ts";
import { callerTypeOf } from "./port-types.ts";
import { decodeModel, MAX_MODEL_BYTES } from "./protobuf.ts";
import { DATA_TYPES } from "./schema.ts";
import { isIntegerType } from "./tensor-data.ts";
import { wholeInput } from "./whole.ts";

export { listSupportedOps } from "./operators/index.ts";
export { MAX_MODEL_BYTES } from "./protobuf.ts";

/** Operator sets that signatures.ts knows (ONNX 1.23 = opset 28). */
const OLDEST_OPSET = 1;
const NEWEST_OPSET = 28;

export interface ImportOptions {
  /** Names the network in messages and generated code; the file's graph name when absent. */
  readonly name?: string;
  /** By input name; needed where the file's shapes are dynamic. */
  readonly inputShapes?: InputShapes;
  /** Inputs that always have the same values: they are no inputs of the graph. */
  readonly inputValues?: InputValues;
  /** Folder of the file: external data is read from it and from nowhere else. */
  readonly baseDir?: string;
}

/**
 * An ONNX file as a graph: static shapes inferred, constants folded, every node one of our kinds; tensors and nodes keep
 * their ONNX names. Nothing is fused here. Errors: F101-F117, see errors.ts.
 */
export function importOnnx(bytes: Uint8Array, options: ImportOptions = {}): Graph {
  return readOnnx(bytes, options).finish();
}

/** A file whose nodes have been looked at, one after another. */
export interface ReadModel {
  readonly name: string;
  readonly model: OnnxModel;
  readonly state: ImportState;
  readonly inputs: readonly string[];
  /** The graph; throws F104 where nodes cannot be compiled. */
  readonly finish: () => Graph;
}

/** importOnnx(), with what became of each node of the file, where the network cannot be compiled, too. */
export function readOnnx(bytes: Uint8Array, options: ImportOptions = {}): ReadModel {
  const label = options.name ?? "model";
  if (bytes.length > MAX_MODEL_BYTES) throw fileTooLarge(label, bytes.length, MAX_MODEL_BYTES);
  return readDecoded(decodeModel(bytes, label), options);
}

/** The same of a file as decoded, or of what was made of another format. */
export function readDecoded(model: OnnxModel, options: ImportOptions = {}): ReadModel {
  const graph = model.graph ?? {};
  const name = options.name ?? (graph.name || "network");
  checkCounts(name, graph);
  const nodes = orderNodes(graph);
  const live = { ...graph, node: nodes };
  const state = makeState(live, readOpset(model, name), functionsOf(model), options.baseDir);
  const inputs = defineInputs(state, live, name, options);
  for (const node of nodes) importNode(state, node);
  const outputs = (graph.output ?? []).map((output) => output.name ?? "");
  const finish = (): Graph => {
    refuse(state, name);
    return finishGraph(state, name, inputs, outputs, doublesOf(graph));
  };
  return { name, model, state, inputs, finish };
}

/** Outputs that the file declares as doubles. */
function doublesOf(graph: OnnxGraph): ReadonlySet<string> {
  const doubles = (graph.output ?? []).filter(
    ({ type }) => DATA_TYPES[type?.tensorType?.elemType ?? 0] === "float64",
  );
  return new Set(doubles.map(({ name = "" }) => name));
}

function refuse({ records, opset }: ImportState, name: string): void {
  const refused = records.filter(({ outcome }) => outcome === "refused");
  if (refused.length === 0) return;
  const behind = records.filter(({ outcome }) => outcome === "behind");
  const items = refused.map(({ name: node, node: { domain = "", opType = "" }, why = "" }) => ({
    node,
    operator: `${domain === "" || domain === "ai.onnx" ? "" : `${domain}.`}${opType}`,
    why,
  }));
  throw unsupportedOperators(name, opset, items, behind.length);
}

function readOpset(model: OnnxModel, name: string): number {
  const named = (model.opsetImport ?? []).filter((set) => !set.domain || set.domain === "ai.onnx");
  const versions = [...new Set(named.map((set) => set.version ?? 0))];
  const [version] = versions;
  if (version === undefined)
    throw opsetOutside(name, "it names no ai.onnx opset", OLDEST_OPSET, NEWEST_OPSET);
  if (versions.length > 1)
    throw opsetOutside(name, `it uses opsets ${versions.join(" and ")} at once`, OLDEST_OPSET, NEWEST_OPSET);
  if (version < OLDEST_OPSET || version > NEWEST_OPSET) {
    throw opsetOutside(name, `it uses opset ${version}`, OLDEST_OPSET, NEWEST_OPSET);
  }
  return version;
}

/** Functions that the file defines: they go before operators of their name. */
function functionsOf(model: OnnxModel): ReadonlySet<string> {
  return new Set((model.functions ?? []).map(({ domain, name }) => functionKey(domain, name)));
}

/** Initializers become constants; the other inputs (old files list initializers among them) become tensors. */
function defineInputs(
  state: ImportState,
  graph: OnnxGraph,
  name: string,
  { inputShapes = {}, inputValues = {} }: ImportOptions,
): readonly string[] {
  const [sparse] = graph.sparseInitializer ?? [];
  if (sparse !== undefined)
    throw dataTypeUnsupported(
      `\`${sparse.values?.name ?? ""}\``,
      "sparse tensor",
      "export the model with dense weights",
    );
  const initializers = graph.initializer ?? [];
  for (const tensor of initializers) {
    const tensorName = tensor.name ?? "";
    if (isRead(state, tensor)) define(state, tensorName, readConstant(state, tensor, tensorName));
  }
  const constant = new Set(initializers.map((tensor) => tensor.name));
  const declared = (graph.input ?? []).filter((input) => !constant.has(input.name));
  for (const value of knownInputs(name, declared, inputValues)) define(state, value.name, value);
  const inputs = declared.filter(({ name: input = "" }) => !Object.hasOwn(inputValues, input));
  const shapes = resolveInputShapes(name, inputs, inputShapes);
  for (const [input, { shape, type }] of shapes) {
    const held = callerTypeOf(type);
    const whole = isIntegerType(type) ? wholeInput(type) : undefined;
    define(state, input, { kind: "tensor", name: input, shape, ...(whole && { whole }) });
    state.tensors.set(input, { name: input, shape, ...(held && { type: held }) });
  }
  if (shapes.size === 0) throw noInput(name);
  return [...shapes.keys()];
}

/** What no node that counts reads may be of any type. */
function isRead(state: ImportState, { name }: OnnxTensor): boolean {
  return (state.uses.get(name ?? "") ?? 0) > 0;
}
