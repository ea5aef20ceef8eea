import { InferenceSession, type Tensor } from "onnxruntime-node";
import { describe, expect, test } from "vitest";
import { importNode } from "../../compiler/frontend/onnx/import-node.ts";
import { define, makeState, readConstant } from "../../compiler/frontend/onnx/import-state.ts";
import type { OnnxNode, OnnxTensor } from "../../compiler/frontend/onnx/model.ts";
import { encodeModel } from "../../compiler/frontend/onnx/protobuf.ts";
import { DATA_TYPES } from "../../compiler/frontend/onnx/schema.ts";
import type { Value } from "../../compiler/frontend/onnx/value.ts";
import { node } from "./onnx-model.ts";

// What is known while a model is read is computed by the import: each operator against ONNX Runtime.

type Typed = Float32Array | Float64Array | BigInt64Array | Int32Array | Uint8Array | Int8Array;
const TYPES = new Map<new (n: number) => Typed, number>([
  [Float32Array, 1],
  [Uint8Array, 2],
  [Int8Array, 3],
  [Int32Array, 6],
  [BigInt64Array, 7],
  [Float64Array, 11],
]);

interface Given {
  readonly data: Typed;
  readonly dims: readonly number[];
  readonly dataType?: number;
}
const f = (values: readonly number[], dims: readonly number[] = [values.length]): Given => ({
  data: Float32Array.from(values),
  dims,
});
const n = (values: readonly number[], dims: readonly number[] = [values.length]): Given => ({
  data: BigInt64Array.from(values, BigInt),
  dims,
});
const b = (values: readonly number[], dims: readonly number[] = [values.length]): Given => ({
  data: Uint8Array.from(values),
  dims,
  dataType: 9,
});
const doubles = (values: readonly number[]): Given => ({
  data: Float64Array.from(values),
  dims: [values.length],
});
const int32 = (values: readonly number[]): Given => ({
  data: Int32Array.from(values),
  dims: [values.length],
});

function tensorOf({ data, dims, dataType }: Given, name: string): OnnxTensor {
  const type = dataType ?? TYPES.get(data.constructor as new (n: number) => Typed);
  return { name, dims, dataType: type ?? 0, rawData: new Uint8Array(data.buffer) };
}

interface Case {
  readonly type: string;
  readonly inputs: readonly (Given | undefined)[];
  readonly attributes?: Parameters<typeof node>[3];
  readonly opset?: number;
  readonly outputs?: number;
}
const of = (
  type: string,
  inputs: Case["inputs"],
  attributes: Case["attributes"] = {},
  more: Partial<Case> = {},
): Case => ({ type, inputs, attributes, ...more });

const M = f([1.5, -2, 3, 0.25, -0.5, 6], [2, 3]);
const N = n([1, -2, 3, 4, -5, 6], [2, 3]);

