import { join } from "node:path";
import { ts } from "ts-morph";
import { describe, expect, test } from "vitest";
import { interpret } from "../../compiler/ir/interpret.ts";
import { printProc } from "../../compiler/ir/print.ts";
import * as language from "../../compiler/language/kernel.ts";
import { parseKernel } from "../../compiler/language/parse-kernel.ts";
import { PACKAGE_ROOT } from "../../compiler/support/paths.ts";
import { flat, nested } from "../ops/nested.ts";

describe("what kernels import", () => {
  test("range, parallel, unroll and vector count from 0", () => {
    for (const iterate of [language.range, language.parallel, language.unroll, language.vector]) {
      expect([...iterate(3)]).toEqual([0, 1, 2]);
    }
  });

  test("register and stack make arrays of NaN, typed by their rank", () => {
    const tile = language.register([2, 3]);
    const row: Float32Array = tile[1];
    expect([...row]).toEqual([NaN, NaN, NaN]);
    const scalar: number = language.stack([]);
    expect(scalar).toBeNaN();
  });

  test("mod is never negative, float changes nothing", () => {
    expect([-5, -4, -1, 0, 3, 4].map((i) => language.mod(i, 4))).toEqual([3, 0, 3, 0, 3, 0]);
    expect(language.float(3)).toBe(3);
  });
});

/** Runs a printed procedure in Node, its imports given. */
function runPrinted(text: string, tensors: readonly unknown[]): void {
  const js = ts.transpile(text.replace(/^import .*$/m, "").replace("export function", "return function"), {
    target: ts.ScriptTarget.ES2022,
  });
  const make = new Function(...Object.keys(language), js);
  make(...Object.values(language))(...tensors);
}

test("a printed procedure is a program: Node runs it with the same result", () => {
  const dims = { M: 2, K: 5, L: 3 };
  const proc = parseKernel(join(PACKAGE_ROOT, "compiler/ops/softmax/softmax.kernel.ts"), "softmax", dims);
  const x = Float32Array.from({ length: 30 }, (_, i) => Math.sin(i));
  const expected = new Float32Array(30);
  interpret(proc, { x, y: expected });
  const y = nested(new Float32Array(30), [2, 5, 3]);
  runPrinted(printProc(proc), [nested(x, [2, 5, 3]), y]);
  flat(y).forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i], 6);
  });
});
