import { describe, expect, test } from "vitest";
import { importOnnx } from "../../compiler/frontend/onnx/import.ts";
import { BOOL, FLOAT32, INT64, UINT8 } from "../../compiler/frontend/onnx/schema.ts";
import { optimizeGraph } from "../../compiler/graph/optimize-graph.ts";
import { planNetwork } from "../../compiler/graph/plan-network.ts";
import { runReference } from "../../compiler/verify/reference.ts";
import { integers, messageOf, model, node, weights } from "../frontend/onnx-model.ts";
import type { OperatorModel } from "./operator-models.ts";
import { testOperators } from "./operator-tests.ts";

type Shape = readonly number[];
type Lists = readonly (readonly number[])[];

/** All combinations of places along each dimension, in order. */
function product(lists: Lists): Lists {
  return lists.reduce<Lists>((sofar, list) => sofar.flatMap((at) => list.map((i) => [...at, i])), [[]]);
}

/** Places that a ScatterND writes, of a shape of their own, each of them as many dimensions deep. */
function listed(x: Shape, at: Lists, shape: Shape = [at.length]): OperatorModel {
  const inner = x.slice(at[0].length);
  return {
    opset: 18,
    inputs: { x, u: [...shape, ...inner] },
    outputs: ["y"],
    nodes: [node("ScatterND", ["x", "i", "u"], "y")],
    weights: [integers("i", at.flat(), [...shape, at[0].length])],
  };
}

const box = (x: Shape, lists: Lists): OperatorModel =>
  listed(
    x,
    product(lists),
    lists.map(({ length }) => length),
  );

function elements(x: Shape, axis: number, shape: Shape, at: readonly number[]): OperatorModel {
  return {
    opset: 18,
    inputs: { x, u: shape },
    outputs: ["y"],
    nodes: [node("ScatterElements", ["x", "i", "u"], "y", { axis })],
    weights: [integers("i", at, shape)],
  };
}

/** The same of numbers of another type, which both come from floats. */
function typed({ inputs, nodes, ...others }: OperatorModel, to: number): OperatorModel {
  const cast = ["x", "u"].flatMap((name) => [
    node("Abs", [name], `${name}_abs`),
    node("Cast", [`${name}_abs`], `${name}_t`, { to }),
  ]);
  const [scatter] = nodes;
  const last = node("Cast", ["t"], "y", { to: FLOAT32 });
  const moved = { ...scatter, name: "moved", input: ["x_t", "i", "u_t"], output: ["t"] };
  return { inputs, nodes: [...cast, moved, last], ...others };
}

const range = (from: number, to: number, step = 1): readonly number[] =>
  Array.from({ length: Math.ceil((to - from) / step) }, (_, i) => from + i * step);

/** The places that the elements of a shape have along an axis, each moved on by `of` its others. */
const turned = (shape: Shape, axis: number, extent: number): readonly number[] =>
  product(shape.map((d) => range(0, d))).map(
    (at) => (at[axis] + at.reduce((sum, i, d) => (d === axis ? sum : sum + i), 0)) % extent,
  );

const BOXES: Readonly<Record<string, OperatorModel>> = {
  "first rows": box([6, 3, 4], [range(0, 2)]),
  "middle rows": box([6, 3, 4], [range(2, 5)]),
  "last rows": box([6, 3, 4], [range(4, 6)]),
  "one row, of a list": listed([3, 1, 1, 16], [[1]]),
  "channels of images": box([2, 12, 5, 7], [range(0, 2), range(4, 8)]),
  "columns of images": box([2, 12, 5, 7], [range(0, 2), range(0, 12), range(0, 5), range(3, 5)]),
  "a window of images": box([1, 8, 6, 7], [[0], range(0, 8), range(1, 4), range(2, 7)]),
  "the last of five axes": box([1, 3, 4, 4, 9], [[0], range(0, 3), range(0, 4), range(0, 4), range(0, 2)]),
  "a box in all axes": box([4, 5, 6], [range(1, 3), range(0, 4), range(3, 6)]),
  "a box in one list": listed([4, 5, 6], product([range(1, 3), range(0, 4), range(3, 6)])),
  "all of it": box([3, 4], [range(0, 3), range(0, 4)]),
  "all of it in one list": listed([3, 4, 2], product([range(0, 3), range(0, 4)])),
  "from the end": box([5, 6], [range(-3, -1), range(-6, 0)]),
  "one element": listed([3, 4], [[1, -1]]),
  "rows with steps": box([7, 4, 3], [range(1, 7, 2)]),
  "channels with steps": box([1, 12, 5, 3], [[0], range(0, 12, 2)]),
  "rows and columns with steps": box([1, 5, 8, 9], [[0], range(0, 5), range(0, 8, 2), range(1, 9, 3)]),
  "rows backwards": box([7, 4], [range(2, 5).toReversed()]),
  "all rows in another order": box([5, 4], [[3, 0, 4, 1, 2]]),
  "rows in another order, some columns": box(
    [5, 4],
    [
      [3, 0, 4, 1, 2],
      [2, 0],
    ],
  ),
  "elements along an axis": elements(
    [3, 6, 2],
    1,
    [3, 2, 2],
    [...Array(3)].flatMap(() => [4, 4, 1, 1]),
  ),
  "elements of a part": elements([4, 6, 3], 1, [2, 2, 3], [2, 2, 2, 3, 3, 3, 2, 2, 2, 3, 3, 3]),
};

