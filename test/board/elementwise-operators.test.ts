import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { INT64 } from "../../compiler/frontend/onnx/schema.ts";
import { ACTIVATION_TABLE, PLAIN_ACTIVATIONS } from "../../compiler/ops/activation/activations.ts";
import { integers, node, weights } from "../frontend/onnx-model.ts";
import { runCompiled } from "./compare-runs.ts";
import { joinModels, type OperatorModel } from "./operator-models.ts";
import { testOperators } from "./operator-tests.ts";

const folder = mkdtempSync(join(tmpdir(), "tilewright-operators-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const IMAGE = [2, 6, 5, 7];
/** Of the functions that are not there for all numbers. */
const DOMAINS: Readonly<Record<string, OperatorModel["values"]>> = {
  Log: "positive",
  Sqrt: "positive",
  Asin: "small",
  Acos: "small",
  Atanh: "small",
  Pow: "positive",
};

const functions = PLAIN_ACTIVATIONS.map(({ type, since, fn }): [string, OperatorModel] => {
  const opset = Math.max(13, since);
  const shifted = type === "Acosh";
  return [
    fn,
    {
      opset,
      inputs: { x: IMAGE },
      outputs: ["y"],
      values: shifted ? "positive" : (DOMAINS[type] ?? "any"),
      nodes: shifted ? [node("Add", ["x", "one"], "a"), node(type, ["a"], "y")] : [node(type, ["x"], "y")],
      weights: shifted ? [weights("one", [], [1])] : [],
    },
  ];
});
const binary = (
  type: string,
  a: readonly number[],
  b: readonly number[],
  more: Partial<OperatorModel> = {},
): OperatorModel => ({
  inputs: { a, b },
  outputs: ["y"],
  nodes: [node(type, ["a", "b"], "y", type === "Mod" ? { fmod: 1 } : {})],
  values: DOMAINS[type] ?? "any",
  ...more,
});
const byConstant = (
  type: string,
  x: readonly number[],
  c: readonly number[],
  side: "left" | "right",
): OperatorModel => ({
  inputs: { x },
  outputs: ["y"],
  values: DOMAINS[type] ?? "any",
  nodes: [node(type, side === "left" ? ["c", "x"] : ["x", "c"], "y", type === "Mod" ? { fmod: 1 } : {})],
  weights: [
    weights(
      "c",
      c,
      Array.from({ length: c.reduce((n, d) => n * d, 1) }, (_, i) => 0.4 + (i % 7) / 5),
    ),
  ],
});

const BINARY = ["Add", "Sub", "Mul", "Div", "Pow", "Mod", "Max", "Min"];
const SPREADS: readonly (readonly [readonly number[], readonly number[]])[] = [
  [IMAGE, IMAGE],
  [IMAGE, [2, 1, 5, 7]],
  [
    [1, 6, 1, 7],
    [2, 6, 5, 1],
  ],
  [IMAGE, [7]],
  [[5, 7], IMAGE],
  [
    [3, 8],
    [3, 1],
  ],
  [
    [4, 5, 6],
    [5, 1],
  ],
  [
    [2, 3, 4, 5, 6],
    [3, 4, 1, 1],
  ],
  [[9], [9]],
  [
    [5, 1],
    [1, 6],
  ],
];
const operators: Readonly<Record<string, OperatorModel>> = Object.fromEntries([
  ...functions,
  ...BINARY.flatMap((type) => SPREADS.map(([a, b]) => [`${type} ${a} ${b}`, binary(type, a, b)] as const)),
  ...BINARY.flatMap((type) =>
    (["left", "right"] as const).flatMap((side) => [
      [`${type} one ${side}`, byConstant(type, IMAGE, [], side)] as const,
      [`${type} channels ${side}`, byConstant(type, IMAGE, [6, 1, 1], side)] as const,
      [`${type} last axis ${side}`, byConstant(type, [2, 3, 8], [8], side)] as const,
      [`${type} map ${side}`, byConstant(type, IMAGE, [5, 7], side)] as const,
      [`${type} whole ${side}`, byConstant(type, [1, 6, 5, 7], IMAGE, side)] as const,
      [`${type} vector ${side}`, byConstant(type, [5], [1], side)] as const,
    ]),
  ),
  ["PRelu whole", byConstant("PRelu", IMAGE, [6, 5, 7], "right")],
  ["PRelu of slopes", binary("PRelu", IMAGE, [6, 1, 1])],
  ["PRelu last", byConstant("PRelu", [3, 5, 8], [8], "right")],
  [
    "Sum",
    {
      inputs: { a: IMAGE, b: [7], c: [6, 1, 1] },
      outputs: ["y"],
      nodes: [node("Sum", ["a", "b", "c"], "y")],
    },
  ],
  [
    "Mean",
    { inputs: { a: IMAGE, b: IMAGE, c: IMAGE }, outputs: ["y"], nodes: [node("Mean", ["a", "b", "c"], "y")] },
  ],
  ...["Max", "Sum", "Mean"].map((type): [string, OperatorModel] => [
    `${type}, of which two are known`,
    {
      inputs: { x: IMAGE },
      outputs: ["y"],
      nodes: [node(type, ["a", "b", "x"], "y")],
      weights: [weights("a", IMAGE), weights("b", [7])],
    },
  ]),
  [
    "Max of whole numbers, of which two are known",
    {
      inputs: { x: [4] },
      outputs: ["y"],
      types: { x: INT64, y: INT64 },
      nodes: [node("Max", ["a", "b", "x"], "y")],
      weights: [integers("a", [1, 2, 3, 4]), integers("b", [2])],
    },
  ],
  [
    "known, an output and an operand of others",
    {
      inputs: { x: IMAGE },
      outputs: ["k", "v", "y", "z"],
      nodes: [
        node("Add", ["a", "a"], "k"),
        node("Pow", ["x", "k"], "y"),
        node("Add", ["w", "w"], "v"),
        node("Conv", ["x", "v"], "z"),
      ],
      values: "positive",
      weights: [weights("a", [7]), weights("w", [3, 6, 1, 1])],
    },
  ],
  [
    "Max of 3",
    { inputs: { a: IMAGE, b: IMAGE, c: [1] }, outputs: ["y"], nodes: [node("Max", ["a", "b", "c"], "y")] },
  ],
  [
    "Clip by computed bounds",
    {
      inputs: { x: IMAGE, a: [1], b: [] },
      outputs: ["y", "z", "w"],
      nodes: [
        node("Clip", ["x", "a", "b"], "y"),
        node("Clip", ["x", "a", "most"], "z"),
        node("Clip", ["x", "least", "b"], "w"),
      ],
      weights: [weights("most", [], [0.75]), weights("least", [], [Number.NEGATIVE_INFINITY])],
    },
  ],
  ...["ThresholdedRelu", "Shrink", "Celu"].map(
    (type) =>
      [
        type,
        {
          inputs: { x: IMAGE },
          outputs: ["y"],
          nodes: [
            node(type, ["x"], "d"),
            node(
              type,
              ["d"],
              "y",
              type === "Shrink" ? { bias: { float: 0.2 }, lambd: { float: 0.3 } } : { alpha: { float: 0.6 } },
            ),
          ],
        },
      ] as const,
  ),
  ["Neg", { inputs: { x: IMAGE }, outputs: ["y"], nodes: [node("Neg", ["x"], "y")] }],
  ["Neg of a vector", { inputs: { x: [5] }, outputs: ["y"], nodes: [node("Neg", ["x"], "y")] }],
  ...[2, 3, 4, 0.5, -0.5, -1, 0, 1.7].map(
    (exponent) =>
      [
        `Pow ${exponent}`,
        {
          inputs: { x: IMAGE },
          outputs: ["y"],
          values: "positive",
          nodes: [node("Pow", ["x", "e"], "y")],
          weights: [weights("e", [], [exponent])],
        },
      ] as const,
  ),
  [
    "Pow of whole numbers",
    {
      inputs: { x: IMAGE },
      outputs: ["y"],
      nodes: [node("Pow", ["x", "e"], "y")],
      weights: [integers("e", [3])],
    },
  ],
]);

describe("functions of one and of two tensors, spread over each other, are ONNX Runtime's", () => {
  testOperators(operators, { boards: ["host", "qemu-rpi4", "qemu-rpi2"] });
});

test("every function of one value has a number of its own", () => {
  const numbers = Object.values(ACTIVATION_TABLE).map(({ act }) => act);
  expect(numbers).toEqual(numbers.map((_, i) => i + 1));
});

test.each(["host", "qemu-rpi4", "qemu-rpi2"])("logarithms of special values on %s", async (board) => {
  const values = [
    0,
    -0,
    -1,
    Infinity,
    NaN,
    1,
    1e-40,
    2 ** -126,
    3e38,
    0.70710677,
    Math.SQRT1_2,
    Math.SQRT2,
    1.0000001,
  ];
  const x = [1, 16, 1, 1];
  const alone = { log: { inputs: { x }, outputs: ["y"], nodes: [node("Log", ["x"], "y")] } };
  const given = Float32Array.from({ length: 16 }, (_, i) => values[i % values.length]);
  const { values: found } = await runCompiled(joinModels(alone), board, join(folder, `log-${board}`), {
    "log:x": given,
  });
  const flushes = board === "qemu-rpi2";
  found.get("log:y")?.forEach((v, i) => {
    // 32-bit Arm's vectors take what is below the least normal number for 0
    if (flushes && given[i] === Math.fround(1e-40)) return;
    const wanted = Math.log(given[i]);
    if (Number.isFinite(wanted)) expect(v, `log ${given[i]}`).toBeCloseTo(wanted, 5);
    else expect(v, `log ${given[i]}`).toBe(wanted);
  });
});
