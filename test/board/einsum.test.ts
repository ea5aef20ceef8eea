import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { type ModelText, node, weights } from "../frontend/onnx-model.ts";
import { casesOn } from "../support/amount.ts";
import { type OnnxCases, wrongCases } from "./onnx-cases.ts";

const folder = mkdtempSync(join(tmpdir(), "tilewright-einsum-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** `constant`: the second operand, or the first, known. */
function einsum(equation: string, shapes: readonly (readonly number[])[], constant?: number): ModelText {
  const names = ["a", "b"].slice(0, shapes.length);
  const given = names.map((name, i) => [name, shapes[i]] as const);
  return {
    opset: 12,
    inputs: Object.fromEntries(given.filter((_, i) => i !== constant)),
    outputs: ["y"],
    nodes: [node("Einsum", names, "y", { equation })],
    weights: given.filter((_, i) => i === constant).map(([name, shape]) => weights(name, shape)),
  };
}

const EQUATIONS: readonly (readonly [string, readonly (readonly number[])[], number?])[] = [
  [
    "ij,jk->ik",
    [
      [5, 7],
      [7, 9],
    ],
  ],
  [
    "ij,jk",
    [
      [5, 7],
      [7, 9],
    ],
  ],
  [
    "bhid,bhjd->bhij",
    [
      [2, 3, 5, 8],
      [2, 3, 6, 8],
    ],
  ],
  [
    "bihd,bjhd->bhij",
    [
      [2, 5, 3, 8],
      [2, 6, 3, 8],
    ],
  ],
  [
    "bhij,bjhd->bihd",
    [
      [2, 3, 5, 6],
      [2, 6, 3, 8],
    ],
  ],
  [
    "...ij,...jk->...ik",
    [
      [2, 3, 5, 6],
      [2, 3, 6, 4],
    ],
  ],
  [
    "b...i,b...j->b...ij",
    [
      [2, 3, 5],
      [2, 3, 4],
    ],
  ],
  [
    "nchw,cd->ndhw",
    [
      [1, 4, 3, 5],
      [4, 6],
    ],
    1,
  ],
  [
    "abc,cd->abd",
    [
      [2, 3, 8],
      [8, 16],
    ],
    1,
  ],
  [
    "ij,bjk->bik",
    [
      [5, 7],
      [2, 7, 9],
    ],
    0,
  ],
  ["i,j->ij", [[5], [7]]],
  ["i,i->", [[9], [9]]],
  [
    "ij,ij->ij",
    [
      [3, 5],
      [3, 5],
    ],
  ],
  [
    "ij,ji->ij",
    [
      [3, 5],
      [5, 3],
    ],
  ],
  [
    "bij,bk->b",
    [
      [2, 3, 4],
      [2, 5],
    ],
  ],
  ["ijk->kij", [[2, 3, 4]]],
  ["ijk->ik", [[2, 3, 4]]],
  ["ijk->j", [[2, 3, 4]]],
  ["...ij->...ji", [[2, 3, 4]]],
  ["ba", [[2, 3]]],
];
const CASES: OnnxCases = Object.fromEntries(
  EQUATIONS.map(([equation, shapes, constant]) => [equation, einsum(equation, shapes, constant)]),
);

test.each(["host", "qemu-rpi4"])(
  "Einsum is right on %s",
  async (board) => {
    const { wrong } = await wrongCases(board, casesOn(board, CASES), join(folder, board));
    expect(wrong).toEqual([]);
  },
  300_000,
);
