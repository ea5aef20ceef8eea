import type { Graph } from "../../graph/graph.ts";
import { fileTooLarge, inconsistent, opsetOutside, unsupportedOperators } from "./errors.ts";
import { finishGraph } from "./finish.ts";
import { define, type ImportState, makeState } from "./import-state.ts";
import { type InputShapes, resolveInputShapes } from "./input-shapes.ts";
import type { OnnxGraph, OnnxModel, OnnxNode } from "./model.ts";
import { makeNodeContext, UnsupportedNode } from "./node-context.ts";
import { attributesText } from "./operator.ts";
import { findOperator, listSupportedOps } from "./operators/index.ts";
import { decodeModel, MAX_MODEL_BYTES } from "./protobuf.ts";
import { readTensor } from "./tensor-data.ts";

export { listSupportedOps } from "./operators/index.ts";
export { MAX_MODEL_BYTES } from "./protobuf.ts";

/** Operator sets read; operators are documented at https://onnx.ai/onnx/operators (ONNX 1.16 = opset 21). */
const OLDEST_OPSET = 7;
const NEWEST_OPSET = 21;

export interface ImportOptions {
  /** Names the network in messages and generated code; the file's graph name when absent. */
  readonly name?: string;
  /** By input name; needed where the file's shapes are dynamic. */
  readonly inputShapes?: InputShapes;
  /** Folder of the file: external data is read from it and from nowhere else. */
  readonly baseDir?: string;
}

/**
 * An ONNX file as a graph: static shapes inferred, constants folded, every node one of our kinds; tensors and nodes keep
 * their ONNX names. Nothing is fused here. Errors: F101-F115, see errors.ts.
 */
export function importOnnx(bytes: Uint8Array, options: ImportOptions = {}): Graph {
  const label = options.name ?? "model";
  if (bytes.length > MAX_MODEL_BYTES) throw fileTooLarge(label, bytes.length, MAX_MODEL_BYTES);
  const model = decodeModel(bytes, label);
  const graph = model.graph ?? {};
  const name = options.name ?? (graph.name || "network");
  const state = makeState(graph, readOpset(model, name), options.baseDir);
  const inputs = defineInputs(state, graph, name, options.inputShapes ?? {});
  for (const node of graph.node ?? []) importNode(state, node);
  if (state.unsupported.length > 0) {
    throw unsupportedOperators(name, state.opset, state.unsupported, listSupportedOps());
  }
  return finishGraph(
    state,
    name,
    inputs,
    (graph.output ?? []).map((output) => output.name ?? ""),
  );
}

function readOpset(model: OnnxModel, name: string): number {
  const version = model.opsetImport?.find((set) => !set.domain || set.domain === "ai.onnx")?.version;
  if (version === undefined)
    throw opsetOutside(name, "it names no ai.onnx opset", OLDEST_OPSET, NEWEST_OPSET);
  if (version < OLDEST_OPSET || version > NEWEST_OPSET) {
    throw opsetOutside(name, `it uses opset ${version}`, OLDEST_OPSET, NEWEST_OPSET);
  }
  return version;
}

/** Initializers become constants; the other inputs (old files list initializers among them) become tensors. */
function defineInputs(
  state: ImportState,
  graph: OnnxGraph,
  name: string,
  given: InputShapes,
): readonly string[] {
  for (const tensor of graph.initializer ?? []) {
    const tensorName = tensor.name ?? "";
    define(state, tensorName, readTensor(tensor, tensorName, state.baseDir));
  }
  const inputs = (graph.input ?? []).filter((input) => !state.values.has(input.name ?? ""));
  const shapes = resolveInputShapes(name, inputs, given);
  for (const [input, shape] of shapes) {
    define(state, input, { kind: "tensor", name: input, shape });
    state.tensors.set(input, { name: input, shape });
  }
  if (shapes.size === 0) throw inconsistent(`\`${name}\``, "it has no input");
  return [...shapes.keys()];
}

/** One node; what cannot be expressed is noted, and its results are unknown to the nodes behind it. */
function importNode(state: ImportState, node: OnnxNode): void {
  const attributes = node.attribute ?? [];
  const context = makeNodeContext(state, node);
  const refuse = (why: string): void => {
    const domain = node.domain && node.domain !== "ai.onnx" ? `${node.domain}.` : "";
    state.unsupported.push({ node: context.name, operator: `${domain}${context.operator}`, why });
    for (const output of node.output ?? [])
      if (output) define(state, output, { kind: "unknown", name: output });
  };
  const found = findOperator(node.domain ?? "", context.operator);
  if (found === undefined) {
    refuse(attributes.length === 0 ? "unknown operator" : `unknown operator, ${attributesText(attributes)}`);
    return;
  }
  const refused = found.refusedAttribute(attributes);
  const extra = found.manyResults
    ? undefined
    : (node.output ?? []).slice(1).find((output) => (state.uses.get(output) ?? 0) > 0);
  if (refused !== undefined) refuse(`attribute ${refused}`);
  else if (extra !== undefined) refuse(`its second result \`${extra}\` is used`);
  else if (dependsOnUnknown(state, node)) markUnknown(state, node);
  else {
    try {
      found.run(context, attributes);
    } catch (error) {
      if (!(error instanceof UnsupportedNode)) throw error;
      refuse(error.message);
    }
  }
}

function dependsOnUnknown(state: ImportState, node: OnnxNode): boolean {
  return (node.input ?? []).some((input) => state.values.get(input)?.kind === "unknown");
}

function markUnknown(state: ImportState, node: OnnxNode): void {
  for (const output of node.output ?? [])
    if (output) define(state, output, { kind: "unknown", name: output });
}
