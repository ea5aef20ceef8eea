import { expect, test } from "vitest";
import type { VBlock, VExpr, VStmt } from "../../compiler/ir/vector.ts";
import { narrowPairs } from "../../compiler/lower/narrow-pairs.ts";
import { loadIsa } from "../../compiler/machine/load.ts";

const NEON = loadIsa("neon-v8");

const sum = (name: string): VExpr => ({ kind: "register", dtype: "i32", name, lanes: 4 });
const byte = (name: string): VExpr => ({ kind: "register", dtype: "i8", name, lanes: 4 });
const narrowed = (name: string, of: string): VStmt => ({
  kind: "let",
  name,
  lanes: 4,
  value: { kind: "convert", to: "i8", lanes: 4, value: sum(of) },
});
const store = (offset: number, value: VExpr): VStmt => ({
  kind: "store",
  buffer: "y",
  at: { terms: [], offset },
  lanes: 4,
  value,
});
const both = [narrowed("a", "s"), narrowed("b", "t")];

test("vectors stored side by side as 8-bit numbers are one, what lies first in its lower half", () => {
  for (const [first, second] of [
    [store(8, byte("a")), store(12, byte("b"))],
    [store(12, byte("b")), store(8, byte("a"))],
  ])
    expect(narrowPairs([...both, first, second], NEON)).toEqual([
      { kind: "let", name: "a", lanes: 4, value: sum("s") },
      { kind: "let", name: "b", lanes: 4, value: sum("t") },
      {
        ...{ kind: "store", buffer: "y", at: { terms: [], offset: 8 }, lanes: 8 },
        value: { kind: "narrow", to: "i8", lanes: 8, low: sum("a"), high: sum("b") },
      },
    ]);
});

test.each<readonly [string, VBlock]>([
  ["they lie apart", [store(8, byte("a")), store(16, byte("b"))]],
  ["one is read again", [store(8, byte("a")), store(12, byte("b")), store(40, byte("a"))]],
  ["something stands between", [store(8, byte("a")), store(100, byte("c")), store(12, byte("b"))]],
])("they are not where %s", (_, stores) => {
  expect(narrowPairs([...both, ...stores], NEON)).toEqual([...both, ...stores]);
});

test("no instruction set is asked for what it does not have", () => {
  const block = [...both, store(8, byte("a")), store(12, byte("b"))];
  expect(narrowPairs(block, loadIsa("neon-v7"))).toEqual(block);
});
