import { expect, test } from "vitest";
import { type Expr, literal, load, unary } from "../../compiler/ir/expr.ts";
import { axis, constant, type Index } from "../../compiler/ir/index-expr.ts";
import { interpret } from "../../compiler/ir/interpret.ts";
import type { LoopProc } from "../../compiler/ir/proc.ts";
import { type Block, loop, type Stmt } from "../../compiler/ir/stmt.ts";
import { plainStorage } from "../../compiler/ir/storage.ts";
import { InternalError } from "../../compiler/support/diagnostic.ts";

const store = (buffer: string, at: readonly Index[], value: Expr): Stmt => ({
  kind: "store",
  buffer,
  at,
  value,
});

function run(body: Block, size = 3): readonly number[] {
  const proc: LoopProc = {
    stage: "loop",
    name: "p",
    params: [{ name: "y", role: "output", dtype: "f32", storage: plainStorage([size]) }],
    body,
  };
  const y = new Float32Array(size);
  interpret(proc, { y });
  return [...y];
}

test("every operation is rounded to f32", () => {
  const third: Expr = { kind: "binary", op: "div", lhs: literal(1), rhs: literal(3) };
  const sum: Stmt = { kind: "reduce", op: "add", buffer: "y", at: [constant(0)], value: literal(2 ** -25) };
  expect(
    run([store("y", [constant(0)], literal(1)), loop("i", 100, [sum]), store("y", [constant(1)], third)]),
  ).toEqual([1, Math.fround(1 / 3), 0]);
  expect(run([store("y", [constant(0)], unary("exp", load("y", [constant(0)])))])[0]).toBe(1);
});

test("locals start as NaN each time their block is entered", () => {
  const body: Block = [store("y", [axis("i")], load("t", [])), store("t", [], literal(7))];
  expect(
    run([loop("i", 3, [{ kind: "alloc", dtype: "f32", buffer: "t", shape: [], memory: "stack", body }])]),
  ).toEqual([NaN, NaN, NaN]);
});

test("what a select does not take is not read", () => {
  const value: Expr = {
    kind: "select",
    when: { op: "lt", lhs: axis("i"), rhs: constant(2) },
    ...{ then: load("y", [{ ...axis("i"), offset: 1 }]), otherwise: literal(5) },
  };
  expect(run([loop("i", 3, [store("y", [axis("i")], value)])])).toEqual([0, 0, 5]);
});

test("an access outside its buffer, a buffer of the wrong size and an unknown name are bugs", () => {
  expect(() => run([loop("i", 4, [store("y", [axis("i")], literal(1))])])).toThrow(
    new InternalError("interpret: index 3 outside dimension 0 (3) of `y`"),
  );
  expect(() => run([store("z", [], literal(1))])).toThrow(
    new InternalError("interpret: no buffer `z` in scope"),
  );
  expect(() => run([store("y", [axis("i")], literal(1))])).toThrow(
    new InternalError("interpret: no axis `i` in scope"),
  );
  const proc: LoopProc = {
    stage: "loop",
    name: "p",
    params: [{ name: "y", role: "output", dtype: "f32", storage: plainStorage([3]) }],
    body: [],
  };
  expect(() => interpret(proc, {})).toThrow(new InternalError("interpret p: `y` needs 3 elements, got none"));
});
