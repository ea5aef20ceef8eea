import { describe } from "vitest";
import type { OnnxNode } from "../../compiler/frontend/onnx/model.ts";
import { BOOL, FLOAT32, INT64 } from "../../compiler/frontend/onnx/schema.ts";
import { integers, node, weights } from "../frontend/onnx-model.ts";
import type { OperatorModel } from "./operator-models.ts";
import { testOperators } from "./operator-tests.ts";

const IMAGE = [2, 6, 5, 7];
const INT32 = 6;
const INT8 = 3;
const UINT8 = 2;

type Shape = readonly number[];
const SPREADS: readonly (readonly [Shape, Shape])[] = [
  [IMAGE, IMAGE],
  [IMAGE, [2, 1, 5, 7]],
  [[5, 7], IMAGE],
  [
    [4, 5, 6],
    [5, 1],
  ],
  [[9], [1]],
];

const cast = (x: string, to: number, output: string): OnnxNode => node("Cast", [x], output, { to });
/** Whole numbers of about -12 to 12: floats of random size, times 4, without their fraction. */
const wholes = (x: string, output: string, to = INT64): readonly OnnxNode[] => [
  node("Mul", [x, "four"], `${output}_scaled`),
  cast(`${output}_scaled`, to, output),
];
const FOUR = weights("four", [], [4]);

function ofTwo(
  a: Shape,
  b: Shape,
  nodes: readonly OnnxNode[],
  more: Partial<OperatorModel> = {},
): OperatorModel {
  return {
    opset: 16,
    inputs: { a, b },
    outputs: ["y"],
    nodes,
    weights: nodes.some(({ input }) => input?.includes("four")) ? [FOUR] : [],
    ...more,
  };
}
const named = (entries: readonly (readonly [string, OperatorModel])[]): Record<string, OperatorModel> =>
  Object.fromEntries(entries);

const COMPARISONS = ["Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual"];
const LOGIC = ["And", "Or", "Xor"];

const comparisons = COMPARISONS.flatMap((type) => [
  ...SPREADS.map(
    ([a, b]) =>
      [`${type} ${a} ${b}`, ofTwo(a, b, [node(type, ["a", "b"], "t"), cast("t", FLOAT32, "y")])] as const,
  ),
  [
    `${type} whole`,
    ofTwo(IMAGE, IMAGE, [
      ...[...wholes("a", "m"), ...wholes("b", "n")],
      ...[node(type, ["m", "n"], "t"), cast("t", FLOAT32, "y")],
    ]),
  ] as const,
  ...(["left", "right"] as const).map(
    (side) =>
      [
        `${type} of a constant ${side}`,
        {
          opset: 16,
          inputs: { x: IMAGE },
          outputs: ["y"],
          nodes: [node(type, side === "left" ? ["c", "x"] : ["x", "c"], "t"), cast("t", FLOAT32, "y")],
          weights: [weights("c", [6, 1, 1], [-1, -0.5, 0, 0.5, 1, 1.5])],
        },
      ] as const,
  ),
]);

const logic = LOGIC.flatMap((type) =>
  SPREADS.map(
    ([a, b]) =>
      [
        `${type} ${a} ${b}`,
        ofTwo(
          a,
          b,
          [
            ...[node("Greater", ["a", "half"], "m"), node("Less", ["b", "half"], "n")],
            ...[node(type, ["m", "n"], "t"), node("Not", ["t"], "u"), cast("u", FLOAT32, "y")],
          ],
          { weights: [weights("half", [], [0.5])] },
        ),
      ] as const,
  ),
);

const chosen: readonly (readonly [string, OperatorModel])[] = [
  ...SPREADS.map(
    ([a, b]) =>
      [
        `Where ${a} ${b}`,
        ofTwo(a, b, [node("Less", ["a", "b"], "t"), node("Where", ["t", "b", "a"], "y")]),
      ] as const,
  ),
  [
    "Where of a constant",
    {
      opset: 16,
      inputs: { x: [3, 8] },
      outputs: ["y"],
      nodes: [node("Less", ["x", "c"], "t"), node("Where", ["t", "c", "x"], "y")],
      weights: [weights("c", [8], [-1, -0.5, 0, 0.5, 1, 1.5, 2, 9])],
    },
  ],
  [
    "Where of whole numbers",
    ofTwo(
      IMAGE,
      [7],
      [
        ...[...wholes("a", "m"), ...wholes("b", "n"), node("Less", ["a", "b"], "t")],
        ...[node("Where", ["t", "m", "n"], "w"), cast("w", FLOAT32, "y")],
      ],
    ),
  ],
];

