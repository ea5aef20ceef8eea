import { describe, expect, test } from "vitest";
import { axis, constant } from "../../compiler/ir/index-expr.ts";
import { mapCond, mapIndices, mapOperands } from "../../compiler/ir/rewrite-vector.ts";
import type { VExpr } from "../../compiler/ir/vector.ts";

const register = (name: string): VExpr => ({ kind: "register", name, lanes: 4, dtype: "f32" });
const load: VExpr = { kind: "load", buffer: "x", at: axis("i"), lanes: 4, dtype: "f32" };
const when = { op: "lt", lhs: axis("i"), rhs: constant(3) } as const;

/** One of each kind that has operands or indices. */
const values: readonly VExpr[] = [
  { kind: "splat", value: register("a"), lanes: 4 },
  { kind: "binary", op: "add", lanes: 4, lhs: register("a"), rhs: load },
  { kind: "fma", lanes: 4, acc: register("a"), a: register("b"), b: load },
  { kind: "mul-lane", lanes: 4, a: register("a"), b: load, lane: 1 },
  { kind: "call", name: "exp", lanes: 4, args: [load] } as unknown as VExpr,
  { kind: "select", when, then: load, otherwise: register("b") },
  { kind: "index", index: axis("i"), dtype: "i32" },
  load,
];

describe("a value of which nothing changes", () => {
  test.each(values.map((value) => [value.kind, value] as const))("is the same one: %s", (_, value) => {
    expect(mapOperands(value, (o) => o)).toBe(value);
    expect(mapIndices(value, (index) => index)).toBe(value);
  });

  test("so is a condition", () => {
    expect(mapCond(when, (index) => index)).toBe(when);
  });
});

test("a value of which something changes is another one, and what it was stays", () => {
  for (const value of values.slice(1)) {
    const text = JSON.stringify(value);
    const moved = mapIndices(value, (index) => ({ ...index, offset: index.offset + 1 }));
    expect(moved).not.toBe(value);
    expect(JSON.stringify(value)).toBe(text);
  }
  const renamed = mapOperands(values[1], (o) => (o.kind === "register" ? register("c") : o));
  expect(renamed).toEqual({ kind: "binary", op: "add", lanes: 4, lhs: register("c"), rhs: load });
});
