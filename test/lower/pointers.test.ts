import { describe, expect, test } from "vitest";
import type { Index } from "../../compiler/ir/index-expr.ts";
import type { Param } from "../../compiler/ir/proc.ts";
import { plainStorage } from "../../compiler/ir/storage.ts";
import type { VBlock, VStmt } from "../../compiler/ir/vector.ts";
import { makeNames } from "../../compiler/lower/names.ts";
import { arraysIn, introducePointers } from "../../compiler/lower/pointers.ts";

const array = (name: string): VStmt => ({ kind: "array", name, size: 4, dtype: "f32" });
const loop = (axis: string, extent: number, body: VBlock): VStmt => ({ kind: "for", axis, extent, body });
const at = (name: string, coef: number): Index => ({
  terms: [{ coef, atom: { kind: "axis", name } }],
  offset: 0,
});
const x: Param = { name: "x", role: "input", dtype: "f32", storage: plainStorage([8]) };

test("local arrays are found below loops and conditions", () => {
  const below = {
    kind: "if",
    cond: { op: "lt", lhs: at("i", 1), rhs: at("j", 1) },
    body: [array("c")],
  } as const;
  const found = arraysIn([array("a"), loop("i", 2, [array("b"), loop("j", 2, [below])])]);
  expect(found.map((s) => s.name)).toEqual(["a", "b", "c"]);
});

describe("a pointer stays in its buffer, or ends right behind it", () => {
  /** Pointers made where a loop's iterations are `step` elements apart, the last of them not read. */
  const pointers = (extent: number, step: number): string[] => {
    const read: VStmt = {
      kind: "let",
      name: "v",
      lanes: 1,
      value: { kind: "load", buffer: "x", at: at("i", step), lanes: 1, dtype: "f32" },
    };
    const below: Index = { terms: [], offset: extent - 1 };
    const guarded: VStmt = { kind: "if", cond: { op: "lt", lhs: at("i", 1), rhs: below }, body: [read] };
    const [made] = introducePointers([loop("i", extent, [guarded])], [x], [], makeNames(["x", "i"]));
    return made.kind === "for" ? made.body.flatMap((s) => (s.kind === "pointer" ? [s.name] : [])) : [];
  };
  test.each([
    ["inside", 2, 4, ["x_p0"]],
    ["right behind it", 3, 4, ["x_p0"]],
    ["further", 4, 3, []],
  ])("%s", (_, extent, step, names) => {
    expect(pointers(extent, step)).toEqual(names);
  });
});
