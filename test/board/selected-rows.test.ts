import { describe, expect, test } from "vitest";
import { inspectModel } from "../../compiler/analyze/inspect-model.ts";
import { inspectionText } from "../../compiler/cli/inspection-text.ts";
import { compileNetwork } from "../../compiler/driver/compile-network.ts";
import { importOnnx, readOnnx } from "../../compiler/frontend/onnx/import.ts";
import type { OnnxNode } from "../../compiler/frontend/onnx/model.ts";
import { BOOL, FLOAT32, INT64 } from "../../compiler/frontend/onnx/schema.ts";
import { optimizeGraph } from "../../compiler/graph/optimize-graph.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { runReference } from "../../compiler/verify/reference.ts";
import { integers, messageOf, model, node, weights } from "../frontend/onnx-model.ts";
import { runOnnxRuntime } from "./compare-runs.ts";
import { joinedInputs, joinModels, type OperatorModel } from "./operator-models.ts";
import { testOperators } from "./operator-tests.ts";

type Shape = readonly number[];
type Named = readonly (readonly [string, OperatorModel])[];
const cast = (x: string, to: number, output: string): OnnxNode => node("Cast", [x], output, { to });
const net = (
  inputs: Readonly<Record<string, Shape>>,
  nodes: readonly OnnxNode[],
  more: Partial<OperatorModel> = {},
): OperatorModel => ({ opset: 18, inputs, outputs: ["y"], nodes, ...more });

const limits = (most: number, overlap: number, least?: number) => [
  ...[integers("most", [most]), weights("overlap", [1], [overlap])],
  ...(least === undefined ? [] : [weights("least", [1], [least])]),
];
const nms = (least: boolean, center = 0, scores = "scores", boxes = "boxes"): OnnxNode =>
  node("NonMaxSuppression", [boxes, scores, "most", "overlap", ...(least ? ["least"] : [])], "s", {
    center_point_box: center,
  });

/** Boxes that overlap: corners near each other, and sizes. */
const boxed: readonly OnnxNode[] = [
  ...[node("Add", ["a", "three"], "b"), node("Concat", ["a", "b"], "boxes", { axis: 2 })],
];
const THREE = weights("three", [], [3]);
/** Scores of which some are equal. */
const rounded = node("Round", ["x"], "scores");
const centred = node("Abs", ["a"], "boxes");

const selections: Named = (
  [
    [1, 1, 9, 4, 0.3, undefined, 0],
    [2, 3, 9, 4, 0.3, 0.1, 0],
    [2, 2, 12, 30, 0.5, -0.5, 0],
    [1, 4, 8, 3, 0.4, undefined, 1],
    [2, 1, 10, 5, 0, 0.2, 1],
    [1, 1, 6, 3, 1, 50, 0],
  ] as const
).map(([n, c, size, most, overlap, least, center]): readonly [string, OperatorModel] => [
  `NonMaxSuppression of ${n} ${c} ${size}, ${most} ${overlap} ${least} ${center}`,
  net(
    { x: [n, c, size], a: [n, size, center === 1 ? 4 : 2] },
    [
      ...[rounded, ...(center === 1 ? [centred] : boxed), nms(least !== undefined, center)],
      node("Identity", ["s"], "y"),
    ],
    { weights: [...limits(most, overlap, least), THREE], types: { y: INT64 } },
  ),
]);

