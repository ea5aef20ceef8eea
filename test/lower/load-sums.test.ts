import { expect, test } from "vitest";
import type { VBlock, VExpr, VStmt } from "../../compiler/ir/vector.ts";
import { loadSums } from "../../compiler/lower/load-sums.ts";

const LANES = 4;
const FLOATS = { dtype: "f32", lanes: LANES } as const;
const CONSTANTS: ReadonlySet<string> = new Set(["b", "w"]);
const register = (name: string): VExpr => ({ kind: "register", dtype: "f32", name, lanes: LANES });
const load = (buffer: string): VExpr => ({
  kind: "load",
  buffer,
  at: { terms: [], offset: 0 },
  lanes: LANES,
  dtype: "f32",
});
const anew: VExpr = { ...load("b"), inOrder: true } as VExpr;
const bias: VStmt = { kind: "let", name: "b_0", lanes: LANES, value: load("b") };
const set = (name: string, value: VExpr): VStmt => ({ kind: "set", name, lanes: LANES, value });
const addTo = (name: string): VStmt =>
  set(name, { kind: "fma", lanes: LANES, acc: register(name), a: load("x"), b: load("w") });
const store = (buffer: string, value: VExpr): VStmt => ({
  kind: "store",
  buffer,
  at: { terms: [], offset: 0 },
  lanes: LANES,
  value,
});
const loop = (body: VBlock): VStmt => ({ kind: "for", axis: "k", extent: 8, body });

test("sums load what they begin with, and nothing keeps it", () => {
  const sums = [set("s0", register("b_0")), set("s1", register("b_0")), addTo("s0"), addTo("s1")];
  const rest = [addTo("s0"), addTo("s1"), store("y", register("s0"))];
  expect(loadSums([bias, loop([...sums, store("y", register("s1"))])], FLOATS, CONSTANTS)).toEqual([
    loop([set("s0", anew), set("s1", anew), addTo("s0"), addTo("s1"), store("y", register("s1"))]),
  ]);
  expect(loadSums([bias, ...sums, ...rest], FLOATS, CONSTANTS)).toEqual([
    ...[set("s0", anew), set("s1", anew), addTo("s0"), addTo("s1")],
    ...rest,
  ]);
});

test("what something else reads stays loaded", () => {
  const block = [bias, set("s0", register("b_0")), addTo("s0"), store("y", register("b_0"))];
  expect(loadSums(block, FLOATS, CONSTANTS)).toEqual([
    bias,
    set("s0", anew),
    addTo("s0"),
    store("y", register("b_0")),
  ]);
});

test.each<[string, VBlock]>([
  ["sums of a loop", [bias, set("s0", register("b_0")), loop([addTo("s0")]), store("y", register("s0"))]],
  [
    "what is no constant, and may be stored to under another name",
    [
      { ...bias, value: load("x") } as VStmt,
      set("s0", register("b_0")),
      addTo("s0"),
      store("y", register("s0")),
    ],
  ],
  ["copies of sums", [set("s0", register("s1")), addTo("s0"), store("y", register("s0"))]],
])("%s copy it", (_, block) => {
  expect(loadSums(block, FLOATS, CONSTANTS)).toEqual(block);
});

test("vectors of other widths are left alone", () => {
  const block = [bias, set("s0", register("b_0")), addTo("s0"), store("y", register("s0"))];
  expect(loadSums(block, { dtype: "f32", lanes: 8 }, CONSTANTS)).toEqual(block);
});
