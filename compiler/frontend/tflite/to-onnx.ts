import type { OnnxModel, OnnxValueInfo } from "../onnx/model.ts";
import { typeNumber } from "./constants.ts";
import { withDetectionShapes } from "./detection/options.ts";
import { readTfliteModel, type TfliteModel } from "./model.ts";
import { TRANSLATORS } from "./operators/index.ts";
import { emit, gridOf, operand, type Translation, tensorOf, unsupported } from "./translation.ts";

/** Operator set of what is made. */
const OPSET = 21;

/**
 * A `.tflite` file as an ONNX model that the importer takes: inputs and outputs keep their names, types and layouts (N, H, W, C); in between
 * channels come before rows and columns wherever windows slide. Numbers of 8 bits become the floats that they stand for, rounded
 * where the file says so. Operators that have no translation are left for the importer to refuse. Throws F121.
 */
export function tfliteToOnnx(bytes: Uint8Array): OnnxModel {
  const model = withDetectionShapes(readTfliteModel(bytes));
  const t: Translation = {
    model,
    nodes: [],
    initializers: [],
    values: new Map(),
    names: portNames(model),
    fixed: fixedTensors(model),
  };
  for (const input of model.inputs) takeInput(t, input);
  for (const op of model.operators) (TRANSLATORS.get(op.name) ?? unsupported)(t, op);
  const outputs = [...new Set(model.outputs)];
  for (const output of outputs) giveOutput(t, output);
  return {
    opsetImport: [{ domain: "", version: OPSET }],
    graph: {
      node: t.nodes,
      initializer: t.initializers,
      input: model.inputs.map((i) => portOf(model, i)),
      output: outputs.map((o) => portOf(model, o)),
    },
  };
}

/** What hangs on no input's numbers. */
function fixedTensors({ operators, tensors }: TfliteModel): ReadonlySet<number> {
  const fixed = new Set<number>();
  for (const { name, inputs, outputs } of operators) {
    const given = inputs.filter((i) => i >= 0);
    const isFixed = name === "SHAPE" || given.every((i) => fixed.has(i) || tensors[i].data !== undefined);
    if (isFixed) for (const output of outputs) fixed.add(output);
  }
  return fixed;
}

/** What no value inside may be called. */
function portNames({ inputs, outputs, tensors }: TfliteModel): Set<string> {
  return new Set([...inputs, ...outputs].map((i) => tensors[i].name));
}

function takeInput(t: Translation, input: number): void {
  const { name, quantization } = tensorOf(t, input);
  const last =
    quantization === undefined
      ? name
      : emit(t, "DequantizeLinear", [name, ...gridOf(t, input)], { as: `${name}/dequantized` });
  t.values.set(input, { last });
}

/** The value under the tensor's own name, as numbers of the tensor's type. */
function giveOutput(t: Translation, output: number): void {
  const { name, quantization } = tensorOf(t, output);
  if (t.model.inputs.includes(output)) return;
  const value = operand(t, output);
  const grid = quantization === undefined ? [] : gridOf(t, output);
  const opType = quantization === undefined ? "Identity" : "QuantizeLinear";
  t.nodes.push({ name: `${name}/output`, opType, input: [value, ...grid], output: [name] });
}

function portOf({ tensors }: TfliteModel, tensor: number): OnnxValueInfo {
  const { name, shape, ...of } = tensors[tensor];
  const dim = shape.map((dimValue) => ({ dimValue }));
  return { name, type: { tensorType: { elemType: typeNumber(of), shape: { dim } } } };
}