const CASES: readonly Case[] = [
  ...["Add", "Sub", "Mul", "Div"].flatMap((type) => [
    of(type, [M, f([2, -3, 4])]),
    of(type, [N, n([3, -2], [2, 1])]),
    of(type, [doubles([1 / 3]), doubles([3, 7])]),
    of(type, [int32([7, -7]), int32([2])]),
  ]),
  of("Pow", [f([2, 3, 0.5]), f([3])]),
  of("Pow", [f([2, 3]), n([3])]),
  of("Pow", [n([2, -3]), n([3])]),
  of("Mod", [n([7, -7, 7, -7]), n([3, 3, -3, -3])]),
  of("Mod", [n([7, -7, 7, -7]), n([3, 3, -3, -3])], { fmod: 1 }),
  of("Mod", [f([7.5, -7.5]), f([2])], { fmod: 1 }),
  of("MatMul", [M, f([1, -2, 3, 0.5, 2, 7], [3, 2])]),
  of("MatMul", [M, f([1, -2, 3])]),
  of("MatMul", [f([2, 3]), M]),
  of("MatMul", [f([1, -2, 3, 0.5, 2, 7], [3, 1, 2]), f([1, 2, 3, 4, 5, 6, 7, 8], [2, 1, 2, 2])]),
  of("Max", [M, f([1]), f([0, 1, 2])]),
  of("Min", [n([3, 1]), n([2])]),
  of("Sum", [M, f([1]), f([0, 1, 2])]),
  of("Mean", [M, f([1]), f([0, 1, 2])]),
  of("Max", [M]),
  ...["Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual"].flatMap((type) => [
    of(type, [M, f([1.5, -2, 4])]),
    of(type, [N, n([1])]),
  ]),
  of("Equal", [b([0, 1]), b([1])]),
  ...["And", "Or", "Xor"].map((type) => of(type, [b([0, 1, 0, 1]), b([0, 0, 1, 1])])),
  of("Not", [b([0, 1])]),
  of("Where", [b([1, 0], [2, 1]), M, f([9])]),
  of("Where", [b([1, 0, 1]), N, n([9])]),
  ...[
    "Abs",
    "Asinh",
    "Atan",
    "Ceil",
    "Cos",
    "Cosh",
    "Exp",
    "Floor",
    "Neg",
    "Reciprocal",
    "Relu",
    "Sigmoid",
    "Sign",
    "Sin",
    "Sinh",
    "Tan",
    "Tanh",
  ].map((type) => of(type, [M])),
  ...["Acos", "Asin", "Atanh"].map((type) => of(type, [f([0.5, -0.25, 0])])),
  of("Acosh", [f([1, 2.5])]),
  ...["Log", "Sqrt"].map((type) => of(type, [f([0.5, 1, 7, 1e-20])])),
  of("Round", [f([0.5, 1.5, 2.5, -0.5, -1.5, 2.4, -2.6])]),
  ...["Abs", "Neg", "Sign"].map((type) => of(type, [N])),
  of("Clip", [M, f([0], []), f([2], [])]),
  of("Clip", [N, undefined, n([2], [])]),
  of("Clip", [M], { min: { float: -1 } }, { opset: 10 }),
  ...[1, 6, 7, 9, 10, 11].map((to) => of("Cast", [f([1.5, -2, 0, 3.75])], { to })),
  ...[1, 6, 9, 11].map((to) => of("Cast", [n([3, -2, 0])], { to })),
  of("Cast", [doubles([1.9999999999, -2.0000000001])], { to: 7 }),
  of("Cast", [b([1, 0])], { to: 1 }),
  of("CastLike", [n([1, 2]), f([0])], {}, { opset: 15 }),
  ...["L1", "L2", "LogSumExp", "Max", "Mean", "Min", "Prod", "Sum", "SumSquare"]
    .map((name) => `Reduce${name}`)
    .flatMap((type) => [
      of(type, [M], { axes: [0] }, { opset: 11 }),
      of(type, [M], { axes: [-1], keepdims: 0 }, { opset: 11 }),
      of(type, [M], { keepdims: 0 }, { opset: 11 }),
    ]),
  of("ReduceLogSum", [f([1, 2, 3, 4], [2, 2])], { axes: [1] }, { opset: 11 }),
  of("ReduceSum", [N, n([0, 1])], { keepdims: 0 }),
  of("ReduceSum", [N], { noop_with_empty_axes: 1 }),
  of("ReduceProd", [N, n([1])], {}, { opset: 18 }),
  of("ReduceMax", [N, n([1])], {}, { opset: 18 }),
  of("CumSum", [M, n([1], [])]),
  of("CumSum", [M, n([0], [])], { exclusive: 1, reverse: 1 }),
  of("CumSum", [N, n([-1], [])], { reverse: 1 }),
  of("Transpose", [f([...Array(24).keys()], [2, 3, 4])], { perm: [2, 0, 1] }),
  of("Transpose", [N]),
  of("Concat", [M, M], { axis: 1 }),
  of("Concat", [N, n([7, 8, 9], [1, 3])], { axis: -2 }),
  of("Reshape", [M, n([3, -1])]),
  of("Flatten", [f([1, 2, 3, 4], [1, 2, 2])], { axis: 2 }),
  of("Squeeze", [n([1, 2], [2, 1])]),
  of("Unsqueeze", [M, n([0, -1])]),
  of("Expand", [f([1, 2], [2, 1]), n([3, 1, 4])]),
  of("Expand", [N, n([1, 1])]),
  of("Tile", [M, n([2, 3])]),
  of("Split", [M, n([1, 2])], { axis: 1 }, { outputs: 2 }),
  of("Split", [n([1, 2, 3, 4])], {}, { outputs: 2 }),
  of("Gather", [f([...Array(24).keys()], [2, 3, 4]), n([2, -1, 0, 1], [2, 2])], { axis: 1 }),
  of("Gather", [N, n([-1], [])]),
  of("GatherElements", [M, n([0, -1, 1, 0], [2, 2])], { axis: 1 }),
  of("GatherND", [f([...Array(24).keys()], [2, 3, 4]), n([0, 1, 1, -1], [2, 2])]),
  of("GatherND", [M, n([1, 2, 0, 0], [2, 1, 2])]),
  of("ScatterND", [f([...Array(8).keys()], [4, 2]), n([3, 1], [2, 1]), f([9, 8, 7, 6], [2, 2])]),
  of("ScatterND", [n([1, 2, 3]), n([2, 2], [2, 1]), n([5, 7])], { reduction: "add" }, { opset: 16 }),
  of("ScatterND", [f([1, 2, 3]), n([2, 0], [2, 1]), f([5, 7])], { reduction: "max" }, { opset: 18 }),
  of("Slice", [f([...Array(60).keys()], [3, 4, 5]), n([0, -1]), n([3, -9]), n([0, 2]), n([2, -2])]),
  of("Slice", [N, n([1]), n([2 ** 40]), n([1])]),
  of("Slice", [N], { starts: [0, 1], ends: [1, 3] }, { opset: 9 }),
  of("Shape", [M]),
  of("Size", [M]),
  of("Identity", [M]),
  of("ConstantOfShape", [n([2, 3])]),
  of("ConstantOfShape", [n([2])], { value: tensorOf(n([7]), "") }),
  of("ConstantOfShape", [n([2])], { value: tensorOf(f([1.5]), "") }),
  of("Range", [n([1], []), n([10], []), n([4], [])]),
  of("Range", [n([5], []), n([-5], []), n([-3], [])]),
  of("Range", [f([0], []), f([1], []), f([0.3], [])]),
  of("Range", [n([5], []), n([5], []), n([1], [])]),
  of("NonZero", [f([0, 1, 2, 0, 3, 0], [2, 3])]),
  of("NonZero", [b([0, 1, 1])]),
  of("Trilu", [f([...Array(18).keys()], [2, 3, 3])], {}, { opset: 14 }),
  of("Trilu", [f([...Array(6).keys()], [2, 3]), n([1], [])], { upper: 0 }, { opset: 14 }),
  of("OneHot", [n([0, 2, -1]), n([3], []), f([0, 1])]),
  of("OneHot", [n([1, 0]), n([2]), n([5, 7])], { axis: 0 }),
];