const ANYWHERE: Readonly<Record<string, OperatorModel>> = {
  "a diagonal": listed(
    [5, 5],
    range(0, 5).map((i) => [i, i]),
  ),
  "a diagonal of rows": listed(
    [5, 5, 6],
    range(0, 5).map((i) => [i, 4 - i]),
  ),
  "runs of columns": listed(
    [4, 5, 3],
    product([range(0, 4), range(0, 3)]).map(([i, l]) => [i, (2 * i) % 5, l]),
  ),
  "a box, by columns": listed(
    [4, 5],
    product([range(1, 4), range(0, 2)]).map(([j, i]) => [i, j]),
    [3, 2],
  ),
  "all elements in another order": listed(
    [2, 3],
    product([range(0, 3), range(0, 2)]).map(([j, i]) => [i, j]),
  ),
  "elements, each from elsewhere": elements([4, 5, 3], 1, [4, 3, 3], turned([4, 3, 3], 1, 5)),
  "elements of a part, from the end": elements([5, 6], 0, [2, 4], [0, 1, 2, 3, 4, 3, -5, 1]),
};

const TYPES: Readonly<Record<string, OperatorModel>> = {
  "rows of uint8": typed(box([6, 3], [range(1, 3)]), UINT8),
  "truths with steps": typed(box([6, 3], [range(0, 6, 2)]), BOOL),
  "a diagonal of int64": typed(
    listed(
      [4, 4],
      range(0, 4).map((i) => [i, i]),
    ),
    INT64,
  ),
  "elements of int64": typed(elements([4, 5], 1, [4, 3], turned([4, 3], 1, 5)), INT64),
};

/** Known data, or known updates. */
const KNOWN: Readonly<Record<string, OperatorModel>> = {
  "in known data": {
    ...box([4, 6], [range(0, 4), range(2, 4)]),
    inputs: { u: [4, 2] },
    weights: [integers("i", product([range(0, 4), range(2, 4)]).flat(), [4, 2, 2]), weights("x", [4, 6])],
  },
  "of known updates": {
    ...box([4, 6], [range(0, 3)]),
    inputs: { x: [4, 6] },
    weights: [integers("i", range(0, 3), [3, 1]), weights("u", [3, 6])],
  },
  "one after another, into all rows": {
    opset: 18,
    inputs: { x: [1, 8, 3, 5], a: [1, 4, 3, 5], b: [1, 4, 3, 5] },
    outputs: ["y"],
    nodes: [node("ScatterND", ["x", "even", "a"], "t"), node("ScatterND", ["t", "odd", "b"], "y")],
    weights: [0, 1].map((first) =>
      integers(first === 0 ? "even" : "odd", product([[0], range(first, 8, 2)]).flat(), [1, 4, 2]),
    ),
  },
  "one list from the end of two sizes, added": {
    opset: 18,
    inputs: { a: [5, 2], b: [7, 2], u: [2, 2] },
    outputs: ["y"],
    nodes: [
      node("ScatterND", ["a", "i", "u"], "p", { reduction: "add" }),
      node("ScatterND", ["b", "i", "u"], "q", { reduction: "max" }),
      node("Concat", ["p", "q"], "y", { axis: 0 }),
    ],
    weights: [integers("i", [-1, -3], [2, 1])],
  },
  "elements from the end of two sizes, added": {
    opset: 18,
    inputs: { a: [5], b: [7], u: [2] },
    outputs: ["y"],
    nodes: [
      node("ScatterElements", ["a", "i", "u"], "p", { reduction: "add" }),
      node("ScatterElements", ["b", "i", "u"], "q", { reduction: "add" }),
      node("Concat", ["p", "q"], "y", { axis: 0 }),
    ],
    weights: [integers("i", [-1, -3])],
  },
};

