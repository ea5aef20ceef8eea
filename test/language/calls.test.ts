import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { interpret } from "../../compiler/ir/interpret.ts";
import { printProc } from "../../compiler/ir/print.ts";
import type { LoopProc } from "../../compiler/ir/proc.ts";
import { validate } from "../../compiler/ir/validate.ts";
import * as language from "../../compiler/language/kernel.ts";
import {
  forgetKernelFiles,
  kernelParameters,
  parseKernel,
  parseKernelText,
} from "../../compiler/language/parse-kernel.ts";

/** Lines of a kernel's body, after a round trip through its printed text. */
function bodyOf(proc: LoopProc): readonly string[] {
  validate(proc, "parse");
  const text = printProc(proc);
  expect(printProc(parseKernelText(text, {}))).toBe(text);
  const lines = text.split("\n");
  return lines.slice(lines.indexOf("): void {") + 1, -2).map((line) => line.slice(2));
}

const kernel = (body: string, rest = ""): LoopProc =>
  parseKernelText(
    `export function k({ N }: Dims, x: Input<["N", 4]>, y: Output<["N", 4]>): void {\n${body}\n}\n${rest}`,
    { N: 2 },
    { name: "k" },
  );

describe("calls of functions for their value", () => {
  test("become what they return, with constants and other calls inside", () => {
    const rest = `const HALF = 0.5;
      const twice = (v: number): number => v * 2;
      function f(v: number, by = 3): number { const t = twice(v) + HALF; return t * by; }`;
    expect(bodyOf(kernel("y[0][0] = f(x[0][1]);\ny[0][1] = f(1, 2);", rest))).toEqual([
      "y[0][0] = (x[0][1] * 2 + 0.5) * 3;",
      "y[0][1] = 5;",
    ]);
  });

  test("activations come with the language, and mean what ONNX says", () => {
    const at = (v: number): Record<string, number> => ({
      relu: Math.max(v, 0),
      sigmoid: 1 / (1 + Math.exp(-v)),
      silu: v / (1 + Math.exp(-v)),
      hardSigmoid: Math.max(0, Math.min(1, v / 6 + 0.5)),
      hardSwish: v * Math.max(0, Math.min(1, v / 6 + 0.5)),
      gelu: 0.5 * v * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3))),
    });
    for (const name of Object.keys(at(0))) {
      const proc = kernel(`for (const i of range(4)) y[0][i] = ${name}(x[0][i]);`);
      const x = new Float32Array([-4, -0.7, 0.3, 5, 0, 0, 0, 0]);
      const y = new Float32Array(8);
      interpret(proc, { x: x.subarray(0, 8), y });
      const inNode = (language as unknown as Record<string, (v: number) => number>)[name];
      for (let i = 0; i < 4; i++) {
        expect(y[i], name).toBeCloseTo(at(x[i])[name], 5);
        expect(inNode(x[i]), name).toBeCloseTo(at(x[i])[name], 6);
      }
    }
    expect(bodyOf(kernel("y[0][0] = clip(leakyRelu(x[0][0], 0.1), 0, 6) + elu(x[0][1], 2);"))).toEqual([
      "y[0][0] = min(max(max(x[0][0], 0) + 0.1 * min(x[0][0], 0), 0), 6) + (max(x[0][1], 0) + 2 * (exp(min(x[0][1], 0)) + -1));".replace(
        "+ -1",
        "- 1",
      ),
    ]);
  });

  test("the dimensions that a kernel does not name go on to functions, which have them by name or by default", () => {
    const text = `export function k({ N, ...REST }: Dims, x: Input<["N"]>, y: Output<["N"]>): void {
  for (const n of range(N)) y[n] = scaled(x[n], REST);
}
function scaled(v: number, { BY, ...OTHERS }: Dims): number { return shifted(v * BY, OTHERS); }
function shifted(v: number, { SHIFT = 0, N = 7 }: Dims): number { return SHIFT ? v + SHIFT * N : v; }`;
    const body = (dims: language.Dims): readonly string[] =>
      bodyOf(parseKernelText(text, { N: 2, ...dims }, { name: "k" })).slice(1, -1);
    expect(body({ BY: 3 })).toEqual(["  y[n] = x[n] * 3;"]);
    expect(body({ BY: 3, SHIFT: 2 })).toEqual(["  y[n] = x[n] * 3 + 14;"]);
    expect(() => body({})).toThrow("no value for dimension `BY`");
    expect(kernelParameters(text, "kernel.ts", "k")[0]).toEqual({
      kind: "dims",
      names: ["N", "BY", "SHIFT"],
      optional: ["SHIFT"],
    });
  });

  test("fma is a product and a sum", () => {
    expect(bodyOf(kernel("y[0][0] = fma(x[0][0], 2, x[0][1]);"))).toEqual([
      "y[0][0] = x[0][0] * 2 + x[0][1];",
    ]);
    expect(language.fma(2, 3, 4)).toBe(10);
  });
});

