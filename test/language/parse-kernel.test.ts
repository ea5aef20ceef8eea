import { describe, expect, test } from "vitest";
import { interpret } from "../../compiler/ir/interpret.ts";
import { printProc } from "../../compiler/ir/print.ts";
import type { Dims } from "../../compiler/language/kernel.ts";
import { parseKernelText } from "../../compiler/language/parse-kernel.ts";

/** Body lines of what a kernel's body becomes, bound to N = 2 and the given dimensions. */
function parsed(body: string, dims: Dims = {}): readonly string[] {
  const all: Dims = { N: 2, ...dims };
  const text = `export function k({ ${Object.keys(all).join(", ")} }: Dims, x: Input<["N", 4]>, y: Output<["N", 4]>): void {\n${body}\n}\n`;
  const lines = printProc(parseKernelText(text, all)).split("\n");
  return lines.slice(lines.indexOf("): void {") + 1, -2).map((line) => line.slice(2));
}

describe("values", () => {
  test("constants fold as in Node, then round to f32", () => {
    expect(parsed("y[0][0] = x[0][0] * (1 / (3 * N)) + (2 - 1);")).toEqual([
      "y[0][0] = x[0][0] * 0.16666667 + 1;",
    ]);
  });

  test("clamps with infinite bounds vanish", () => {
    const clamp = "y[0][0] = min(max(x[0][0], LO), HI);";
    expect(parsed(clamp, { LO: Number.NEGATIVE_INFINITY, HI: Number.POSITIVE_INFINITY })).toEqual([
      "y[0][0] = x[0][0];",
    ]);
    expect(parsed(clamp, { LO: 0, HI: Number.POSITIVE_INFINITY })).toEqual(["y[0][0] = max(x[0][0], 0);"]);
    expect(parsed(clamp, { LO: 0, HI: 6 })).toEqual(["y[0][0] = min(max(x[0][0], 0), 6);"]);
  });

  test("a ternary on a constant chooses now, also by comparison; the other branch is not read", () => {
    expect(parsed("y[0][0] = BIAS ? unheardOf : 0;", { BIAS: 0 })).toEqual(["y[0][0] = 0;"]);
    expect(parsed("y[0][0] = N === 2 && BIAS !== 1 ? 3 : 4;", { BIAS: 0 })).toEqual(["y[0][0] = 3;"]);
  });

  test("a ternary on indices selects, and its branches may rely on the condition", () => {
    expect(parsed("for (const i of range(5)) {\n y[0][0] += i >= 1 ? x[0][i - 1] : 0;\n}")).toEqual([
      "for (const i of range(5)) {",
      "  y[0][0] += i >= 1 ? x[0][i - 1] : 0;",
      "}",
    ]);
  });

  test("and, or, not, != become comparisons of two indices", () => {
    const choose = (when: string): string | undefined =>
      parsed(`for (const i of range(4)) {\n y[0][i] = ${when} ? 1 : 0;\n}`)[1];
    expect(choose("i > 0 && i <= 2")).toBe("  y[0][i] = 0 < i ? (2 >= i ? 1 : 0) : 0;");
    expect(choose("i < 1 || i === 3")).toBe("  y[0][i] = i < 1 ? 1 : i === 3 ? 1 : 0;");
    expect(choose("i !== 2")).toBe("  y[0][i] = i === 2 ? 0 : 1;");
    expect(choose("!(i < 1 || i > 2)")).toBe("  y[0][i] = i < 1 ? 0 : 2 < i ? 0 : 1;");
    expect(choose("!(i < 2)")).toBe("  y[0][i] = i < 2 ? 0 : 1;");
  });

  test("an index becomes a value where it meets one", () => {
    expect(parsed("for (const i of range(4)) {\n y[0][i] = x[0][i] * i + (i + 1) / 2;\n}")).toEqual([
      "for (const i of range(4)) {",
      "  y[0][i] = x[0][i] * float(i) + float(i + 1) / 2;",
      "}",
    ]);
  });
});

describe("indices", () => {
  test("sums of loop variables, quotients and remainders", () => {
    expect(
      parsed(
        "for (const i of range(8)) {\n const j = i * 2 - i;\n y[Math.floor(j / 4)][j % 4] = x[mod(j - 1, 2)][mod(i, 4)];\n}",
      ),
    ).toEqual(["for (const i of range(8)) {", "  y[Math.floor(i / 4)][i % 4] = x[(i + 1) % 2][i % 4];", "}"]);
  });

  test("counted loops start anywhere and step by constants; their axis counts from 0", () => {
    expect(
      parsed("for (let i = 1; i < 4; i += 2) {\n y[0][i] = 0;\n}\nfor (let i = 0; i <= 1; i++) y[i][0] = 1;"),
    ).toEqual([
      "for (const i of range(2)) {",
      "  y[0][i * 2 + 1] = 0;",
      "}",
      "for (const i of range(2)) {",
      "  y[i][0] = 1;",
      "}",
    ]);
  });

  test("loops of no trips vanish with all they mention, loops of one stay", () => {
    const source =
      "for (const i of range(N - 2)) {\n y[0][i] = x[0][i];\n}\nfor (const n of range(N - 1)) {\n y[0][n] = 0;\n}";
    expect(parsed(source)).toEqual(["for (const n of range(1)) {", "  y[0][n] = 0;", "}"]);
  });
});

