import { expect, test } from "vitest";
import { literal, load } from "../../compiler/ir/expr.ts";
import { axis, constant, divMod } from "../../compiler/ir/index-expr.ts";
import { printProc } from "../../compiler/ir/print.ts";
import { printFloat, printIndex } from "../../compiler/ir/print-expr.ts";
import type { LoopProc } from "../../compiler/ir/proc.ts";
import { loop } from "../../compiler/ir/stmt.ts";
import { parseStorage, plainStorage } from "../../compiler/ir/storage.ts";

const BLOCKED = parseStorage("0/4 1+1,1 0%4", [8, 6]) ?? plainStorage([8, 6]);

const PROC: LoopProc = {
  stage: "loop",
  name: "twice",
  params: [
    { name: "x", role: "input", dtype: "f32", storage: BLOCKED },
    { name: "y", role: "output", dtype: "f32", storage: plainStorage([8, 6]) },
  ],
  body: [
    loop(
      "c",
      8,
      [
        {
          kind: "alloc",
          dtype: "f32",
          buffer: "t",
          shape: [6],
          memory: "register",
          body: [
            loop(
              "w",
              6,
              [{ kind: "store", buffer: "t", at: [axis("w")], value: load("x", [axis("c"), axis("w")]) }],
              "unroll",
            ),
            {
              kind: "if",
              cond: { op: "lt", lhs: axis("c"), rhs: constant(7) },
              body: [
                loop(
                  "w",
                  6,
                  [
                    {
                      kind: "reduce",
                      op: "max",
                      buffer: "y",
                      at: [axis("c"), axis("w")],
                      value: load("t", [axis("w")]),
                    },
                  ],
                  "vector",
                ),
              ],
            },
          ],
        },
        { kind: "store", buffer: "y", at: [axis("c"), constant(0)], value: literal(0.1) },
      ],
      "parallel",
    ),
  ],
};

test("a procedure is printed as a kernel file", () => {
  expect(
    printProc(PROC),
  ).toBe(`import { type Input, type Output, max, parallel, register, unroll, vector } from "tilewright/kernel";

export function twice(
  x: Input<[8, 6], "0/4 1+1,1 0%4">,
  y: Output<[8, 6]>,
): void {
  for (const c of parallel(8)) {
    {
      const t = register([6]);
      for (const w of unroll(6)) {
        t[w] = x[c][w];
      }
      if (c < 7) {
        for (const w of vector(6)) {
          y[c][w] = max(y[c][w], t[w]);
        }
      }
    }
    y[c][0] = 0.1;
  }
}
`);
});

test("numbers are printed as the shortest decimal of the same f32", () => {
  const values = [0, -0, 1, 0.1, 1 / 3, 1e-20, 3.4e38, -2.5, 16777217, Number.POSITIVE_INFINITY, Number.NaN];
  expect(values.map(printFloat)).toEqual([
    "0",
    "-0",
    "1",
    "0.1",
    "0.33333334",
    "1e-20",
    "3.4e+38",
    "-2.5",
    "16777216",
    "Infinity",
    "NaN",
  ]);
  for (const v of values) expect(Math.fround(Number(printFloat(v)))).toBe(Math.fround(v));
});

test("remainders of what may be negative are printed as mod()", () => {
  const ranges = new Map([["i", { min: 0, max: 9 }]]);
  const shifted = { terms: [{ coef: -1, atom: { kind: "axis", name: "i" } as const }], offset: 2 };
  const { div, mod } = divMod(shifted, 4, ranges);
  expect(printIndex(div, ranges)).toBe("Math.floor((-i + 2) / 4)");
  expect(printIndex(mod, ranges)).toBe("mod(-i + 2, 4)");
});
