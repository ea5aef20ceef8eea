import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { type ModelText, node } from "../frontend/onnx-model.ts";
import { casesOn } from "../support/amount.ts";
import { type OnnxCases, wrongCases } from "./onnx-cases.ts";

const folder = mkdtempSync(join(tmpdir(), "tilewright-softmax-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const OPERATORS = ["Softmax", "LogSoftmax", "Hardmax"] as const;
type Form = readonly [shape: readonly number[], axis?: number | undefined, opset?: number];
const FORMS: readonly Form[] = [
  [[1, 1000]],
  [[3, 16]],
  [[3, 17], 1],
  [[2, 5, 40], -1],
  [[2, 5, 40], 1],
  [[2, 5, 40], 0],
  [[1, 21, 9, 11], 1],
  [[1, 8, 5, 5], 1],
  [[2, 3, 4, 35], 2],
  [[40]],
  [[4, 1], 1],
  [[2, 3, 4, 5], undefined, 11],
  [[2, 3, 4, 5], 2, 9],
  [[2, 3, 4, 5], -1, 11],
  [[2, 3, 4, 5], 0, 7],
];

function along(opType: string, [shape, axis, opset = 13]: Form): ModelText {
  return {
    opset,
    inputs: { x: shape },
    outputs: ["y"],
    nodes: [node(opType, ["x"], "y", axis === undefined ? {} : { axis })],
  };
}

const CASES: OnnxCases = Object.fromEntries(
  OPERATORS.flatMap((opType) =>
    FORMS.map((form) => [`${opType} ${JSON.stringify(form)}`, along(opType, form)] as const),
  ),
);

/** ONNX Runtime's own logarithm of a sum is that far off where one of its terms is nearly all of it. */
const SLACK = 5e-7;

test.each(["host", "qemu-rpi4", "qemu-rpi2"])(
  "Softmax and its kin are right on %s",
  async (board) => {
    const { wrong } = await wrongCases(board, casesOn(board, CASES), join(folder, board), SLACK);
    expect(wrong).toEqual([]);
  },
  300_000,
);
