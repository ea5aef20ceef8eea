import { describe, expect, test } from "vitest";
import { cAddress, cCond, cExpr, cFloat, cIndex } from "../../compiler/codegen/c-expr.ts";
import { cBlock } from "../../compiler/codegen/c-stmt.ts";
import { emitKernel } from "../../compiler/codegen/emit-kernel.ts";
import type { DType } from "../../compiler/ir/dtype.ts";
import type { BinaryOp } from "../../compiler/ir/expr.ts";
import { axis, combine, constant, type Index } from "../../compiler/ir/index-expr.ts";
import { plainStorage } from "../../compiler/ir/storage.ts";
import type { VExpr } from "../../compiler/ir/vector.ts";
import { loadIsa } from "../../compiler/machine/load.ts";

const isa = loadIsa("neon-v8");
const register = (name: string): VExpr => ({ kind: "register", dtype: "f32", name, lanes: 1 });
const binary = (op: BinaryOp, lhs: VExpr, rhs: VExpr): VExpr => ({ kind: "binary", op, lanes: 1, lhs, rhs });
const [a, b, c] = ["a", "b", "c"].map(register);
const sum = (offset: number, ...terms: readonly (readonly [string, number])[]): Index =>
  combine(
    terms.map(([name, by]) => [axis(name), by]),
    offset,
  );

test("floats read back as the same bits", () => {
  expect([0, -0, 1, 1e7, 0.1, 1 / 3, 2 ** 24 + 2, 1.17549435e-38].map(cFloat)).toEqual([
    ...[
      "0.0f",
      "-0.0f",
      "1.0f",
      "10000000.0f",
      "0.100000001f",
      "0.333333343f",
      "16777218.0f",
      "1.17549435e-38f",
    ],
  ]);
  for (const value of [1 / 3, Math.PI, -1e-20, 123456.789]) {
    expect(Math.fround(Number(cFloat(value).slice(0, -1)))).toBe(Math.fround(value));
  }
  expect([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN].map(cFloat)).toEqual([
    ...["INFINITY", "-INFINITY", "NAN"],
  ]);
});

test("indices: what is added, the constant, what is subtracted", () => {
  expect(cIndex(sum(3, ["i", -2], ["j", 4], ["k", 1]))).toBe("j * 4 + k + 3 - i * 2");
  expect(cIndex(sum(7, ["i", -1]))).toBe("7 - i");
  expect(cIndex(sum(-1, ["i", 1]))).toBe("i - 1");
  expect(cIndex(constant(0))).toBe("0");
  expect(cAddress("x", constant(0))).toBe("x");
  expect(cAddress("x", sum(0, ["i", -1]))).toBe("x - i");
  expect(cAddress("x", constant(-4))).toBe("x - 4");
});

test("conditions", () => {
  const of = (op: "lt" | "ge" | "eq") => cCond({ op, lhs: axis("i"), rhs: constant(2) });
  expect([of("lt"), of("ge"), of("eq")]).toEqual(["i < 2", "i >= 2", "i == 2"]);
});

test("operands are in brackets wherever C would bind them otherwise", () => {
  const when = { op: "lt", lhs: axis("i"), rhs: constant(2) } as const;
  const choice: VExpr = { kind: "select", when, then: a, otherwise: b };
  const minus: VExpr = { kind: "unary", op: "neg", value: a };
  const text = (e: VExpr): string => cExpr(e, isa);
  expect(text(binary("sub", a, binary("sub", b, c)))).toBe("a - (b - c)");
  expect(text(binary("div", binary("add", a, b), c))).toBe("(a + b) / c");
  expect(text(binary("mul", choice, c))).toBe("(i < 2 ? a : b) * c");
  expect(text(binary("sub", a, minus))).toBe("a - (-a)");
  expect(text({ kind: "unary", op: "neg", value: minus })).toBe("-(-a)");
  expect(text(binary("sub", a, { kind: "literal", dtype: "f32", value: -1 }))).toBe("a - (-1.0f)");
  expect(text({ kind: "fma", lanes: 1, acc: choice, a, b: binary("add", b, c) })).toBe(
    "(i < 2 ? a : b) + a * (b + c)",
  );
  expect(text({ kind: "iota", dtype: "f32", lanes: 4 })).toBe("((float32x4_t){0, 1, 2, 3})");
});

