import { describe, expect, test } from "vitest";
import { constant } from "../../compiler/ir/index-expr.ts";
import type { VBlock, VExpr, VStmt } from "../../compiler/ir/vector.ts";
import { placeFactors } from "../../compiler/lower/lane-registers.ts";

const LANES = 8;
const register = (name: string): VExpr => ({ kind: "register", dtype: "f16", name, lanes: LANES });
const load = (name: string): VStmt => ({
  kind: "let",
  name,
  lanes: LANES,
  value: { kind: "load", dtype: "f16", buffer: "x", at: constant(0), lanes: LANES },
});
/** acc += w * a lane of b. */
const byLane = (b: string): VStmt => ({
  kind: "set",
  name: "acc",
  lanes: LANES,
  value: { kind: "fma-lane", lanes: LANES, acc: register("acc"), a: register("w"), b: register(b), lane: 3 },
});
const loop = (body: VBlock): VStmt => ({ kind: "for", axis: "i", extent: 4, body });

/** What is loaded and where, "a0 b1 c" for a third one that has no register. */
const places = (block: VBlock): string =>
  block
    .flatMap((s) => {
      if (s.kind === "for") return [`(${places(s.body)})`];
      return s.kind === "let" ? [`${s.name}${s.register ?? ""}`] : [];
    })
    .join(" ");

describe("registers of vectors by whose lanes is multiplied", () => {
  test("are those that can be named, each again once its vector is not used any more", () => {
    const block = [
      load("a"),
      load("b"),
      byLane("a"),
      byLane("b"),
      load("c"),
      byLane("c"),
      load("d"),
      byLane("d"),
    ];
    expect(places(placeFactors(block, 3))).toBe("a0 b1 c2 d0");
    expect(places(placeFactors(block, 2))).toBe("a0 b1 c0 d1");
  });

  test("are left to the C compiler where there are more at a time", () => {
    const block = [
      load("a"),
      load("b"),
      load("c"),
      byLane("a"),
      byLane("b"),
      byLane("c"),
      load("d"),
      byLane("d"),
    ];
    expect(places(placeFactors(block, 2))).toBe("a0 b1 c d0");
  });

  test("are not held through a loop, which has all of them for itself", () => {
    const block = [
      load("a"),
      byLane("a"),
      load("b"),
      loop([load("c"), byLane("c"), byLane("b")]),
      byLane("b"),
    ];
    expect(places(placeFactors(block, 4))).toBe("a0 b (c0)");
  });

  test("are not held beyond a call", () => {
    const called: VStmt = {
      kind: "set",
      name: "acc",
      lanes: LANES,
      value: { kind: "call", fn: "atanh", args: [register("acc")], lanes: LANES },
    };
    const block = [load("a"), byLane("a"), load("b"), called, byLane("b")];
    expect(places(placeFactors(block, 4))).toBe("a0 b");
  });

  test("hold nothing that is multiplied as a whole", () => {
    expect(places(placeFactors([load("w"), load("a"), byLane("a")], 4))).toBe("w a0");
  });
});