const followed: Named = [
  [
    "boxes, scores and classes of what is selected",
    {
      ...net(
        { x: [1, 3, 9], a: [1, 9, 2] },
        [
          ...[rounded, ...boxed, nms(true)],
          ...[node("Gather", ["s", "two"], "at", { axis: 1 }), node("Squeeze", ["at", "one"], "i")],
          ...[node("Squeeze", ["boxes", "zero"], "all"), node("Gather", ["all", "i"], "chosen")],
          ...[node("GatherND", ["x", "s"], "best"), node("Unsqueeze", ["best", "one"], "column")],
          ...[node("Slice", ["s", "one", "two", "one"], "of"), cast("of", FLOAT32, "class")],
          node("Concat", ["chosen", "column", "class"], "rows", { axis: 1 }),
          node("Mul", ["rows", "by"], "y"),
          ...[
            node("Reshape", ["rows", "wide"], "r"),
            node("Transpose", ["r"], "t"),
            node("ReduceMax", ["t", "zero"], "z", { keepdims: 0 }),
          ],
        ],
        {
          outputs: ["y", "z"],
          weights: [
            ...[...limits(4, 0.3, -0.2), THREE, integers("zero", [0]), integers("one", [1])],
            ...[integers("two", [2]), integers("wide", [-1, 2, 3]), weights("by", [1, 6])],
          ],
        },
      ),
    },
  ],
  [
    "the first few of what is selected",
    net(
      { x: [1, 1, 9], a: [1, 9, 2] },
      [...[rounded, ...boxed, nms(false)], node("Slice", ["s", "zero", "three_", "zero"], "y")],
      {
        weights: [...limits(5, 0.3), THREE, integers("zero", [0]), integers("three_", [3])],
        types: { y: INT64 },
      },
    ),
  ],
  [
    "boxes above a threshold, then those that do not overlap",
    net(
      { x: [11], a: [1, 11, 2] },
      [
        ...[...boxed, node("Greater", ["x", "half"], "m"), node("NonZero", ["m"], "nz")],
        ...[node("Squeeze", ["nz", "zero"], "k"), node("Squeeze", ["boxes", "zero"], "all")],
        ...[node("Gather", ["all", "k"], "some"), node("Gather", ["x", "k"], "p")],
        ...[node("Unsqueeze", ["some", "zero"], "some3"), node("Unsqueeze", ["p", "zeros"], "p3")],
        ...[nms(false, 0, "p3", "some3"), node("Gather", ["s", "two"], "at", { axis: 1 })],
        ...[node("Squeeze", ["at", "one"], "i"), node("Gather", ["some", "i"], "y")],
      ],
      {
        weights: [
          ...[...limits(6, 0.3), THREE, weights("half", [], [-0.4])],
          ...[integers("zero", [0]), integers("zeros", [0, 1]), integers("one", [1]), integers("two", [2])],
        ],
      },
    ),
  ],
];

const found: Named = [
  ...([[7], [3, 5], [2, 3, 4]] as const).map((x): readonly [string, OperatorModel] => [
    `NonZero of ${x}`,
    net({ x }, [node("Round", ["x"], "r"), node("NonZero", ["r"], "y")], { types: { y: INT64 } }),
  ]),
  ...([0, 1, undefined] as const).map((axis): readonly [string, OperatorModel] => [
    `Compress along ${axis}`,
    net(
      { x: [4, 3], m: axis === undefined ? [9] : [3] },
      [
        node("Greater", ["m", "zero"], "c"),
        node("Compress", ["x", "c"], "y", axis === undefined ? {} : { axis }),
      ],
      { weights: [weights("zero", [], [0])] },
    ),
  ]),
  [
    "Compress, then by another condition of what is left",
    net(
      { x: [6, 3], m: [6] },
      [
        ...[node("Greater", ["m", "low"], "c"), node("Compress", ["x", "c"], "d", { axis: 0 })],
        ...[node("Compress", ["m", "c"], "n", { axis: 0 }), node("Less", ["n", "high"], "e")],
        node("Compress", ["d", "e"], "y", { axis: 0 }),
      ],
      { weights: [weights("low", [], [-1.5]), weights("high", [], [1])] },
    ),
  ],
];

describe("rows that a network selects are ONNX Runtime's, others are marked", () => {
  testOperators(Object.fromEntries([...selections, ...followed, ...found]), {
    boards: ["host", "qemu-rpi2"],
  });
});

test("a network that selects rows is written as a file that ONNX Runtime runs", async () => {
  const graph = joinModels(Object.fromEntries([selections[1], followed[2], found[1]]));
  const inputs = joinedInputs(Object.fromEntries([selections[1], followed[2], found[1]]));
  const own = runReference(graph, inputs);
  for (const [name, values] of await runOnnxRuntime(optimizeGraph(graph), inputs))
    expect([...values], name).toEqual([...(own.get(name) ?? [])]);
});

test("says how many rows there may be, and what is in those that are not used", async () => {
  const graph = joinModels(Object.fromEntries([selections[0], followed[0]]));
  const target = loadTarget("rpi4");
  const { files } = await compileNetwork(graph, target, { meta: { modelSha256: "0".repeat(64) } });
  const header = String(files.get("include/operators.h"));
  expect(header).toContain("y: 4 x 3 of i64, up to 4 rows, unused ones -1");
  expect(header).toContain("y: 12 x 6, up to 12 rows, unused ones NaN");
  expect(header).toContain("z: 2 x 12, up to 12 along axis 1, unused ones NaN");
  expect(JSON.parse(String(files.get("metadata.json"))).outputs).toMatchObject([
    { rows: 0 },
    { rows: 0 },
    { rows: 1 },
  ]);
});

