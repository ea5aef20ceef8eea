import { expect, test } from "vitest";
import type { VExpr, VStmt } from "../../compiler/ir/vector.ts";
import { hoistInvariantLoads } from "../../compiler/lower/hoist.ts";
import { makeNames } from "../../compiler/lower/names.ts";
import { shareValues } from "../../compiler/lower/share-values.ts";

const load = (buffer: string, offset: number): VExpr => ({
  kind: "load",
  dtype: "f32",
  buffer,
  at: { terms: [], offset },
  lanes: 4,
});
const sum = (...offsets: readonly [number, number]): VExpr => {
  const [lhs, rhs] = offsets.map((offset) => load("x", offset));
  return { kind: "binary", op: "add", lanes: 4, lhs, rhs };
};
const store = (offset: number, value: VExpr): VStmt => ({
  kind: "store",
  buffer: "y",
  at: { terms: [], offset },
  lanes: 4,
  value,
});

/** Where the named reads of a block read, in order. */
const reads = (block: readonly VStmt[]): number[] =>
  block.flatMap((s) => (s.kind === "let" && s.value.kind === "load" ? [s.value.at.offset] : []));

test("neighbours in memory are read together, the lower address first, whichever is wanted first", () => {
  const down = [store(0, sum(4, 64)), store(4, sum(0, 32))];
  expect(reads(shareValues(down, makeNames(["x", "y"])))).toEqual([0, 4, 64, 32]);
  const up = [store(0, sum(0, 64)), store(4, sum(4, 32))];
  expect(reads(shareValues(up, makeNames(["x", "y"])))).toEqual([0, 4, 64, 32]);
});

test("halves of registers, which no instruction loads two of, are read where they are wanted", () => {
  const fromX = (lanes: number): number[] => {
    const by = (offset: number): VExpr => {
      const b = { ...load("x", offset), lanes } as VExpr;
      return { kind: "mul-lane", lanes: 4, a: load("y", 0), b, lane: 0 };
    };
    const block = [store(0, by(0)), store(4, by(4 * lanes)), store(8, by(lanes))];
    return shareValues(block, makeNames(["x", "y"])).flatMap((s) =>
      s.kind === "let" && s.value.kind === "load" && s.value.buffer === "x" ? [s.value.at.offset] : [],
    );
  };
  expect(fromX(4)).toEqual([0, 4, 16]);
  expect(fromX(2)).toEqual([0, 8, 2]);
});

test("a value that a statement stores is computed there, and named only where others use it twice", () => {
  const [whole, two] = [sum(0, 64), sum(8, 16)];
  const product = (lhs: VExpr): VExpr => ({ kind: "binary", op: "mul", lanes: 4, lhs, rhs: two });
  const names = (block: readonly VStmt[]): string[] =>
    shareValues(block, makeNames(["x", "y"])).flatMap((s) => (s.kind === "let" ? [s.name] : []));
  expect(names([store(0, whole), store(4, product(whole))]).filter((n) => n.startsWith("t_"))).toEqual([]);
  const twice = [store(0, product(whole)), store(4, product(whole)), store(8, product(two))];
  expect(names(twice).filter((n) => n.startsWith("t_"))).toEqual(["t_0", "t_1"]);
});

test("equal numbers of two types are two values", () => {
  const one = (dtype: "f16" | "i32"): VExpr => ({
    kind: "splat",
    lanes: 4,
    value: { kind: "literal", value: 1, dtype },
  });
  const stores = [0, 4, 8, 12].map((offset) => store(offset, one(offset % 8 === 0 ? "f16" : "i32")));
  const shared = shareValues(stores, makeNames(["y"]));
  const named = new Map(shared.flatMap((s) => (s.kind === "let" ? [[s.name, s.value] as const] : [])));
  const stored = shared.flatMap((s) => {
    if (s.kind !== "store") return [];
    return [s.value.kind === "register" ? named.get(s.value.name) : s.value];
  });
  expect(stored).toEqual([one("f16"), one("i32"), one("f16"), one("i32")]);
});

test("constants moved out of a loop stay in their register; what is read there may be read again", () => {
  const constant: VExpr = { kind: "splat", lanes: 4, value: { kind: "literal", value: 2, dtype: "f32" } };
  const scalar: VExpr = { kind: "splat", lanes: 4, value: { ...load("x", 0), lanes: 1 } as VExpr };
  const named = (name: string, value: VExpr): VStmt => ({ kind: "let", name, lanes: 4, value });
  const body = [named("c", constant), named("s", scalar), named("v", load("x", 8))];
  const hoisted = hoistInvariantLoads([{ kind: "for", axis: "i", extent: 4, body }], 32);
  const kept = hoisted.flatMap((s) => (s.kind === "let" ? [[s.name, s.kept ?? false]] : []));
  expect(kept).toEqual([
    ["c", true],
    ["s", false],
    ["v", false],
  ]);
});
