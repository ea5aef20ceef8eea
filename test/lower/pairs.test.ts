import { describe, expect, test } from "vitest";
import type { Index } from "../../compiler/ir/index-expr.ts";
import type { VBlock, VExpr, VStmt } from "../../compiler/ir/vector.ts";
import { anchorFarLoads, NEAR } from "../../compiler/lower/anchors.ts";
import { fenceArrays } from "../../compiler/lower/fences.ts";
import { makeNames } from "../../compiler/lower/names.ts";
import { pairStores } from "../../compiler/lower/pair-stores.ts";

const at = (offset: number): Index => ({ terms: [], offset });
const load = (buffer: string, offset: number): VExpr => ({
  kind: "load",
  dtype: "f32",
  buffer,
  at: at(offset),
  lanes: 4,
});
const twice = (value: VExpr): VExpr => ({ kind: "binary", op: "add", lanes: 4, lhs: value, rhs: value });
const store = (buffer: string, offset: number, value: VExpr): VStmt => ({
  kind: "store",
  buffer,
  at: at(offset),
  lanes: 4,
  value,
});

describe("pair-stores", () => {
  test("a store waits for its neighbour, unless its place is read before", () => {
    const between = store("y", 64, load("x", 8));
    const first = store("y", 0, load("x", 0));
    const second = store("y", 4, load("x", 4));
    const paired = pairStores([first, between, second], makeNames([]));
    expect(paired.flatMap((s) => (s.kind === "store" ? [s.at.offset] : []))).toEqual([64, 0, 4]);
    const reading = store("z", 0, load("y", 0));
    expect(pairStores([first, reading, second], makeNames([]))).toEqual([first, reading, second]);
  });

  test("computes the values of two stores side by side before both", () => {
    const block = pairStores(
      [store("y", 0, twice(load("x", 0))), store("y", 4, twice(load("x", 4)))],
      makeNames([]),
    );
    expect(block.map((s) => s.kind)).toEqual(["let", "let", "store", "store"]);
  });

  test("leaves them when what stands between changes the first value, or its place", () => {
    const a: VExpr = { kind: "register", dtype: "f32", name: "a", lanes: 4 };
    const changed: VStmt = { kind: "set", name: "a", lanes: 4, value: twice(a) };
    const value = [store("y", 0, a), changed, store("y", 4, a)];
    expect(pairStores(value, makeNames([]))).toEqual(value);
    const place = [store("y", 0, a), store("y", 2, a), store("y", 4, a)];
    expect(pairStores(place, makeNames([]))).toEqual(place);
  });

  test.each([
    ["the places are apart", store("y", 8, load("x", 4))],
    ["the buffers differ", store("z", 4, load("x", 4))],
    ["the second value reads what the first store wrote", store("y", 4, load("y", 0))],
  ])("leaves them when %s", (_, second) => {
    const block: VBlock = [store("y", 0, load("x", 0)), second];
    expect(pairStores(block, makeNames([]))).toEqual(block);
  });
});

describe("anchors", () => {
  const reach = 1008;
  const pointer: VStmt = {
    kind: "pointer",
    dtype: "f32",
    name: "x_p1",
    base: "x_p0",
    at: { terms: [], offset: 0 },
    writable: false,
  };
  const loop = (offsets: readonly number[]): VStmt => ({
    kind: "for",
    axis: "ic",
    extent: 8,
    body: [
      pointer,
      ...offsets.map(
        (offset, i): VStmt => ({ kind: "let", name: `v${i}`, lanes: 4, value: load("x_p1", offset) }),
      ),
    ],
  });

  test("two pairs far from their pointer get a pointer of their own, made before the loop", () => {
    const [before, after] = anchorFarLoads([loop([0, 4, 1000, 1004, 1008, 1012])], reach, makeNames([]));
    expect(before).toEqual({ ...pointer, name: "x_far0", at: at(1000), kept: NEAR });
    const body = after.kind === "for" ? after.body : [];
    expect(body.slice(0, 2)).toEqual([pointer, { ...pointer, name: "x_p0", base: "x_far0" }]);
    const places = body.flatMap((s) =>
      s.kind === "let" && s.value.kind === "load" ? [`${s.value.buffer}+${s.value.at.offset}`] : [],
    );
    expect(places).toEqual(["x_p1+0", "x_p1+4", "x_p0+0", "x_p0+4", "x_p0+8", "x_p0+12"]);
  });

  test.each([
    ["near loads", [0, 4, 8, 12]],
    ["a single pair", [0, 4, 1000, 1004]],
    ["vectors that are no neighbours", [0, 1000, 1016, 1032]],
  ])("leaves %s", (_, offsets) => {
    expect(anchorFarLoads([loop(offsets)], reach, makeNames([]))).toEqual([loop(offsets)]);
  });
});

describe("fences", () => {
  const array: VStmt = { kind: "array", dtype: "f32", name: "p", size: 64 };
  const kinds = (block: VBlock): readonly string[] => block.map((s) => s.kind);

  test("stand between what fills a small array and what reads it, which goes through its own pointer", () => {
    const block = fenceArrays(
      [array, store("p", 0, load("x", 0)), store("y", 0, load("p", 0))],
      makeNames([]),
      32,
    );
    expect(kinds(block)).toEqual(["array", "pointer", "store", "fence", "store"]);
    expect(block[1]).toMatchObject({ name: "p_near0", base: "p", kept: NEAR });
    expect(block[2]).toMatchObject({ buffer: "p_near0" });
    expect(block[4]).toMatchObject({ value: { buffer: "p_near0" } });
  });

  test("are not needed by large arrays, nor by those that fit the registers, nor where nothing is read", () => {
    const large: VBlock = [{ ...array, size: 512 }, store("p", 0, load("x", 0)), store("y", 0, load("p", 0))];
    expect(fenceArrays(large, makeNames([]), 32)).toEqual(large);
    const inRegisters: VBlock = [array, store("p", 0, load("x", 0)), store("y", 0, load("p", 0))];
    expect(fenceArrays(inRegisters, makeNames([]), 128)).toEqual(inRegisters);
    const below: VStmt = { kind: "pointer", dtype: "f32", name: "q", base: "p", at: at(8), writable: true };
    const moved = fenceArrays([array, below], makeNames([]), 32)[2];
    expect(moved).toEqual({ ...below, base: "p_near0" });
    const unread = fenceArrays([array, store("p", 0, load("x", 0))], makeNames([]), 32);
    expect(kinds(unread)).not.toContain("fence");
  });
});
