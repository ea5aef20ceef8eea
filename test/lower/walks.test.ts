import { expect, test } from "vitest";
import type { Index } from "../../compiler/ir/index-expr.ts";
import type { VBlock, VExpr, VStmt } from "../../compiler/ir/vector.ts";
import { makeNames } from "../../compiler/lower/names.ts";
import { walkPointers } from "../../compiler/lower/walks.ts";

const at = (offset: number): Index => ({ terms: [], offset });
const load = (buffer: string, offset: number): VExpr => ({
  kind: "load",
  dtype: "f32",
  buffer,
  at: at(offset),
  lanes: 4,
});
const let_ = (name: string, value: VExpr): VStmt => ({ kind: "let", name, lanes: 4, value });
const store = (offset: number): VStmt => ({
  kind: "store",
  buffer: "y",
  at: at(offset),
  lanes: 4,
  value: { kind: "register", dtype: "f32", name: "a", lanes: 4 },
});

/** "name = base + step" for a pointer, "base + offset" for an access. */
function addresses(block: VBlock): string[] {
  return block.map((s) => {
    if (s.kind === "pointer") return `${s.name} = ${s.base} + ${s.at.offset}`;
    const access = s.kind === "store" ? s : s.kind === "let" ? s.value : undefined;
    return access?.kind === "load" || access?.kind === "store"
      ? `${access.buffer} + ${access.at.offset}`
      : s.kind;
  });
}

test("a pointer walks from access to access, once for accesses of the same place", () => {
  const block = [
    let_("a", load("x", 4)),
    let_("b", load("x", 8)),
    store(0),
    let_("c", load("x", 8)),
    store(4),
    let_("d", load("x", 0)),
  ];
  expect(addresses(walkPointers(block, makeNames([])))).toEqual([
    ...["x_n0 = x + 4", "x_n0 + 0", "x_n1 = x_n0 + 4"],
    ...["x_n1 + 0", "y + 0", "y_n0 = y + 4", "x_n1 + 0", "x_n2 = x_n1 + -8"],
    ...["y_n0 + 0", "x_n2 + 0"],
  ]);
});

test("one place of a pointer, and places chosen at run time, stay as they are", () => {
  const running: VExpr = {
    kind: "load",
    dtype: "f32",
    buffer: "x",
    at: { terms: [{ coef: 4, atom: { kind: "axis", name: "i" } }], offset: 0 },
    lanes: 4,
  };
  const block = [let_("a", load("w", 4)), let_("b", running), let_("c", load("w", 4))];
  expect(walkPointers(block, makeNames([]))).toEqual(block);
});

test("a distance that comes often is a register's, made at its first use", () => {
  const block = [0, 32, 64, 96, 128, 160, 164].map((offset, i) => let_(`a${i}`, load("x", offset)));
  const steps = walkPointers(block, makeNames([])).flatMap((s) => (s.kind === "pointer" ? [s.by] : []));
  expect(steps).toEqual([
    { name: "x_s0", first: true },
    ...Array(4).fill({ name: "x_s0", first: false }),
    undefined,
  ]);
});
