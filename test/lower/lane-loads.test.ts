import { describe, expect, test } from "vitest";
import { axis, combine, constant, type Index } from "../../compiler/ir/index-expr.ts";
import type { VBlock, VExpr, VStmt } from "../../compiler/ir/vector.ts";
import { selectLaneLoads } from "../../compiler/lower/lane-loads.ts";

const LANES = 4;
const WHOLE = { dtype: "f32", lanes: LANES, width: LANES } as const;
const HALVES = { dtype: "f32", lanes: LANES, width: 2 } as const;

/** acc += w * x[from + offset], one statement for each offset. */
function products(from: Index, offsets: readonly number[]): VBlock {
  return offsets.map((offset, i) => {
    const at = combine([[from, 1]], offset);
    const x: VExpr = {
      kind: "splat",
      value: { kind: "load", dtype: "f32", buffer: "x", at, lanes: 1 },
      lanes: LANES,
    };
    const acc: VExpr = { kind: "register", dtype: "f32", name: `acc${i}`, lanes: LANES };
    const w: VExpr = { kind: "register", dtype: "f32", name: "w", lanes: LANES };
    return {
      kind: "set",
      name: `acc${i}`,
      lanes: LANES,
      value: { kind: "fma", lanes: LANES, acc, a: w, b: x },
    };
  });
}

/** For each statement the offset of its vector and the lane, "start:lane"; or "splat" where it stayed one. */
function taken(block: VBlock): string[] {
  return block.map((s) => {
    const value = s.kind === "set" ? s.value : undefined;
    if (value?.kind !== "fma-lane" || value.b.kind !== "load") return "splat";
    return `${value.b.at.offset}:${value.lane}`;
  });
}

const whole = (): boolean => true;

describe("broadcasts of neighbours become lanes", () => {
  test("of aligned vectors, where what they are counted from is a whole number of vectors", () => {
    const block = products(axis("i", 8), [1, 2, 3, 4, 7, 9]);
    expect(taken(selectLaneLoads(block, WHOLE, whole))).toEqual(["0:1", "0:2", "0:3", "4:0", "4:3", "splat"]);
  });

  test("else of vectors that begin at the first element wanted and end with the last", () => {
    const block = products(axis("i", 225), [0, 2, 4, 6, 8, 10]);
    expect(taken(selectLaneLoads(block, WHOLE, whole))).toEqual(["0:0", "0:2", "4:0", "4:2", "7:1", "7:3"]);
  });

  test("nothing outside what was read is read: three neighbours make no vector", () => {
    expect(taken(selectLaneLoads(products(axis("i", 3), [5, 6, 7]), WHOLE, whole))).toEqual([
      "splat",
      "splat",
      "splat",
    ]);
  });

  test("aligned vectors that leave the buffer are not read", () => {
    const block = products(constant(0), [1, 2, 3, 4, 5]);
    expect(taken(selectLaneLoads(block, WHOLE, () => false))).toEqual(["1:0", "1:1", "1:2", "1:3", "splat"]);
  });

  test("what is stored to meanwhile is read as it was", () => {
    const store: VBlock = [
      {
        kind: "store",
        buffer: "x",
        at: constant(0),
        lanes: LANES,
        value: { kind: "register", dtype: "f32", name: "acc0", lanes: LANES },
      },
    ];
    const block = [...products(axis("i", 8), [0, 1, 2, 3]), ...store];
    expect(selectLaneLoads(block, WHOLE, whole)).toEqual(block);
  });

  test("halves, where what is multiplied is used again", () => {
    const block = products(axis("i", 8), [0, 1, 2, 3, 7]);
    expect(taken(selectLaneLoads(block, HALVES, whole))).toEqual(["0:0", "0:1", "2:0", "2:1", "splat"]);
    const odd = products(axis("i", 225), [0, 1, 2]);
    expect(taken(selectLaneLoads(odd, HALVES, whole))).toEqual(["0:0", "0:1", "splat"]);
  });

  test("whole vectors beside what is used once, which comes in one sequence", () => {
    const streamed = products(axis("i", 8), [0, 1, 2, 3]).map((s, i): VStmt => {
      if (s.kind !== "set" || s.value.kind !== "fma") return s;
      const w: VExpr = { kind: "load", dtype: "f32", buffer: "w", at: constant(4 * i), lanes: LANES };
      return { ...s, value: { ...s.value, a: w } };
    });
    expect(taken(selectLaneLoads(streamed, HALVES, whole))).toEqual(["0:0", "0:1", "0:2", "0:3"]);
  });
});