describe("what is placed by known indices is ONNX Runtime's", () => {
  testOperators(
    { ...BOXES, ...ANYWHERE, ...TYPES, ...KNOWN },
    { boards: ["host", "qemu-rpi4", "qemu-rpi2"], written: "imported" },
  );
});

const kinds = (text: OperatorModel): readonly string[] =>
  importOnnx(model(text)).nodes.map(({ op }) => op.kind);

describe("known indices are no work of a network's", () => {
  test.each(Object.entries({ ...BOXES, ...ANYWHERE, ...TYPES }))("%s", (_, text) => {
    const { steps } = planNetwork(optimizeGraph(importOnnx(model(text))), 4);
    const computed = ["scatter-at", "constant", "elementwise"];
    expect(steps.map(({ task }) => task.op).filter((name) => computed.includes(name))).toEqual([]);
  });

  test("boxes are slices and concats, other lists of rows a table", () => {
    expect(kinds(BOXES["middle rows"])).toEqual(["slice", "slice", "concat"]);
    expect(kinds(BOXES["first rows"])).toEqual(["slice", "concat"]);
    expect(kinds(BOXES["a window of images"])).toEqual([
      ...["slice", "slice", "concat"],
      ...["slice", "slice", "concat"],
    ]);
    expect(kinds(BOXES["rows with steps"])).toEqual(["concat", "gather"]);
    expect(kinds(BOXES["all rows in another order"])).toEqual(["gather"]);
    expect(kinds(BOXES["all of it"])).toEqual(["reshape"]);
    expect(kinds(ANYWHERE["a diagonal of rows"])).toEqual([
      "reshape",
      "reshape",
      "concat",
      "gather",
      "reshape",
    ]);
  });

  test("few in so many rows that a table of them is large are looked for", () => {
    const few = listed(
      [1100, 1100],
      [
        [0, 0],
        [1, 1],
      ],
    );
    expect(kinds(few).filter((kind) => kind !== "reshape")).toEqual(["constant", "scatter-at"]);
  });

  test("those of a reduction are a list", () => {
    const added = {
      ...BOXES["middle rows"],
      nodes: [node("ScatterND", ["x", "i", "u"], "y", { reduction: "add" })],
    };
    expect(kinds(added).filter((kind) => kind !== "reshape")).toEqual(["constant", "scatter-at"]);
  });
});

test("of updates in one place the last stays, as where indices are computed", () => {
  const rows = listed([4, 2], [[1], [3], [1], [-1]]);
  const single = elements([4], 0, [3], [2, 0, -2]);
  const count = (shape: Shape): number => shape.reduce((a, b) => a * b, 1);
  const results = [rows, single].map((text) => {
    const { x, u } = text.inputs as Readonly<Record<string, Shape>>;
    const given = {
      x: new Float32Array(count(x)),
      u: Float32Array.from({ length: count(u) }, (_, i) => i + 1),
    };
    return [...(runReference(importOnnx(model(text)), given).get("y") ?? [])];
  });
  expect(results).toEqual([
    [0, 0, 5, 6, 0, 0, 7, 8],
    [2, 0, 3, 0],
  ]);
});

test("no updates leave the data as they are", () => {
  const none = {
    ...listed([4, 2], [[0]]),
    inputs: { x: [4, 2] },
    weights: [integers("i", [], [0, 1]), weights("u", [0, 2])],
  };
  expect(kinds(none)).toEqual(["reshape"]);
});

describe("a known index that names no element is refused", () => {
  test.each([
    ["ScatterND", listed([3, 4], [[0], [3]]), "index 3 of 3"],
    ["ScatterND from the end", listed([3, 4], [[0, -5]]), "index -5 of 4"],
    ["ScatterElements", elements([3], 0, [1], [3]), "index 3 of 3"],
  ] as const)("%s", (_, text, why) => {
    expect(messageOf(() => importOnnx(model(text)))).toContain(why);
  });
});
