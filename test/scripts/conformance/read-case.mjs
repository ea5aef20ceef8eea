import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { decodeModel } from "../../../dist/frontend/onnx/protobuf.js";
import { DATA_TYPES } from "../../../dist/frontend/onnx/schema.js";
import { readTensor } from "../../../dist/frontend/onnx/tensor-data.js";
import { field, join as joined, numberField, withField } from "./protobuf-fields.mjs";

// Field numbers of onnx.proto: ModelProto.graph and .opset_import, OperatorSetIdProto.version, GraphProto.initializer,
// TensorProto.name.
const GRAPH = 7;
const OPSET_IMPORT = 8;
const VERSION = 2;
const INITIALIZER = 5;
const NAME = 8;
const text = new TextEncoder();

/**
 * One test: `{ name, bytes, operators, opset, inputs, outputs, sets, leftOut }`. Inputs and outputs are `{ name, type }`, type "sequence"
 * for what is no tensor; `sets` the recorded `{ inputs, outputs }` as bytes of TensorProtos. `leftOut` says why a compiler of float32
 * networks is not asked at all.
 */
export function readCase({ name, folder }) {
  const bytes = readFileSync(join(folder, "model.onnx"));
  const { graph, opsetImport } = decodeModel(bytes, name);
  const given = new Set((graph.initializer ?? []).map((tensor) => tensor.name));
  const inputs = (graph.input ?? []).filter((input) => !given.has(input.name)).map(port);
  const outputs = (graph.output ?? []).map(port);
  const nodes = graph.node ?? [];
  const sets = readdirSync(folder)
    .filter((file) => file.startsWith("test_data_set_"))
    .map((set) => ({
      inputs: files(join(folder, set), "input_"),
      outputs: files(join(folder, set), "output_"),
    }));
  return {
    ...{ name, bytes, inputs, outputs, sets },
    operators: [...new Set(nodes.map(({ opType }) => opType))],
    opset: opsetImport.find(({ domain }) => !domain || domain === "ai.onnx")?.version,
    leftOut: whyLeftOut(nodes, inputs, outputs),
  };
}

function port({ name, type }) {
  const tensor = type?.tensorType;
  return { name, type: tensor === undefined ? "sequence" : (DATA_TYPES[tensor.elemType] ?? "unknown") };
}

function files(folder, prefix) {
  const found = [];
  for (let i = 0; existsSync(join(folder, `${prefix}${i}.pb`)); i++)
    found.push(readFileSync(join(folder, `${prefix}${i}.pb`)));
  return found;
}

/** Floats that are given and compared as float32, doubles as their nearest; a bfloat16 that is computed in float32 is closer than its own rounding. */
export function isFloat(type) {
  return type === "float32" || type === "float16" || type === "float64";
}

/** Whole numbers and truths lie in float32, which has a place for each of moderate size. */
function isData(type) {
  return isFloat(type) || /^u?int(8|16|32|64)$|^bool$/.test(type);
}

const TRAINING = /^(Adagrad|Adam|Momentum|Gradient|NegativeLogLikelihoodLoss|SoftmaxCrossEntropyLoss)$/;
const RANDOM = /^(Bernoulli|Multinomial|RandomNormal|RandomUniform)/;

function whyLeftOut(nodes, inputs, outputs) {
  const loss = nodes.find(({ opType }) => TRAINING.test(opType));
  if (loss !== undefined) return "training";
  if (nodes.some(({ opType }) => RANDOM.test(opType))) return "random numbers";
  const other = outputs.find(({ type }) => !isData(type));
  if (other !== undefined) return `result of type ${other.type}`;
  if (inputs.length === 0) return "no input";
  const data = inputs.find(({ type }) => !isData(type));
  return data && `data of type ${data.type}`;
}

/** The model with these inputs as initializers; each is `{ name, bytes }` of a TensorProto. */
export function withInitializers(model, tensors) {
  const fields = tensors.map(({ name, bytes }) =>
    field(INITIALIZER, joined(bytes, field(NAME, text.encode(name)))),
  );
  return withField(model, GRAPH, (graph) => joined(graph, ...fields));
}

/** A recorded TensorProto as `{ shape, data }`. */
export function readRecorded(bytes, name) {
  const model = joined(field(GRAPH, field(INITIALIZER, bytes)), field(OPSET_IMPORT, numberField(VERSION, 1)));
  const [tensor] = decodeModel(model, name).graph.initializer;
  return readTensor(tensor, name, undefined);
}