describe("statements", () => {
  test("+=, -= and max reduce; other updates store", () => {
    expect(
      parsed(
        "y[0][0] += 1;\ny[0][0] -= x[0][0];\ny[0][0] = Math.max(x[0][0], y[0][0]);\ny[0][0] *= 2;\ny[0][0] /= 3;",
      ),
    ).toEqual([
      "y[0][0] += 1;",
      "y[0][0] += -x[0][0];",
      "y[0][0] = max(y[0][0], x[0][0]);",
      "y[0][0] = y[0][0] * 2;",
      "y[0][0] = y[0][0] / 3;",
    ]);
  });

  test("if and else guard, decided now where they can be", () => {
    expect(
      parsed("for (const i of range(4)) {\n if (i < 2) y[0][i] = 1;\n else if (N > 1) { y[1][i] = 2; }\n}"),
    ).toEqual([
      "for (const i of range(4)) {",
      "  if (i < 2) {",
      "    y[0][i] = 1;",
      "  }",
      "  if (i >= 2) {",
      "    y[1][i] = 2;",
      "  }",
      "}",
    ]);
  });

  test("a const is the expression it names", () => {
    expect(parsed("const v = x[0][0] * 2, w = v + 1;\ny[0][0] = v;\ny[0][1] = w;")).toEqual([
      "y[0][0] = x[0][0] * 2;",
      "y[0][1] = x[0][0] * 2 + 1;",
    ]);
  });

  test("a const is kept when what it reads changes before its last use", () => {
    expect(parsed("const old = y[0][0];\ny[0][0] = 1;\ny[0][1] = old;")).toEqual([
      "let old = y[0][0];",
      "y[0][0] = 1;",
      "y[0][1] = old;",
    ]);
    expect(parsed("const old = y[0][0];\ny[0][0] = old + 1;")).toEqual(["y[0][0] = y[0][0] + 1;"]);
  });

  test("a const that is slow to compute is kept when it is used often", () => {
    const slow = "const e = exp(x[0][0]);\n";
    expect(parsed(`${slow}y[0][0] = e;`)).toEqual(["y[0][0] = exp(x[0][0]);"]);
    expect(parsed(`${slow}y[0][0] = e;\ny[0][1] = e;`)[0]).toBe("let e = exp(x[0][0]);");
    expect(parsed(`${slow}for (const i of range(4)) {\n y[0][i] = e;\n}`)[0]).toBe("let e = exp(x[0][0]);");
  });

  test("local arrays and loop modes, as printed procedures have them", () => {
    const printed = [
      "{",
      "  const t = register([2, N + 2]);",
      "  for (const i of unroll(2)) {",
      "    for (const j of vector(4)) {",
      "      t[i][j] = x[i][j];",
      "    }",
      "  }",
      "}",
      "for (const i of parallel(2)) {",
      "  let s = stack([]);",
      "  s = 1;",
      "  y[i][0] = s;",
      "}",
    ];
    expect(parsed(printed.join("\n"))).toEqual(printed.map((line) => line.replace("N + 2", "4")));
  });
});

describe("parameters", () => {
  test("roles, shapes and storage; those never used are dropped", () => {
    const proc = parseKernelText(
      'export function k({ C }: Dims, x: Input<["C", 6], "0/4 1+1,2 0%4">, w: Weight<["C"]>, y: Output<["C"]>): void { for (const c of range(C)) y[c] = x[c][5]; }',
      { C: 8 },
    );
    expect(proc.params.map((p) => [p.name, p.role])).toEqual([
      ["x", "input"],
      ["y", "output"],
    ]);
    expect(proc.params[0].storage).toEqual({
      shape: [8, 6],
      halo: [
        { before: 0, after: 0 },
        { before: 1, after: 2 },
      ],
      dims: [
        { part: "outer", dim: 0, factor: 4 },
        { part: "whole", dim: 1 },
        { part: "inner", dim: 0, factor: 4 },
      ],
    });
  });

  test("dimensions may be renamed and have defaults", () => {
    const text =
      'export function k({ N: batch, B = 3 }: Dims, y: Output<["N"]>): void { for (const n of range(batch)) y[n] = B; }';
    const y = new Float32Array(2);
    interpret(parseKernelText(text, { N: 2 }), { y });
    expect([...y]).toEqual([3, 3]);
  });
});