const ARITHMETIC = ["Add", "Sub", "Mul", "Max", "Min"];
const arithmetic: readonly (readonly [string, OperatorModel])[] = [
  ...ARITHMETIC.flatMap((type) =>
    [INT64, INT32, INT8].map(
      (to) =>
        [
          `${type} of type ${to}`,
          ofTwo(
            IMAGE,
            [5, 1],
            [
              ...[...wholes("a", "m", to), ...wholes("b", "n", to)],
              ...[node(type, ["m", "n"], "t"), cast("t", FLOAT32, "y")],
            ],
          ),
        ] as const,
    ),
  ),
  ...[0, 1].map(
    (fmod) =>
      [
        `Mod fmod=${fmod}`,
        ofTwo(
          IMAGE,
          IMAGE,
          [
            ...[
              ...wholes("a", "m"),
              ...wholes("b", "n"),
              node("Sign", ["n"], "s"),
              node("Mul", ["n", "two"], "o"),
            ],
            // an odd number is not 0
            ...[
              node("Add", ["o", "one"], "d"),
              node("Mod", ["m", "d"], "t", { fmod }),
              cast("t", FLOAT32, "y"),
            ],
          ].filter(({ opType }) => opType !== "Sign"),
          { weights: [FOUR, integers("two", [2]), integers("one", [1])] },
        ),
      ] as const,
  ),
  [
    "Div",
    ofTwo(
      IMAGE,
      IMAGE,
      [
        ...[...wholes("a", "m"), ...wholes("b", "n"), node("Mul", ["m", "many"], "l")],
        ...[node("Mul", ["n", "two"], "o"), node("Add", ["o", "one"], "d")],
        ...[node("Div", ["l", "d"], "t"), cast("t", FLOAT32, "y")],
      ],
      { weights: [FOUR, integers("two", [2]), integers("one", [1]), integers("many", [1013])] },
    ),
  ],
  ...["Abs", "Neg", "Sign"].map(
    (type) =>
      [
        `${type} of whole numbers`,
        {
          opset: 16,
          inputs: { x: IMAGE },
          outputs: ["y"],
          nodes: [...wholes("x", "m"), node(type, ["m"], "t"), cast("t", FLOAT32, "y")],
          weights: [FOUR],
        },
      ] as const,
  ),
  [
    "Add of bytes that wraps around",
    ofTwo(
      IMAGE,
      IMAGE,
      [
        ...[
          node("Abs", ["a"], "p"),
          node("Abs", ["b"], "q"),
          node("Mul", ["p", "many"], "r"),
          node("Mul", ["q", "many"], "s"),
        ],
        ...[
          cast("r", UINT8, "m"),
          cast("s", UINT8, "n"),
          node("Add", ["m", "n"], "t"),
          cast("t", FLOAT32, "y"),
        ],
      ],
      { values: "small", weights: [weights("many", [], [255])] },
    ),
  ],
];

