import { describe, expect, test } from "vitest";
import type { Instruction } from "../../compiler/ir/instruction.ts";
import type { VBlock, VExpr, VStmt } from "../../compiler/ir/vector.ts";
import { addressesAhead } from "../../compiler/lower/addresses-ahead.ts";
import { loadEarly } from "../../compiler/lower/load-early.ts";
import { makeNames } from "../../compiler/lower/names.ts";
import { sumsBehind } from "../../compiler/lower/sums-behind.ts";
import { readInstruction } from "../../compiler/task/machine.ts";

const row = {
  name: "adds_product",
  args: { sum: "i32x4", a: "i8x4", x: "i8x2x2" },
  means: "for (const i of range(4)) { sum[i] += i32(a[i]) * i32(x[i]); }",
  first: { type: "int16x8_t", c: "product($2, $3)" },
  c: "add($1, $first)",
} as const;
const IN_PARTS = readInstruction(row);
const WHOLE: Instruction = readInstruction({ ...row, first: undefined, c: "all($1, $2, $3)" });

const register = (name: string): VExpr => ({ kind: "register", dtype: "i32", name, lanes: 4 });
const add = (acc: string, a: string, instruction = IN_PARTS): VStmt => ({
  kind: "set",
  name: acc,
  lanes: 4,
  value: { kind: "instruction", instruction, lanes: 4, args: [acc, a, "x"].map(register) },
});
const copies = (name: string, offset: number): VStmt => ({
  kind: "let",
  name,
  lanes: 4,
  value: { kind: "load", dtype: "i8", buffer: "v_p0", at: { terms: [], offset }, lanes: 4, registers: 2 },
});
const eight = (name: string): VStmt => ({
  kind: "let",
  name,
  lanes: 8,
  value: { kind: "load", dtype: "i8", buffer: "u", at: { terms: [], offset: 0 }, lanes: 8 },
});

/** What is named, with the registers that it reads. */
const text = (block: VBlock): string[] =>
  block.map((s) => {
    if (s.kind === "pointer") return `${s.name} = ${s.base} + ${s.at.offset}`;
    if (s.kind !== "let" && s.kind !== "set") return s.kind;
    const { value } = s;
    const read = value.kind === "instruction" ? value.args : [];
    const names = read.map((e) => (e.kind === "register" ? e.name : e.kind));
    const from = value.kind === "load" ? `${value.buffer} + ${value.at.offset}` : names.join(" ");
    return `${s.name} = ${from}`;
  });

describe("sums of what instructions compute first", () => {
  test("come behind the first part of the next one, the last at the end", () => {
    const block = sumsBehind([add("s", "a"), add("t", "b"), add("s", "c")], makeNames([]));
    expect(text(block)).toEqual([
      "products_0 = a x",
      "products_1 = b x",
      "s = s products_0",
      "products_2 = c x",
      "t = t products_1",
      "s = s products_2",
    ]);
  });

  test("are there before who reads or writes them", () => {
    const reads: VStmt = { kind: "set", name: "t", lanes: 4, value: register("s") };
    const block = sumsBehind([add("s", "a"), reads, add("t", "s")], makeNames([]));
    expect(text(block)).toEqual([
      "products_0 = a x",
      "s = s products_0",
      "t = ",
      "products_1 = s x",
      "t = t products_1",
    ]);
    const chain = sumsBehind([add("s", "a"), add("t", "s")], makeNames([]));
    expect(text(chain)).toEqual([
      "products_0 = a x",
      "s = s products_0",
      "products_1 = s x",
      "t = t products_1",
    ]);
  });

  test("are left to instructions of one part; half registers are loaded one by one", () => {
    const block = [eight("a"), add("s", "a", WHOLE)];
    const [loaded, whole] = sumsBehind(block, makeNames([]));
    expect(whole).toBe(block[1]);
    expect(loaded?.kind === "let" && loaded.value).toMatchObject({ kind: "load", inOrder: true });
  });
});

test("loads stand beside sums, which take two cycles, where registers are free for all of theirs", () => {
  const parts = sumsBehind([add("s", "a"), add("t", "a"), add("u", "a"), copies("y", 0)], makeNames([]));
  const order = (all: number) => text(loadEarly(parts, 3, { all, ofLanes: all })).indexOf("y = v_p0 + 0");
  // as it was, and behind the sum of the first, not behind the products of the third
  expect(order(6)).toBe(5);
  expect(order(16)).toBe(3);
});

test("loads that take no offset have addresses of their own, made two loads before", () => {
  const block = [copies("a", 0), copies("b", 4), add("s", "a"), copies("c", 8), copies("d", 12)];
  expect(text(addressesAhead(block, makeNames([])))).toEqual([
    "v_at0 = v_p0 + 0",
    "v_at1 = v_p0 + 4",
    "v_at2 = v_p0 + 8",
    "a = v_at0 + 0",
    "v_at3 = v_p0 + 12",
    "b = v_at1 + 0",
    "s = s a x",
    "c = v_at2 + 0",
    "d = v_at3 + 0",
  ]);
});
