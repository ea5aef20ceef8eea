import { expect, test } from "vitest";
import { cNames } from "../../compiler/codegen/c-names.ts";
import { commentText, cString, wrapArguments, wrapPrototype } from "../../compiler/codegen/c-text.ts";

test("C strings", () => {
  expect(cString("conv1/relu")).toBe('"conv1/relu"');
  expect(cString('a"b\\c')).toBe('"a\\"b\\\\c"');
  expect(cString("what??/")).toBe('"what\\?\\?/"');
  expect(cString("ü1\n")).toBe('"\\303\\2741\\012"');
});

test("comments can neither be ended nor continued", () => {
  expect(commentText("a */ b /* c \\\nd")).toBe("a *_ b /_ c __d");
  expect(commentText("so ??/")).toBe("so ?_/");
});

test("names are identifiers, distinct and no words of C; who can keep its name does", () => {
  expect(cNames(["x.1", "x_1", "int", "3d", "arena", "", "_x", "NAN", "日本", "Int"], ["arena"])).toEqual([
    "x_1_2",
    "x_1",
    "n_int",
    "n3d",
    "arena_2",
    "n",
    "x",
    "n_NAN",
    "n_2",
    "Int",
  ]);
  const long = cNames([`${"a".repeat(300)}x`, `${"a".repeat(300)}y`]);
  expect(long.map((name) => name.length)).toEqual([100, 100]);
  expect(new Set(long).size).toBe(2);
});

test("long argument lists are broken under the first argument", () => {
  expect(wrapArguments(["a", "b"], 8)).toBe("a, b, ");
  expect(wrapArguments(["aaaaaaaa", "bbbbbbbb", "cccccccc"], 4, 26)).toBe(
    "aaaaaaaa, bbbbbbbb,\n    cccccccc, ",
  );
  expect(wrapPrototype("void f(int a, int b)")).toBe("void f(int a, int b)");
});
