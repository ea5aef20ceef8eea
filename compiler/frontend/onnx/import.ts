import type { Graph } from "../../graph/graph.ts";
import { checkSignature } from "./check-signature.ts";
import { dataTypeUnsupported, fileTooLarge, noInput, opsetOutside, unsupportedOperators } from "./errors.ts";
import { finishGraph } from "./finish.ts";
import { define, type ImportState, makeState, readConstant } from "./import-state.ts";
import { type InputShapes, resolveInputShapes } from "./input-shapes.ts";
import { checkCounts } from "./limits.ts";
import type { OnnxGraph, OnnxModel, OnnxNode } from "./model.ts";
import { makeNodeContext, type NodeContext, UnsupportedNode } from "./node-context.ts";
import { attributesText } from "./operator.ts";
import { findOperator, listSupportedOps } from "./operators/index.ts";
import { decodeModel, MAX_MODEL_BYTES } from "./protobuf.ts";

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
  /** Folder of the file: external data is read from it and from nowhere else. */
  readonly baseDir?: string;
}

/**
 * An ONNX file as a graph: static shapes inferred, constants folded, every node one of our kinds; tensors and nodes keep
 * their ONNX names. Nothing is fused here. Errors: F101-F116, see errors.ts.
 */
export function importOnnx(bytes: Uint8Array, options: ImportOptions = {}): Graph {
  const label = options.name ?? "model";
  if (bytes.length > MAX_MODEL_BYTES) throw fileTooLarge(label, bytes.length, MAX_MODEL_BYTES);
  const model = decodeModel(bytes, label);
  const graph = model.graph ?? {};
  const name = options.name ?? (graph.name || "network");
  checkCounts(name, graph);
  const state = makeState(graph, readOpset(model, name), functionsOf(model), options.baseDir);
  const inputs = defineInputs(state, graph, name, options.inputShapes ?? {});
  for (const node of graph.node ?? []) importNode(state, node);
  if (state.unsupported.length > 0) {
    throw unsupportedOperators(name, state, listSupportedOps());
  }
  return finishGraph(
    state,
    name,
    inputs,
    (graph.output ?? []).map((output) => output.name ?? ""),
  );
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

function functionKey(domain: string | undefined, name: string | undefined): string {
  return `${domain === "ai.onnx" ? "" : (domain ?? "")}:${name ?? ""}`;
}

/** Initializers become constants; the other inputs (old files list initializers among them) become tensors. */
function defineInputs(
  state: ImportState,
  graph: OnnxGraph,
  name: string,
  given: InputShapes,
): readonly string[] {
  const [sparse] = graph.sparseInitializer ?? [];
  if (sparse !== undefined)
    throw dataTypeUnsupported(
      `\`${sparse.values?.name ?? ""}\``,
      "sparse tensor",
      "export the model with dense weights",
    );
  for (const tensor of graph.initializer ?? []) {
    const tensorName = tensor.name ?? "";
    define(state, tensorName, readConstant(state, tensor, tensorName));
  }
  const inputs = (graph.input ?? []).filter((input) => !state.values.has(input.name ?? ""));
  const shapes = resolveInputShapes(name, inputs, given);
  for (const [input, shape] of shapes) {
    define(state, input, { kind: "tensor", name: input, shape });
    state.tensors.set(input, { name: input, shape });
  }
  if (shapes.size === 0) throw noInput(name);
  return [...shapes.keys()];
}

/** One node; what cannot be expressed is noted, and its results are unknown to the nodes behind it. */
function importNode(state: ImportState, node: OnnxNode): void {
  const attributes = node.attribute ?? [];
  const context: NodeContext = makeNodeContext(state, node);
  const domain = node.domain && node.domain !== "ai.onnx" ? `${node.domain}.` : "";
  const found = findOperator(node.domain ?? "", context.operator);
  try {
    if (state.functions.has(functionKey(node.domain, context.operator))) {
      context.unsupported("a function of the file itself: export the model with functions inlined");
    }
    if (found === undefined) {
      const text = attributes.length === 0 ? "" : `, ${attributesText(attributes)}`;
      context.unsupported(`unknown operator${text}`);
    }
    checkSignature(context, found.signature, node);
    if (readsUnknown(state, node)) {
      state.behind.push(context.name);
      markUnknown(state, node);
    } else found.run(context, attributes);
  } catch (error) {
    if (!(error instanceof UnsupportedNode)) throw error;
    state.unsupported.push({
      node: context.name,
      operator: `${domain}${context.operator}`,
      why: error.message,
    });
    markUnknown(state, node);
  }
}

function readsUnknown(state: ImportState, node: OnnxNode): boolean {
  return (node.input ?? []).some((input) => state.values.get(input)?.kind === "unknown");
}

/** A handler may have given them a value before it was refused. */
function markUnknown(state: ImportState, node: OnnxNode): void {
  for (const output of node.output ?? []) {
    if (output !== "") state.values.set(output, { kind: "unknown", name: output });
  }
}
