import { readFileSync } from "node:fs";
import type {
  OnnxAttribute,
  OnnxGraph,
  OnnxModel,
  OnnxNode,
  OnnxTensor,
} from "../../compiler/frontend/onnx/model.ts";
import { encodeModel } from "../../compiler/frontend/onnx/protobuf.ts";
import type { Rng } from "../../compiler/support/rng.ts";
import { integers, modelOf, weights } from "./onnx-model.ts";
import { SEEDS } from "./onnx-seeds.ts";

const DIGITS = readFileSync(new URL("../fixtures/digits/digits.onnx", import.meta.url));

const INTS = [
  -(2 ** 53),
  -(2 ** 31),
  -5,
  -3,
  -2,
  -1,
  0,
  1,
  2,
  3,
  4,
  7,
  64,
  1000,
  65536,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 40,
];
const FLOATS = [0, -1, 0.5, 1, 2, 1e-40, 3.4e38, Number.NaN, Number.POSITIVE_INFINITY];
const WORDS = ["", "NOTSET", "VALID", "SAME_LOWER", "constant", "reflect", "tanh", "x".repeat(300), "$(id)"];
const UNARY = [
  "Relu",
  "Sigmoid",
  "Tanh",
  "Erf",
  "Softplus",
  "Elu",
  "Softmax",
  "Identity",
  "Shape",
  "Concat",
  "Size",
  "NonZero",
  "Sqrt",
  "Neg",
  "Not",
  "ReduceSum",
  "Trilu",
  "ArgMax",
  "GlobalMaxPool",
  "LogSoftmax",
  "Floor",
  "ReduceMax",
];
const BINARY = [
  "Add",
  "Sub",
  "Mul",
  "Div",
  "Conv",
  "MatMul",
  "PRelu",
  "Concat",
  "Gather",
  "Reshape",
  "Pow",
  "Mod",
  "Equal",
  "And",
  "Expand",
  "Tile",
  "Where",
  "Range",
  "GatherND",
  "ScatterND",
  "OneHot",
  "CumSum",
  "Greater",
  "Xor",
  "Max",
  "TopK",
  "GatherElements",
  "ScatterElements",
  "ConvTranspose",
  "GridSample",
  "LayerNormalization",
];
const OPSETS = [0, 1, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 17, 18, 19, 20, 21, 22, 24, 28, 2 ** 31];

export interface Mutant {
  readonly bytes: Uint8Array;
  /** The network as it was meant, where its structure was changed; only bytes were otherwise. */
  readonly model?: OnnxModel;
}

/** A file damaged in one to four places: its bytes, or what it says. */
export function mutant(rng: Rng): Mutant {
  if (rng.int(8) === 0) return { bytes: damaged(rng, DIGITS) };
  let model = modelOf(pick(rng, SEEDS));
  for (let i = rng.int(2); i >= 0; i--) model = changed(rng, model);
  const bytes = encodeModel(model);
  return rng.int(6) === 0 ? { bytes: damaged(rng, bytes) } : { bytes, model };
}

function damaged(rng: Rng, bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes);
  // Structure lies in the first and last kilobytes: weights fill the middle.
  for (let i = rng.int(6); i >= 0; i--) copy[rng.int(Math.min(copy.length, 9000))] = rng.int(256);
  return rng.int(8) === 0 ? copy.subarray(0, rng.int(copy.length)) : copy;
}

function changed(rng: Rng, model: OnnxModel): OnnxModel {
  const { graph = {} } = model;
  const { node: nodes = [], initializer = [] } = graph;
  const on = (more: Partial<OnnxGraph>): OnnxModel => ({ ...model, graph: { ...graph, ...more } });
  const at = rng.int(nodes.length);
  const names = [
    ...initializer.map(({ name = "" }) => name),
    ...nodes.flatMap(({ output = [] }) => output),
    "x",
    "",
  ];
  switch (rng.int(16)) {
    case 0:
      return { ...model, opsetImport: [{ version: pick(rng, OPSETS) }] };
    case 1:
      return on({ node: nodes.toSpliced(at, 1) });
    case 2:
      return on({ node: nodes.toSpliced(rng.int(nodes.length), 0, nodes[at] as OnnxNode) });
    case 3: {
      const to = rng.int(initializer.length);
      return on({ initializer: initializer.with(to, changedTensor(rng, initializer[to] as OnnxTensor)) });
    }
    case 4: {
      const dim = Array.from({ length: rng.int(6) }, () => ({
        dimValue: pick(rng, [1, 2, 4, 8, 9, 300, 2 ** 20, 0]),
      }));
      return on({ input: [{ name: "x", type: { tensorType: { elemType: 1, shape: { dim } } } }] });
    }
    default:
      return on({ node: nodes.with(at, changedNode(rng, nodes[at] as OnnxNode, names)) });
  }
}

function changedNode(rng: Rng, of: OnnxNode, names: readonly string[]): OnnxNode {
  const { input = [], output = [], attribute = [] } = of;
  const at = rng.int(attribute.length + 1);
  switch (rng.int(14)) {
    case 0:
      return {
        ...of,
        input: input.length === 0 ? [pick(rng, names)] : input.with(rng.int(input.length), pick(rng, names)),
      };
    case 1:
      return { ...of, input: [...input, pick(rng, names)] };
    case 2:
      return { ...of, input: input.slice(0, -1) };
    case 3:
      return { ...of, output: [...output, "extra"] };
    case 4:
      return { ...of, attribute: attribute.toSpliced(at, 1) };
    case 5: {
      const from = pick(rng, SEEDS).nodes.flatMap((other) => other.attribute ?? []);
      return { ...of, attribute: [...attribute, pick(rng, from)] };
    }
    default:
      return attribute[at] === undefined
        ? { ...of, opType: pick(rng, input.length > 1 ? BINARY : UNARY) }
        : { ...of, attribute: attribute.with(at, changedAttribute(rng, attribute[at])) };
  }
}

function changedAttribute(rng: Rng, of: OnnxAttribute): OnnxAttribute {
  if (of.i !== undefined) return { ...of, i: pick(rng, INTS) };
  if (of.f !== undefined) return { ...of, f: pick(rng, FLOATS) };
  if (of.s !== undefined) return { ...of, s: new TextEncoder().encode(pick(rng, WORDS)) };
  const ints = of.ints ?? [];
  if (rng.int(3) === 0) return { ...of, ints: ints.slice(1) };
  return ints.length === 0 || rng.int(4) === 0
    ? { ...of, ints: [...ints, pick(rng, INTS)] }
    : { ...of, ints: ints.with(rng.int(ints.length), pick(rng, INTS)) };
}

function changedTensor(rng: Rng, of: OnnxTensor): OnnxTensor {
  const { name = "", dims = [] } = of;
  if (rng.int(4) === 0) return { ...of, dataType: rng.int(23) };
  if (rng.int(3) === 0) return { ...of, dims: rng.int(2) === 0 ? [1, ...dims] : [...dims].reverse() };
  if (of.dataType === 1)
    return weights(name, [...dims], rng.int(2) === 0 ? undefined : sameSize(rng, dims, FLOATS));
  return integers(name, sameSize(rng, dims, INTS), dims);
}

function sameSize(rng: Rng, dims: readonly number[], from: readonly number[]): readonly number[] {
  return Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => pick(rng, from));
}

function pick<T>(rng: Rng, list: readonly T[]): T {
  return list[rng.int(list.length)] as T;
}
