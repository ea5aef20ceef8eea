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
import { integers, type ModelText, modelOf, node, weights } from "./onnx-model.ts";

/** Small networks of what exporters write, to be damaged. */
const SEEDS: readonly ModelText[] = [
  {
    inputs: { x: [1, 4, 8, 8] },
    outputs: ["y"],
    nodes: [
      node("Conv", ["x", "w"], "c", { pads: [1, 1, 1, 1], strides: [2, 2], dilations: [1, 1], group: 2 }),
      node("BatchNormalization", ["c", "s", "s", "s", "s"], "b", { epsilon: { float: 0.01 } }),
      node("Clip", ["b", "lo", "hi"], "r"),
      node("GlobalAveragePool", ["r"], "m"),
      node("HardSigmoid", ["m"], "g", { alpha: { float: 0.5 } }),
      node("Mul", ["r", "g"], "e"),
      node("Add", ["e", "b"], "a"),
      node("MaxPool", ["a"], "p", {
        kernel_shape: [3, 3],
        strides: [2, 2],
        pads: [1, 1, 1, 1],
        ceil_mode: 1,
      }),
      node("AveragePool", ["p"], "q", { kernel_shape: [2, 2], auto_pad: "SAME_UPPER", count_include_pad: 0 }),
      node("Flatten", ["q"], "f", { axis: 1 }),
      node("Gemm", ["f", "k", "l"], "z", { transB: 1, alpha: { float: 0.5 }, beta: { float: 2 } }),
      node("Softmax", ["z"], "y", { axis: 1 }),
    ],
    weights: [
      weights("w", [8, 2, 3, 3]),
      weights("s", [8], [1, 2, 3, 4, 5, 6, 7, 8]),
      weights("lo", [], [0]),
      weights("hi", [], [6]),
      weights("k", [5, 72]),
      weights("l", [5]),
    ],
  },
  {
    inputs: { x: [1, 8, 6, 6] },
    outputs: ["y"],
    nodes: [
      node("Shape", ["x"], "dims"),
      node("Gather", ["dims", "zero"], "n", { axis: 0 }),
      node("Unsqueeze", ["n", "axis0"], "batch"),
      node("Slice", ["dims", "two", "four"], "size"),
      node("Mul", ["groups", "one"], "g"),
      node("Concat", ["batch", "g", "size"], "to", { axis: 0 }),
      node("Reshape", ["x", "to"], "t", { allowzero: 0 }),
      node("Transpose", ["t"], "u", { perm: [0, 2, 1, 3, 4] }),
      node("Reshape", ["u", "back"], "v"),
      node("Split", ["v", "parts"], "a", { axis: 1 }, ["b"]),
      node("Concat", ["b", "a"], "y", { axis: 1 }),
    ],
    opset: 14,
    weights: [
      integers("zero", [0], []),
      integers("axis0", [0]),
      integers("one", [1], []),
      integers("two", [2]),
      integers("four", [4]),
      integers("groups", [2, 4]),
      integers("back", [0, -1, 6, 6]),
      integers("parts", [3, 5]),
    ],
  },
  {
    inputs: { x: [2, 6] },
    outputs: ["y", "z"],
    nodes: [
      node("MatMul", ["x", "w"], "m"),
      node("Add", ["m", "b"], "a"),
      node("Sigmoid", ["a"], "s"),
      node("Mul", ["a", "s"], "t"),
      node("PRelu", ["t", "slope"], "p"),
      node("Squeeze", ["three", "axis0"], "q"),
      node("Dropout", ["p"], "d", { seed: 3 }, ["mask"]),
      node("LeakyRelu", ["d"], "y", { alpha: { float: 0.2 } }),
      node("Sub", ["d", "q"], "e"),
      node("Elu", ["e"], "z", { alpha: { float: 1.5 } }),
    ],
    weights: [
      weights("w", [6, 4]),
      weights("b", [4]),
      weights("slope", [1, 4]),
      weights("three", [1, 1], [3]),
      integers("axis0", [0]),
    ],
  },
  {
    inputs: { x: [1, 4, 9, 7] },
    outputs: ["y"],
    opset: 11,
    nodes: [
      node("Pad", ["x", "pads"], "p", { mode: "constant" }),
      node("AveragePool", ["p"], "a", { kernel_shape: [3, 3], strides: [1, 2], count_include_pad: 1 }),
      node("Erf", ["a"], "e"),
      node("ReduceMean", ["e"], "r", { axes: [2, 3], keepdims: 0 }),
      node("Selu", ["r"], "s", { gamma: { float: 1.5 } }),
      node("Unsqueeze", ["s"], "u", { axes: [2, 3] }),
      node("Tanh", ["u"], "t"),
      node("Concat", ["t"], "c", { axis: 1 }),
      node("Softmax", ["c"], "y", { axis: -3 }),
    ],
    weights: [integers("pads", [0, 0, 1, 1, 0, 0, 1, 2])],
  },
  {
    inputs: { x: [1, 4, 6, 6] },
    outputs: ["y"],
    opset: 16,
    nodes: [
      node("Shape", ["x"], "dims"),
      node("Size", ["dims"], "rank"),
      node("Range", ["none", "rank", "one"], "axes"),
      node("Greater", ["axes", "one"], "spatial"),
      node("Where", ["spatial", "dims", "axes"], "mixed"),
      node("Cast", ["dims"], "floats", { to: 1 }),
      node("ReduceProd", ["floats"], "all", { axes: [0], keepdims: 0 }),
      node("Sqrt", ["all"], "root"),
      node("Div", ["half", "root"], "scale"),
      node("Mul", ["x", "scale"], "m"),
      node("Expand", ["one", "two"], "ones"),
      node("Tile", ["ones", "two"], "tiled"),
      node("NonZero", ["tiled"], "found"),
      node("Gather", ["found", "none"], "row", { axis: 0 }),
      node("Slice", ["row", "from", "to", "from", "steps"], "few"),
      node("ScatterND", ["dims", "places", "few"], "to4", { reduction: "none" }),
      node("Mod", ["to4", "many"], "rest", { fmod: 0 }),
      node("Equal", ["rest", "dims"], "same"),
      node("Cast", ["same"], "flags", { to: 7 }),
      node("ReduceSum", ["flags"], "count", { keepdims: 1 }),
      node("Less", ["none", "count"], "any"),
      {
        ...node("If", ["any"], "chosen"),
        attribute: [
          { name: "then_branch", type: 5, g: branch("Tanh", "inner") },
          { name: "else_branch", type: 5, g: branch("Relu", "inner") },
        ],
      },
      node("Reshape", ["chosen", "dims"], "y"),
    ],
    weights: [
      integers("none", [0], []),
      integers("one", [1], []),
      integers("two", [2]),
      integers("many", [100]),
      integers("from", [0]),
      integers("to", [4]),
      integers("steps", [2]),
      integers("places", [2, 3], [2, 1]),
      { name: "half", dims: [1], dataType: 1, rawData: new Uint8Array(Float32Array.of(0.5).buffer) },
    ],
  },
];

function branch(opType: string, output: string): OnnxGraph {
  return {
    name: "branch",
    node: [node(opType, ["m"], "before"), node("Identity", ["before"], output)],
    output: [{ name: output, type: { tensorType: { elemType: 1 } } }],
  };
}
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
        input: input.with(
          rng.int(Math.max(input.length, 1)) - (input.length === 0 ? 1 : 0) || 0,
          pick(rng, names),
        ),
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
