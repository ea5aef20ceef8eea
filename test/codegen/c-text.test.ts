import { expect, test } from "vitest";
import {
  commentText,
  cString,
  distinctNames,
  wrapArguments,
  wrapPrototype,
} from "../../compiler/codegen/c-text.ts";

test("C strings", () => {
  expect(cString("conv1/relu")).toBe('"conv1/relu"');
  expect(cString('a"b\\c')).toBe('"a\\"b\\\\c"');
  expect(cString("what??/")).toBe('"what\\?\\?/"');
  expect(cString("ü1\n")).toBe('"\\303\\2741\\012"');
});

test("comments can neither be ended nor continued", () => {
  expect(commentText("a */ b /* c \\\nd")).toBe("a *_ b /_ c __d");
});

test("names are identifiers, distinct and no keywords", () => {
  expect(distinctNames(["x.1", "x_1", "int", "3d", "arena", ""], ["arena"])).toEqual([
    "x_1",
    "x_1_2",
    "int_2",
    "n3d",
    "arena_2",
    "n",
  ]);
});

test("long argument lists are broken under the first argument", () => {
  expect(wrapArguments(["a", "b"], 8)).toBe("a, b, ");
  expect(wrapArguments(["aaaaaaaa", "bbbbbbbb", "cccccccc"], 4, 26)).toBe(
    "aaaaaaaa, bbbbbbbb,\n    cccccccc, ",
  );
  expect(wrapPrototype("void f(int a, int b)")).toBe("void f(int a, int b)");
});