const others: readonly (readonly [string, OperatorModel])[] = [
  ...["IsNaN", "IsInf"].map(
    (type) =>
      [
        type,
        {
          opset: 16,
          inputs: { x: IMAGE },
          outputs: ["y"],
          // infinite where the logarithm is that of 0, no number below
          nodes: [
            ...[
              node("Floor", ["x"], "f"),
              node("Log", ["f"], "l"),
              node(type, ["l"], "t"),
              cast("t", FLOAT32, "y"),
            ],
          ],
        },
      ] as const,
  ),
  [
    "IsInf of one sign",
    {
      opset: 16,
      inputs: { x: IMAGE },
      outputs: ["y"],
      nodes: [
        ...[node("Floor", ["x"], "f"), node("Reciprocal", ["f"], "l")],
        ...[node("IsInf", ["l"], "t", { detect_negative: 0 }), cast("t", FLOAT32, "y")],
      ],
    },
  ],
  [
    "Cast to bool and back",
    {
      opset: 16,
      inputs: { x: IMAGE },
      outputs: ["y"],
      nodes: [...wholes("x", "m"), cast("m", BOOL, "t"), cast("t", INT32, "u"), cast("u", FLOAT32, "y")],
      weights: [FOUR],
    },
  ],
  [
    "whole numbers moved about",
    ofTwo(
      [2, 3, 4],
      [2, 3, 4],
      [
        ...[...wholes("a", "m"), ...wholes("b", "n"), node("Concat", ["m", "n", "c"], "j", { axis: 1 })],
        ...[node("Transpose", ["j"], "t", { perm: [1, 0, 2] }), node("Slice", ["t", "from", "to"], "s")],
        ...[node("Gather", ["s", "at"], "g", { axis: 0 }), cast("g", FLOAT32, "y")],
      ],
      {
        weights: [
          ...[FOUR, integers("c", [1, 2, 3, 4, 5, 6, 7, 8], [2, 1, 4])],
          ...[integers("from", [1]), integers("to", [6]), integers("at", [3, 0, 1])],
        ],
      },
    ),
  ],
];

const typed = (
  inputs: Readonly<Record<string, Shape>>,
  types: Readonly<Record<string, number>>,
  nodes: readonly OnnxNode[],
  more: Partial<OperatorModel> = {},
): OperatorModel => ({ opset: 18, inputs, outputs: ["y"], types, nodes, ...more });
/** Inputs and outputs that are no floats. */
const ports: readonly (readonly [string, OperatorModel])[] = [
  [
    "an embedding of int64",
    typed({ ids: [2, 3] }, { ids: INT64 }, [node("Gather", ["table", "ids"], "y")], {
      weights: [weights("table", [5, 8])],
    }),
  ],
  [
    "places as int64",
    typed({ x: [2, 6, 5, 7] }, { y: INT64 }, [node("ArgMax", ["x"], "y", { axis: 1, keepdims: 0 })]),
  ],
  ["truths", typed({ a: IMAGE, b: [7] }, { y: BOOL }, [node("Less", ["a", "b"], "y")])],
  [
    "a mask of bool",
    typed(
      { x: [3, 8], mask: [3, 1] },
      { mask: BOOL },
      [...[node("Not", ["mask"], "m"), node("Where", ["m", "x", "least"], "y")]],
      { weights: [weights("least", [], [-1e4])] },
    ),
  ],
  [
    "bytes that wrap around",
    typed({ a: IMAGE, b: [7] }, { a: UINT8, b: UINT8, y: UINT8 }, [
      ...[node("Sub", ["a", "b"], "d"), node("Mul", ["d", "a"], "y")],
    ]),
  ],
  [
    "positions of int32",
    typed(
      { mask: [2, 9] },
      { mask: INT64, y: INT32 },
      [
        ...[cast("mask", BOOL, "m"), cast("m", INT32, "i"), node("CumSum", ["i", "axis"], "s")],
        ...[node("Sub", ["s", "one"], "p"), node("Mul", ["p", "i"], "y")],
      ],
      {
        weights: [
          integers("axis", [1], []),
          { name: "one", dims: [], dataType: INT32, rawData: new Uint8Array(Int32Array.of(1).buffer) },
        ],
      },
    ),
  ],
  ...[
    ["ReduceMax", [1]],
    ["ReduceSum", [1, 2]],
    ["ReduceMin", [0]],
  ].map(([type, axes]): readonly [string, OperatorModel] => [
    `${type} of whole numbers`,
    typed(
      { mask: [2, 3, 5] },
      { mask: BOOL, y: INT64 },
      [...[cast("mask", INT64, "m"), node(String(type), ["m", "axes"], "y", { keepdims: 0 })]],
      { weights: [integers("axes", axes as readonly number[])] },
    ),
  ]),
  ["what is known", typed({ x: IMAGE }, { y: INT64 }, [node("Shape", ["x"], "y")])],
];

describe("comparisons, choices and whole numbers are ONNX Runtime's", () => {
  testOperators(named([...comparisons, ...logic, ...chosen, ...arithmetic, ...others, ...ports]), {
    boards: ["host", "qemu-rpi4", "qemu-rpi2"],
    written: "imported",
  });
});