function nodeOf({ type, inputs, attributes = {}, outputs = 1 }: Case): OnnxNode {
  const more = Array.from({ length: outputs - 1 }, (_, i) => `y${i + 1}`);
  return node(
    type,
    inputs.map((given, i) => (given === undefined ? "" : `i${i}`)),
    "y",
    attributes,
    more,
  );
}

function weightsOf({ inputs }: Case): readonly OnnxTensor[] {
  return inputs.flatMap((given, i) => (given === undefined ? [] : [tensorOf(given, `i${i}`)]));
}

/** Values that the import gives the results. */
function imported(each: Case): readonly Value[] {
  const made = nodeOf(each);
  const output = (made.output ?? []).map((name) => ({ name }));
  const state = makeState({ node: [made], output }, each.opset ?? 13, new Set(), undefined);
  for (const tensor of weightsOf(each)) {
    define(state, tensor.name ?? "", readConstant(state, tensor, tensor.name ?? ""));
  }
  importNode(state, made);
  expect(state.records.map(({ outcome, why }) => why ?? outcome)).toEqual(["folded"]);
  return output.map(({ name }) => state.values.get(name) ?? { kind: "unknown", name });
}

async function expected(each: Case, types: readonly string[]): Promise<readonly Tensor[]> {
  const made = nodeOf(each);
  const bytes = encodeModel({
    irVersion: 8,
    opsetImport: [{ domain: "", version: each.opset ?? 13 }],
    graph: {
      name: "known",
      node: [made],
      initializer: weightsOf(each),
      input: [],
      output: (made.output ?? []).map((name, i) => ({
        name,
        type: { tensorType: { elemType: (DATA_TYPES as readonly string[]).indexOf(types[i]) } },
      })),
    },
  });
  const session = await InferenceSession.create(bytes);
  const results = await session.run({});
  await session.release();
  return (made.output ?? []).map((name) => results[name]);
}

describe("known values are computed as ONNX Runtime computes them", () => {
  test.each(CASES.map((each) => [`${each.type} ${JSON.stringify(each.attributes)}`, each] as const))(
    "%s",
    async (_, each) => {
      const ours = imported(each);
      const types = ours.map((value) =>
        value.kind === "integers" ? value.type : value.kind === "constant" ? (value.type ?? "float32") : "",
      );
      const theirs = await expected(each, types);
      ours.forEach((value, i) => {
        if (value.kind !== "integers" && value.kind !== "constant") throw new Error(`it is ${value.kind}`);
        expect([...value.shape]).toEqual([...theirs[i].dims]);
        const data = value.kind === "constant" ? (value.doubles ?? value.data) : value.data;
        const wanted =
          theirs[i].type === "float16" ? undefined : Array.from(theirs[i].data as ArrayLike<number>, Number);
        wanted?.forEach((v, k) =>
          expect(Math.abs(data[k] - v), `${data[k]}, not ${v}`).toBeLessThan(1e-6 + 1e-6 * Math.abs(v)),
        );
      });
    },
  );
});
