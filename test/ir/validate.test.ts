import { describe, expect, test } from "vitest";
import { escapes } from "../../compiler/ir/bounds.ts";
import { type Cond, convert, type Expr, indexNumber, literal, load } from "../../compiler/ir/expr.ts";
import { add, axis, combine, constant, type Index, lookup } from "../../compiler/ir/index-expr.ts";
import type { LoopProc } from "../../compiler/ir/proc.ts";
import { type Block, loop, type Stmt } from "../../compiler/ir/stmt.ts";
import { plainStorage } from "../../compiler/ir/storage.ts";
import { validate } from "../../compiler/ir/validate.ts";
import { InternalError } from "../../compiler/support/diagnostic.ts";

const store = (at: readonly Index[], value: Expr = literal(0), buffer = "y"): Stmt => ({
  kind: "store",
  buffer,
  at,
  value,
});

const TAPS = { name: "TAPS", shape: [2], values: [1, 2] };

function ruleOf(body: Block): string {
  const proc: LoopProc = {
    stage: "loop",
    name: "p",
    params: [
      { name: "x", role: "input", dtype: "f32", storage: plainStorage([4]) },
      { name: "y", role: "output", dtype: "f32", storage: plainStorage([4]) },
    ],
    body,
  };
  try {
    validate(proc, "split");
  } catch (error) {
    if (error instanceof InternalError) return error.message;
    throw error;
  }
  return "kept";
}

describe("rules of loop procedures", () => {
  const cases: readonly (readonly [string, Block])[] = [
    ["kept", [loop("i", 4, [store([axis("i")])]), loop("i", 2, [store([axis("i")])])]],
    ["kept", [loop("i", 0, [store([axis("i", 100)])])]],
    [
      "split broke the nesting rule in p: loop `i` is nested in a loop of its name",
      [loop("i", 4, [loop("i", 4, [store([axis("i")])])])],
    ],
    ["split broke the extent rule in p: loop `i` has extent 1.5", [loop("i", 1.5, [])]],
    ["split broke the scope rule in p: axis `i` is used outside its loop", [store([axis("i")])]],
    ["split broke the scope rule in p: `t` is used where it does not exist", [store([], literal(0), "t")]],
    [
      "split broke the scope rule in p: `y` is allocated where it exists already",
      [{ kind: "alloc", dtype: "f32", buffer: "y", shape: [], memory: "stack", body: [] }],
    ],
    [
      "split broke the extent rule in p: `t` has shape [0]",
      [{ kind: "alloc", dtype: "f32", buffer: "t", shape: [0], memory: "stack", body: [] }],
    ],
    ["split broke the type rule in p: `y` is f32, and meets i32", [store([constant(0)], literal(1, "i32"))]],
    [
      "split broke the type rule in p: `x` is f32, and meets f16",
      [store([constant(0)], convert("f32", load("x", [constant(0)], "f16")))],
    ],
    [
      "split broke the type rule in p: i32 is converted to f16",
      [loop("i", 4, [store([axis("i")], convert("f32", convert("f16", indexNumber(axis("i"), "i32"))))])],
    ],
    [
      "split broke the rank rule in p: `x` has rank 1, accessed with 0 indices",
      [store([constant(0)], load("x", []))],
    ],
    [
      "split broke the role rule in p: `x` is written but is no output",
      [store([constant(0)], literal(0), "x")],
    ],
    [
      "split broke the bounds rule in p: y[i + 1]: dimension 0 runs from 1 to 4 of 0 to 3",
      [loop("i", 4, [store([add(axis("i"), constant(1))])])],
    ],
    [
      "split broke the bounds rule in p: TAPS[i]: dimension 0 runs from 0 to 3 of 0 to 1",
      [loop("i", 4, [store([axis("i")], { kind: "table", table: TAPS, at: [axis("i")] })])],
    ],
    [
      "kept",
      [
        loop("i", 4, [
          {
            kind: "if",
            cond: { op: "lt", lhs: axis("i"), rhs: constant(3) },
            body: [store([add(axis("i"), constant(1))])],
          },
        ]),
      ],
    ],
  ];
  test.each(cases)("%s", (message, body) => {
    expect(ruleOf(body)).toBe(message);
  });
});

describe("bounds", () => {
  const split = combine([
    [axis("io"), 4],
    [axis("ii"), 1],
  ]);

  test("a guard of the same sum is used exactly, by looking at the iterations", () => {
    const ranges = new Map([
      ["io", { min: 0, max: 2 }],
      ["ii", { min: 0, max: 3 }],
    ]);
    expect(escapes(split, 10, ranges, [])?.range).toEqual({ min: 0, max: 11 });
    expect(escapes(split, 10, ranges, [{ op: "lt", lhs: split, rhs: constant(10) }])).toBeUndefined();
    expect(escapes(split, 9, ranges, [{ op: "lt", lhs: split, rhs: constant(10) }])?.witness).toEqual(
      new Map([
        ["io", 2],
        ["ii", 1],
      ]),
    );
  });

  test("where there are too many iterations, intervals and single guards decide", () => {
    const ranges = new Map([
      ["io", { min: 0, max: 999_999 }],
      ["ii", { min: 0, max: 3 }],
    ]);
    expect(escapes(split, 10, ranges, [{ op: "lt", lhs: split, rhs: constant(10) }])).toBeUndefined();
    expect(escapes(split, 10, ranges, [])).toEqual({ range: { min: 0, max: 3_999_999 } });
  });

  test("a condition on an element of a table proves nothing, and hides nothing of what others prove", () => {
    const ranges = new Map([
      ["io", { min: 0, max: 1 }],
      ["ii", { min: 0, max: 2 }],
    ]);
    const tile = combine([
      [axis("io"), 3],
      [axis("ii"), 1],
    ]);
    const twice = combine([[tile, 2]]);
    const inside: Cond = { op: "lt", lhs: tile, rhs: constant(4) };
    const looked: Cond = {
      op: "eq",
      lhs: lookup({ name: "at", length: 24, bound: 3 }, twice),
      rhs: constant(2),
    };
    expect(escapes(twice, 7, ranges, [inside, looked])).toBeUndefined();
    expect(escapes(twice, 6, ranges, [inside, looked])).toEqual({ range: { min: 0, max: 10 } });
  });
});
