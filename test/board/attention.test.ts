import { describe, expect, test } from "vitest";
import { importOnnx } from "../../compiler/frontend/onnx/import.ts";
import { BOOL } from "../../compiler/frontend/onnx/schema.ts";
import { integers, messageOf, model, node, weights } from "../frontend/onnx-model.ts";
import type { OperatorModel } from "./operator-models.ts";
import { testOperators } from "./operator-tests.ts";

type Shape = readonly number[];
const HEADS = { q: [2, 6, 5, 8], k: [2, 6, 7, 8], v: [2, 6, 7, 4] } as const;

function attention(
  inputs: Readonly<Record<string, Shape>>,
  attributes: Parameters<typeof node>[3] = {},
  more: Partial<OperatorModel> = {},
): OperatorModel {
  const { mask } = inputs;
  const known = more.weights?.some(({ name }) => name === "mask");
  const all = ["q", "k", "v", ...(mask !== undefined || known ? ["mask"] : [])];
  return { opset: 23, inputs, outputs: ["y"], nodes: [node("Attention", all, "y", attributes)], ...more };
}

/** A mask of which some rows hide all keys. */
const hidden = Array.from({ length: 35 }, (_, i) => (i < 7 || i % 3 === 0 ? Number.NEGATIVE_INFINITY : 0));
const rows = { q: [2, 5, 48], k: [2, 7, 16], v: [2, 7, 8] } as const;

describe("attention is ONNX Runtime's", () => {
  testOperators(
    {
      heads: attention(HEADS),
      "a scale, softly bounded": attention(HEADS, { scale: { float: 0.3 }, softcap: { float: 1.5 } }),
      "keys in front": attention(HEADS, { is_causal: 1 }),
      "added to scores": attention({ ...HEADS, mask: [2, 1, 5, 7] }),
      "of which some are hidden": attention({ ...HEADS, mask: [5, 7] }, {}, { types: { mask: BOOL } }),
      "hidden, and keys in front": attention(
        { ...HEADS, mask: [5, 7] },
        { is_causal: 1 },
        { types: { mask: BOOL } },
      ),
      "a mask that is known": attention(HEADS, {}, { weights: [weights("mask", [5, 7], hidden)] }),
      "a sum with infinite numbers for each column": {
        inputs: { x: [3, 7] },
        outputs: ["y"],
        nodes: [node("Add", ["x", "hidden"], "masked"), node("Softmax", ["masked"], "y", { axis: -1 })],
        weights: [
          weights("hidden", [7], [0, Number.NEGATIVE_INFINITY, 0, 1, 0, Number.NEGATIVE_INFINITY, 2]),
        ],
      },
      "heads that share keys": attention({ q: [1, 6, 5, 8], k: [1, 2, 7, 8], v: [1, 2, 7, 8] }),
      "heads in rows": attention(rows, { q_num_heads: 6, kv_num_heads: 2 }),
    },
    { boards: ["host", "qemu-rpi4"], written: "imported" },
  );
});

test("whole numbers are no truths of which key is seen", () => {
  const mask = integers("mask", Array<number>(35).fill(1), [5, 7]);
  const text = attention(HEADS, {}, { weights: [mask] });
  expect(messageOf(() => importOnnx(model(text)))).toContain("of int64: input `mask` must be float32");
});

test("bounds that are none are refused", () => {
  const refusal = (attributes: Parameters<typeof node>[3]): string =>
    messageOf(() => importOnnx(model(attention(HEADS, attributes))));
  expect(refusal({ softcap: { float: -1 } })).toContain("softcap=-1: only finite ones");
  expect(refusal({ scale: { float: Number.NaN } })).toContain("scale=NaN and softcap=0: only finite ones");
});