describe("other types", () => {
  const typed = (name: string, dtype: DType): VExpr => ({ kind: "register", name, dtype, lanes: 1 });
  const [h, g, n, m] = [typed("h", "f16"), typed("g", "f16"), typed("n", "i32"), typed("m", "i32")];
  const text = (e: VExpr): string => cExpr(e, isa);

  test("f16 is computed as float and rounded after each operation", () => {
    expect(text(binary("add", h, binary("mul", h, g)))).toBe(
      "(__fp16)((float)h + (float)(__fp16)((float)h * (float)g))",
    );
    expect(text(binary("max", h, g))).toBe("(__fp16)(tw_maxf((float)h, (float)g))");
    expect(text({ kind: "literal", dtype: "f16", value: 0.5 })).toBe("(__fp16)0.5f");
  });

  test("whole numbers", () => {
    expect(text(binary("min", n, binary("sub", n, m)))).toBe("tw_min_i32(n, (n - m))");
    expect(text({ kind: "literal", dtype: "i32", value: -(2 ** 31) })).toBe("(-2147483647 - 1)");
    expect(text({ kind: "index", dtype: "i32", index: axis("i") })).toBe("(int32_t)(i)");
  });

  test("conversions of single numbers", () => {
    const to = (dtype: DType, value: VExpr): VExpr => ({ kind: "convert", to: dtype, lanes: 1, value });
    expect(text(to("f16", a))).toBe("(__fp16)a");
    expect(text(to("i32", binary("mul", a, b)))).toBe("tw_round_i32(a * b)");
    expect(text(to("i8", n))).toBe("tw_saturate_i8(n)");
    expect(text(to("f32", binary("add", n, m)))).toBe("(float)(n + m)");
  });
});

describe("statements", () => {
  test("a register is declared where it is first assigned, unless that reads it", () => {
    const set = (value: VExpr) => ({ kind: "set", name: "a", lanes: 1, value }) as const;
    const declare = { kind: "declare", dtype: "f32", name: "a", lanes: 1 } as const;
    expect(cBlock([declare, set(b)], isa, 0)).toEqual(["float a = b;"]);
    expect(cBlock([declare, set(binary("add", a, b))], isa, 0)).toEqual(["float a;", "a = a + b;"]);
    const inside = { kind: "for", axis: "i", extent: 2, body: [set(b)] } as const;
    expect(cBlock([declare, inside, set(c)], isa, 0)[0]).toBe("float a;");
  });

  test("what is asked for to be written is asked for as such", () => {
    const ask = { kind: "prefetch", buffer: "y", at: sum(16) } as const;
    expect(cBlock([ask, { ...ask, written: true }], isa, 0)).toEqual([
      "__builtin_prefetch(y + 16);",
      "__builtin_prefetch(y + 16, 1);",
    ]);
  });

  test("the axes of a grid are taken from the number of the task", () => {
    const at = sum(0, ["p", 12], ["q", 4], ["r", 1]);
    const { c: text } = emitKernel(
      {
        stage: "vector",
        name: "k",
        params: [{ name: "y", role: "output", dtype: "f32", storage: plainStorage([24]) }],
        grid: [
          { axis: "p", extent: 2 },
          { axis: "q", extent: 3 },
          { axis: "r", extent: 4 },
        ],
        body: [
          { kind: "store", buffer: "y", at, lanes: 1, value: { kind: "literal", dtype: "f32", value: 1 } },
        ],
        pressure: 0,
        scratch: [],
      },
      isa,
      ["k"],
    );
    expect(
      text.match(/(?<=const ptrdiff_t )[pqr] = .*(?=;)/g)?.map((line) => line.replace(/\w*task\w*/, "T")),
    ).toEqual([...["p = T / 12", "q = T / 4 % 3", "r = T % 4"]]);
  });
});