describe("calls of kernels", () => {
  const dot = `
    function dot({ K, SCALE = 1 }: Dims, a: Input<["K"]>, b: Input<["K"]>, out: Output<[1]>): void {
      let acc = 0;
      for (const i of range(K)) acc += a[i] * b[i];
      out[0] = acc * SCALE;
    }`;

  test("take parts of tensors; loops and locals get names of their own", () => {
    const body = `const t = stack([2, 1]);
      for (const i of range(N)) {
        dot({ K: 4 }, x[i], x[1 - i], t[0]);
        dot({ K: 4, SCALE: 2 }, x[i], x[i], t[1]);
        y[i][0] = t[0][0] + t[1][0];
      }`;
    expect(bodyOf(kernel(body, dot))).toEqual([
      "const t = stack([2, 1]);",
      "for (const i of range(2)) {",
      "  {",
      "    let acc = 0;",
      "    for (const i_2 of range(4)) {",
      "      acc += x[i][i_2] * x[-i + 1][i_2];",
      "    }",
      "    t[0][0] = acc * 1;",
      "  }",
      "  {",
      "    let acc_2 = 0;",
      "    for (const i_3 of range(4)) {",
      "      acc_2 += x[i][i_3] * x[i][i_3];",
      "    }",
      "    t[1][0] = acc_2 * 2;",
      "  }",
      "  y[i][0] = t[0][0] + t[1][0];",
      "}",
    ]);
  });

  test("dimensions that only shapes name are taken from what is handed over", () => {
    const rest =
      'function copyRow(from: Input<["W"]>, to: Output<["W"]>): void { for (const w of range(W)) to[w] = from[w]; }';
    expect(() => kernel("copyRow(x[0], y[0]);", rest)).toThrow("unknown name `W`");
    const counted = rest.replace("from:", "{ W }: Dims, from:");
    expect(bodyOf(kernel("copyRow({ W: 4 }, x[0], y[1]);", counted))).toEqual([
      "for (const w of range(4)) {",
      "  y[1][w] = x[0][w];",
      "}",
    ]);
  });

  test("a const is kept when a call writes what it read", () => {
    const rest = "function clear(to: Output<[4]>): void { for (const w of range(4)) to[w] = 0; }";
    expect(bodyOf(kernel("const old = y[0][1];\nclear(y[0]);\ny[1][0] = old;", rest))[0]).toBe(
      "let old = y[0][1];",
    );
  });
});

describe("tables", () => {
  test("elements are literals where indices are constants, and are read back as they were printed", () => {
    const proc = kernel(
      "const B = [[1, -0.5], [1 / 3, 2]] as const;\nfor (const i of range(2)) y[i][0] = B[i][1] * x[i][0] + B[1][0] + TAPS[i];",
      "const TAPS = [4, 5];",
    );
    expect(bodyOf(proc)).toEqual([
      "for (const i of range(2)) {",
      "  y[i][0] = B[i][1] * x[i][0] + 0.33333334 + TAPS[i];",
      "}",
    ]);
    expect(printProc(proc)).toContain("const B = [[1, -0.5], [0.33333334, 2]];\nconst TAPS = [4, 5];\n");
    const y = new Float32Array(8);
    interpret(proc, { x: new Float32Array(8).fill(2), y });
    expect(y[0]).toBeCloseTo(3 + 1 / 3, 5);
    expect(y[4]).toBeCloseTo(9 + 1 / 3, 5);
  });

  test("may be handed to functions", () => {
    const rest = "function pick(t: Table<[2, 2]>, i: number, to: Output<[4]>): void { to[0] = t[i][i]; }";
    expect(bodyOf(kernel("const B = [[1, 2], [3, 4]];\npick(B, 1, y[0]);", rest))).toEqual(["y[0][0] = 4;"]);
  });
});

describe("imports", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "tilewright-test-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("functions and tables come from files beside the kernel's", () => {
    writeFileSync(
      join(folder, "parts.ts"),
      'import { OFFSET as O } from "./numbers.ts";\nexport const B = [1, 2];\nexport function shift(v: number): number { return v + O; }\n',
    );
    writeFileSync(join(folder, "numbers.ts"), "export const OFFSET = 7;\n");
    const file = join(folder, "k.kernel.ts");
    writeFileSync(
      file,
      'import { B as TABLE, shift } from "./parts.js";\nexport function k(y: Output<[2]>): void { for (const i of range(2)) y[i] = shift(TABLE[i]); }\n',
    );
    expect(bodyOf(parseKernel(file, "k", {}))).toEqual([
      "for (const i of range(2)) {",
      "  y[i] = B[i] + 7;",
      "}",
    ]);
    writeFileSync(join(folder, "numbers.ts"), "export const OFFSET = 8;\n");
    forgetKernelFiles();
    expect(bodyOf(parseKernel(file, "k", {}))[1]).toBe("  y[i] = B[i] + 8;");
  });
});
