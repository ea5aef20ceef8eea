import type {
  OnnxAttribute,
  OnnxDimension,
  OnnxModel,
  OnnxNode,
  OnnxTensor,
} from "../../compiler/frontend/onnx/model.ts";
import {
  floatAttribute,
  floatsAttribute,
  intAttribute,
  intsAttribute,
  textAttribute,
} from "../../compiler/frontend/onnx/node-attributes.ts";
import { encodeModel } from "../../compiler/frontend/onnx/protobuf.ts";
import { FLOAT32, INT64 } from "../../compiler/frontend/onnx/schema.ts";
import { renderDiagnostic, UserError } from "../../compiler/support/diagnostic.ts";
import { makeRng } from "../../compiler/support/rng.ts";

/** A small ONNX file written out in a test. */
export interface ModelText {
  readonly opset?: number;
  readonly inputs: Readonly<Record<string, readonly (number | string)[]>>;
  /** Names, or names with shapes where ONNX Runtime wants them. */
  readonly outputs: readonly string[];
  /** TensorProto.DataType of inputs and outputs that are no float32. */
  readonly types?: Readonly<Record<string, number>>;
  readonly nodes: readonly OnnxNode[];
  readonly weights?: readonly OnnxTensor[];
}

export function model(text: ModelText): Uint8Array {
  return encodeModel(modelOf(text));
}

export function modelOf({
  opset = 13,
  inputs,
  outputs,
  types = {},
  nodes,
  weights = [],
}: ModelText): OnnxModel {
  const dim = (d: number | string): OnnxDimension =>
    typeof d === "number" ? { dimValue: d } : { dimParam: d };
  return {
    irVersion: 8,
    opsetImport: [
      { domain: "", version: opset },
      ...[...new Set(nodes.map(({ domain = "" }) => domain))]
        .filter((domain) => domain !== "")
        .map((domain) => ({ domain, version: 1 })),
    ],
    graph: {
      name: "test",
      node: nodes,
      initializer: weights,
      input: Object.entries(inputs).map(([name, shape]) => ({
        name,
        type: { tensorType: { elemType: types[name] ?? FLOAT32, shape: { dim: shape.map(dim) } } },
      })),
      output: outputs.map((name) => ({ name, type: { tensorType: { elemType: types[name] ?? FLOAT32 } } })),
    },
  };
}

type AttributeText = number | string | readonly number[] | { readonly float: number } | OnnxTensor;

/** A node, with `more` results after the first; numbers become integer attributes, {float} float ones. */
export function node(
  opType: string,
  input: readonly string[],
  output: string,
  attributes: Readonly<Record<string, AttributeText>> = {},
  more: readonly string[] = [],
): OnnxNode {
  return {
    name: `${output}_node`,
    opType,
    input,
    output: [output, ...more],
    attribute: Object.entries(attributes).map(attribute),
  };
}

function attribute([name, value]: [string, AttributeText]): OnnxAttribute {
  if (typeof value === "number") return intAttribute(name, value);
  if (typeof value === "string") return textAttribute(name, value);
  if (Array.isArray(value)) return intsAttribute(name, value);
  if ("float" in value) return floatAttribute(name, value.float);
  return { name, type: 4, t: value as OnnxTensor };
}

export { floatsAttribute };

/** A float32 initializer of seeded normal values, or of the values given. */
export function weights(name: string, dims: readonly number[], values?: readonly number[]): OnnxTensor {
  const count = dims.reduce((a, b) => a * b, 1);
  const rng = makeRng(count + name.length);
  const data = Float32Array.from(values ?? Array.from({ length: count }, () => rng.normal()));
  return { name, dims, dataType: FLOAT32, rawData: new Uint8Array(data.buffer) };
}

export function integers(
  name: string,
  values: readonly number[],
  dims: readonly number[] = [values.length],
): OnnxTensor {
  return { name, dims, dataType: INT64, rawData: new Uint8Array(BigInt64Array.from(values, BigInt).buffer) };
}

/** The message of the user error that `run` throws. */
export function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof UserError) return renderDiagnostic(error.diagnostic);
    throw error;
  }
  throw new Error("no error was thrown");
}

export async function messageOfAsync(run: () => Promise<unknown>): Promise<string> {
  const failed = await run().then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  if (failed === undefined) throw new Error("no error was thrown");
  return messageOf(() => {
    throw failed.error;
  });
}
