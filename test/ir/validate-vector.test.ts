import { describe, expect, test } from "vitest";
import { axis, constant, type Index } from "../../compiler/ir/index-expr.ts";
import { plainStorage } from "../../compiler/ir/storage.ts";
import { validateVector } from "../../compiler/ir/validate-vector.ts";
import type { VBlock, VExpr, VStmt } from "../../compiler/ir/vector.ts";
import { InternalError } from "../../compiler/support/diagnostic.ts";

const number = (value: number): VExpr => ({ kind: "literal", dtype: "f32", value });
const register = (name: string): VExpr => ({ kind: "register", dtype: "f32", name, lanes: 1 });
const load = (buffer: string, at: Index, lanes = 1): VExpr => ({
  kind: "load",
  dtype: "f32",
  buffer,
  at,
  lanes,
});
const store = (at: Index, value: VExpr = number(0), buffer = "y"): VStmt => ({
  kind: "store",
  buffer,
  at,
  lanes: 1,
  value,
});
const let_ = (name: string, value: VExpr): VStmt => ({ kind: "let", name, lanes: 1, value });
const loop = (name: string, extent: number, ...body: VStmt[]): VStmt => ({
  kind: "for",
  axis: name,
  extent,
  body,
});
const pointer = (name: string, base: string, at: Index): VStmt => ({
  kind: "pointer",
  dtype: "f32",
  name,
  base,
  at,
  writable: true,
});
const divided = (kind: "div" | "mod", of: Index): Index => ({
  terms: [{ coef: 1, atom: { kind, of, by: 2 } }],
  offset: 0,
});
const minus = (name: string, offset: number): Index => ({ terms: axis(name, -1).terms, offset });

function ruleOf(body: VBlock): string {
  const params = [
    { name: "x", role: "input", dtype: "f32", storage: plainStorage([4]) },
    { name: "y", role: "output", dtype: "f32", storage: plainStorage([4]) },
  ] as const;
  try {
    validateVector(
      {
        stage: "vector",
        name: "p",
        params,
        grid: [{ axis: "g", extent: 4 }],
        body,
        pressure: 0,
        scratch: [{ name: "s", size: 4, dtype: "f32" }],
      },
      "hoist",
    );
  } catch (error) {
    if (error instanceof InternalError) return error.message;
    throw error;
  }
  return "kept";
}

describe("rules of vector procedures", () => {
  const cases: readonly (readonly [string, VBlock])[] = [
    ["kept", [store(axis("g"), load("x", minus("g", 3)))]],
    ["kept", [loop("i", 4, store(axis("i"), load("x", axis("i"))))]],
    ["kept", [loop("i", 4, store(axis("i"), number(1), "s"), store(axis("i"), load("s", axis("i"))))]],
    ["kept", [loop("i", 4, pointer("p", "y", minus("i", 3)), store(constant(0), number(1), "p"))]],
    ["kept", [loop("i", 8, store(divided("div", axis("i"))))]],
    [
      "hoist broke the scope rule in p: axis i is used outside its loop",
      [
        let_("t", { kind: "index", dtype: "f32", index: axis("i") }),
        loop("i", 4, store(axis("i"), register("t"))),
      ],
    ],
    [
      "hoist broke the scope rule in p: axis i is used outside its loop",
      [
        let_("t", {
          kind: "select",
          when: { op: "lt", lhs: axis("i"), rhs: constant(2) },
          then: number(0),
          otherwise: number(1),
        }),
      ],
    ],
    [
      "hoist broke the scope rule in p: register t is not there",
      [loop("i", 4, let_("t", number(0))), store(constant(0), register("t"))],
    ],
    [
      "hoist broke the scope rule in p: register t is not declared",
      [{ kind: "set", name: "t", lanes: 1, value: number(0) }],
    ],
    ["hoist broke the scope rule in p: t is not there", [{ kind: "fence", buffer: "t" }]],
    ["hoist broke the scope rule in p: t is not there", [store(constant(0), load("t", constant(0)))]],
    [
      "hoist broke the division rule in p: what is divided by 2 may be -3",
      [loop("i", 4, store(constant(0), load("x", divided("div", minus("i", 0)))))],
    ],
    [
      "hoist broke the pointer rule in p: q runs from -3 to 0 of 0 to 4",
      [loop("i", 4, pointer("q", "y", minus("i", 0)))],
    ],
    [
      "kept",
      [
        loop("i", 6, {
          kind: "if",
          cond: { op: "lt", lhs: axis("i"), rhs: constant(5) },
          body: [pointer("q", "y", axis("i"))],
        }),
      ],
    ],
    [
      "hoist broke the pointer rule in p: q runs from 2 to 5 of 0 to 4",
      [pointer("p", "y", constant(2)), loop("i", 4, pointer("q", "p", axis("i")))],
    ],
    [
      "hoist broke the bounds rule in p: x runs from 1 to 1 of 0 to 0",
      [let_("v", load("x", constant(1), 4))],
    ],
    ["hoist broke the bounds rule in p: y runs from 0 to 4 of 0 to 3", [loop("i", 5, store(axis("i")))]],
    [
      "kept",
      [
        loop("i", 5, {
          kind: "if",
          cond: { op: "lt", lhs: axis("i"), rhs: constant(4) },
          body: [store(axis("i"))],
        }),
      ],
    ],
  ];
  test.each(cases)("%s", (message, body) => {
    expect(ruleOf(body)).toBe(message);
  });
});
