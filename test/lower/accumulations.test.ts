import { describe, expect, test } from "vitest";
import type { VBlock, VExpr, VStmt } from "../../compiler/ir/vector.ts";
import { startWithFirst } from "../../compiler/lower/first-values.ts";
import { orderAccumulations } from "../../compiler/lower/order.ts";

const LANES = 4;
const register = (name: string): VExpr => ({ kind: "register", dtype: "f32", name, lanes: LANES });
const load = (buffer: string, offset: number): VExpr => ({
  kind: "load",
  dtype: "f32",
  buffer,
  at: { terms: [], offset },
  lanes: LANES,
});
const set = (name: string, value: VExpr): VStmt => ({ kind: "set", name, lanes: LANES, value });
const constant = (value: number): VExpr => ({
  kind: "splat",
  value: { kind: "literal", dtype: "f32", value },
  lanes: LANES,
});
const combined = (op: "add" | "max" | "min", name: string, buffer: string, offset: number): VStmt =>
  set(name, { kind: "binary", op, lanes: LANES, lhs: register(name), rhs: load(buffer, offset) });
const fma = (acc: string, a: VExpr, b: VExpr): VExpr => ({
  kind: "fma",
  lanes: LANES,
  acc: register(acc),
  a,
  b,
});

describe("accumulations in another order", () => {
  const text = (block: VBlock): string =>
    block
      .map((s) => (s.kind === "set" && s.value.kind === "binary" ? `${s.name}:${s.value.op}` : s.kind))
      .join(" ");

  test("vectors pass by while sums stay", () => {
    const block = ["a", "b"].flatMap((name) => [0, 4].map((at) => combined("add", name, "x", at)));
    expect(text(orderAccumulations(block, [16]))).toBe("a:add b:add a:add b:add");
  });

  test("a maximum does not pass a sum into the same register", () => {
    const block = ["a", "b"].flatMap((name) => [
      combined("add", name, "x", 0),
      combined("max", name, "w", 0),
      combined("add", name, "x", 4),
    ]);
    expect(text(orderAccumulations(block, [16]))).toBe("a:add a:max a:add b:add b:max b:add");
  });

  test("nor where that would keep one vector less", () => {
    const block = [combined("add", "a", "x", 0), combined("max", "a", "w", 0), combined("add", "a", "x", 0)];
    expect(text(orderAccumulations(block, [1]))).toBe("a:add a:max a:add");
  });
});

describe("a cleared accumulator starts with its first value", () => {
  const zero = set("a", constant(0));
  const first = set("a", fma("a", load("x", 0), load("w", 0)));

  test("where nothing reads it between", () => {
    const product = { kind: "binary", op: "mul", lanes: LANES, lhs: load("x", 0), rhs: load("w", 0) };
    expect(startWithFirst([zero, first], false)).toEqual([{ ...first, value: product }]);
  });

  test.each([
    ["add", 0],
    ["max", Number.NEGATIVE_INFINITY],
    ["min", Number.POSITIVE_INFINITY],
  ] as const)("that of %s, from %d on", (op, neutral) => {
    const next = combined(op, "a", "x", 0);
    expect(startWithFirst([set("a", constant(neutral)), next], false)).toEqual([set("a", load("x", 0))]);
    expect(startWithFirst([set("a", constant(1)), next], false)).toEqual([set("a", constant(1)), next]);
  });

  test.each<[string, VBlock]>([
    [
      "it is stored before",
      [
        zero,
        { kind: "store", buffer: "y", at: { terms: [], offset: 0 }, lanes: LANES, value: register("a") },
        first,
      ],
    ],
    ["another value is made of it before", [zero, set("b", register("a")), first]],
    ["it is set to something else before", [zero, set("a", load("x", 4)), first]],
    ["it is a factor of the product itself", [zero, set("a", fma("a", register("a"), load("x", 0)))]],
  ])("not where %s", (_, block) => {
    expect(startWithFirst(block, false)).toEqual(block);
  });
});