test("inspect tells results with rows that are selected", async () => {
  const read = readOnnx(model(followed[1][1]), { name: "net" });
  const text = await inspectionText(inspectModel(read), { bold: (s: string) => s } as never);
  expect(text).toMatch(/s_node +NonMaxSuppression +<=5x3 /);
  expect(text).toMatch(/y_node +Slice +<=3x3 /);
});

/** Why a network cannot be compiled that does this with the rows `s`, [<=4, 3]. */
function refusal(
  nodes: readonly OnnxNode[],
  more: readonly Parameters<typeof integers>[] = [],
  types = {},
): string {
  const constants = more.map((each) => integers(...each));
  const text = net({ x: [1, 1, 9], a: [1, 9, 2] }, [rounded, ...boxed, nms(false), ...nodes], {
    weights: [...limits(4, 0.3), THREE, ...constants],
    types,
  });
  const message = messageOf(() => importOnnx(model(text)));
  return message;
}

const UNKNOWN = "how many is not known before it runs";
describe("what hangs on the number of rows that are selected is refused", () => {
  test.each([
    ["a reduction", [cast("s", FLOAT32, "f"), node("ReduceSum", ["f"], "y")], []],
    ["the shape", [node("Shape", ["s"], "y")], []],
    ["the shape by another name", [node("Identity", ["s"], "t"), node("Shape", ["t"], "y")], []],
    [
      "halves by another name",
      [node("Identity", ["s"], "t"), node("Split", ["t"], "y", { axis: 0, num_outputs: 2 }, ["z"])],
      [],
    ],
    [
      "a sum of padded images, one for each row",
      [
        ...[cast("s", FLOAT32, "f"), node("Unsqueeze", ["f", "k"], "u"), node("Pad", ["u", "p"], "q")],
        node("ReduceSum", ["q", "z"], "y"),
      ],
      [
        ["k", [1, 3]],
        ["p", [0, 0, 1, 1, 0, 0, 1, 1]],
        ["z", [0]],
      ],
    ],
    ["the size", [node("Size", ["s"], "y")], []],
    ["the last row", [node("Gather", ["s", "k"], "y")], [["k", [-1]]]],
    [
      "a part from the end",
      [node("Slice", ["s", "k", "e", "z"], "y")],
      [
        ["k", [-2]],
        ["e", [9]],
        ["z", [0]],
      ],
    ],
    ["a matrix of its shape", [cast("s", FLOAT32, "f"), node("EyeLike", ["f"], "y")], []],
    [
      "an expansion",
      [node("Unsqueeze", ["s", "k"], "u"), node("Expand", ["u", "e"], "y")],
      [
        ["k", [2]],
        ["e", [4, 3, 2]],
      ],
    ],
    ["halves", [node("Split", ["s"], "y", { axis: 0, num_outputs: 2 }, ["z"])], []],
    ["rows beside each other", [node("Reshape", ["s", "k"], "y")], [["k", [-1]]]],
    ["rows above each other", [node("Concat", ["s", "s"], "y", { axis: 0 })], []],
    ["a stated number of rows", [node("Reshape", ["s", "k"], "y")], [["k", [4, 3, 1]]]],
    ["a softmax over rows", [cast("s", FLOAT32, "f"), node("Softmax", ["f"], "y", { axis: 0 })], []],
    [
      "a product",
      [cast("s", FLOAT32, "f"), node("Transpose", ["f"], "t"), node("MatMul", ["t", "f"], "y")],
      [],
    ],
    [
      "a constant for each row",
      [cast("s", FLOAT32, "f"), node("Add", ["s", "k"], "y")],
      [["k", [1, 2, 3, 4], [4, 1]]],
    ],
  ] as const)("%s", (_, nodes, constants) => {
    const message = refusal(nodes, constants as never);
    expect(message).toContain("error[F104]: ");
    expect(message).toMatch(new RegExp(`${UNKNOWN}|states 4 rows, of which the network selects fewer`));
  });

  test("an output of truths, which have no mark", () => {
    const message = refusal([node("Less", ["s", "k"], "y")], [["k", [1], []]] as never, { y: BOOL });
    expect(message).toContain(
      "of its rows as many are used as the network selects, and bool has no number for others",
    );
  });
});
