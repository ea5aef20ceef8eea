import { describe, expect, test } from "vitest";
import type { Index } from "../../compiler/ir/index-expr.ts";
import type { VBlock, VExpr, VStmt } from "../../compiler/ir/vector.ts";
import { interleaveValues } from "../../compiler/lower/interleave.ts";
import { loadEarly } from "../../compiler/lower/load-early.ts";
import { makeNames } from "../../compiler/lower/names.ts";

const LANES = 4;
const at = (offset: number): Index => ({ terms: [], offset });
const register = (name: string): VExpr => ({ kind: "register", dtype: "f32", name, lanes: LANES });
const load = (name: string, buffer: string, offset: number): VStmt => ({
  kind: "let",
  name,
  lanes: LANES,
  value: { kind: "load", dtype: "f32", buffer, at: at(offset), lanes: LANES },
});
const add = (name: string, from: string): VStmt => ({
  kind: "set",
  name,
  lanes: LANES,
  value: { kind: "binary", op: "add", lanes: LANES, lhs: register(name), rhs: register(from) },
});
const store = (buffer: string, offset: number, value: VExpr): VStmt => ({
  kind: "store",
  buffer,
  at: at(offset),
  lanes: LANES,
  value,
});
/** Names of what is loaded and set, buffers of what is stored. */
const text = (block: VBlock): string =>
  block
    .map((s) => (s.kind === "store" ? s.buffer : s.kind === "let" || s.kind === "set" ? s.name : ""))
    .join(" ");

/** So many, by whose lanes, all of them or some, can be multiplied. */
const registers = (all: number, ofLanes = all) => ({ all, ofLanes });

describe("loads ahead of their use", () => {
  const run: VBlock = [
    load("a", "x", 0),
    add("s", "a"),
    add("t", "a"),
    add("u", "a"),
    load("b", "x", 4),
    add("s", "b"),
  ];

  test("pass so many statements, where registers are free", () => {
    expect(text(loadEarly(run, 2, registers(16)))).toBe("a s b t u s");
    expect(text(loadEarly(run, 8, registers(16)))).toBe("a b s t u s");
  });

  test("stay where no register is free", () => {
    // three sums and `a`: a fifth register is needed until `a` was used for the last time
    expect(text(loadEarly(run, 8, registers(4)))).toBe("a s t u b s");
  });

  test("stay where what is only used later holds a register", () => {
    const held = [load("c", "w", 0), ...run];
    expect(text(loadEarly(held, 8, registers(5)))).toBe("c a s t u b s");
    expect(text(loadEarly(held, 8, registers(16)))).toBe("c a b s t u s");
  });

  test("stay where what they load is multiplied by its lanes, and no register for that is free", () => {
    const byLane = (acc: string, b: string): VStmt => ({
      kind: "set",
      name: acc,
      lanes: LANES,
      value: {
        kind: "fma-lane",
        lanes: LANES,
        acc: register(acc),
        a: register("w"),
        b: register(b),
        lane: 0,
      },
    });
    const factors = [
      load("a", "x", 0),
      byLane("s", "a"),
      byLane("t", "a"),
      load("b", "x", 4),
      byLane("s", "b"),
    ];
    expect(text(loadEarly(factors, 8, registers(16)))).toBe("a b s t s");
    expect(text(loadEarly(factors, 8, registers(16, 1)))).toBe("a s t b s");
  });

  test("pass no store", () => {
    const stored = [add("s", "a"), store("y", 0, register("s")), load("b", "x", 4), add("s", "b")];
    expect(text(loadEarly(stored, 8, registers(16)))).toBe("s y b s");
  });
});

describe("values of neighbouring stores", () => {
  const deep = (name: string): VExpr =>
    Array.from({ length: 9 }).reduce<VExpr>(
      (value) => ({ kind: "binary", op: "mul", lanes: LANES, lhs: value, rhs: value }),
      register(name),
    );
  /** One operation a statement: t1 = s * s, t2 = t1 * t1, ... */
  const chain = (name: string, to: number, length = 9): VStmt[] => {
    const steps = Array.from({ length }, (_, i): VStmt => {
      const from = register(i === 0 ? name : `${name}${i}`);
      const value: VExpr = { kind: "binary", op: "mul", lanes: LANES, lhs: from, rhs: from };
      return { kind: "let", name: `${name}${i + 1}`, lanes: LANES, value };
    });
    return [...steps, store("y", to, register(`${name}${length}`))];
  };

  test("are computed in turns where each is a long row of operations", () => {
    const turned = interleaveValues([...chain("a", 0), ...chain("b", 4)], 2, makeNames([]));
    expect(text(turned).startsWith("a1 b1 a2 b2")).toBe(true);
    expect(text(turned).endsWith("a9 b9 y y")).toBe(true);
  });

  test("are one after the other where one needs what another computes", () => {
    const needing = [...chain("a", 0), ...chain("a9", 4)];
    expect(text(interleaveValues(needing, 2, makeNames([])))).toBe(text(needing));
  });

  test("are one after the other where one reads what another stores to, or both store to one place", () => {
    // nine operations and a late read of what the second, shorter one stores
    const late: VStmt[] = [...chain("a", 0).slice(0, -1), load("z", "y", 4), ...chain("a", 0).slice(-1)];
    const reading = [...late, ...chain("b", 4)];
    expect(text(interleaveValues(reading, 2, makeNames([])))).toBe(text(reading));
    const same = [...chain("a", 0), ...chain("b", 2)];
    expect(text(interleaveValues(same, 2, makeNames([])))).toBe(text(same));
  });

  test("are long from three operations on, the store being one", () => {
    const two = interleaveValues([...chain("a", 0, 2), ...chain("b", 4, 2)], 2, makeNames([]));
    expect(text(two)).toBe("a1 b1 a2 b2 y y");
    const one = [...chain("a", 0, 1), ...chain("b", 4, 1)];
    expect(text(interleaveValues(one, 2, makeNames([])))).toBe(text(one));
  });

  test("are computed in turns behind the last sum that is added to before them", () => {
    const sums: VStmt[] = ["a0", "b0"].map((name) => ({ kind: "set", name, lanes: 4, value: register("x") }));
    const turned = interleaveValues([...sums, ...chain("a", 0), ...chain("b", 4)], 2, makeNames([]));
    expect(text(turned).startsWith("a0 b0 a1 b1 a2 b2")).toBe(true);
  });

  test("that are short stay as they are", () => {
    const short = [store("y", 0, register("a")), store("y", 4, register("b"))];
    expect(interleaveValues(short, 4, makeNames([]))).toEqual(short);
  });

  test("become one operation a statement", () => {
    const flat = interleaveValues([store("y", 0, deep("a")), store("y", 4, deep("b"))], 2, makeNames([]));
    expect(flat.filter(({ kind }) => kind === "store")).toHaveLength(2);
    for (const s of flat) {
      if (s.kind !== "let") continue;
      expect(s.value.kind === "binary" && s.value.lhs.kind).toBe("register");
    }
  });
});
