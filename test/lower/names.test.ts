import { expect, test } from "vitest";
import { makeNames } from "../../compiler/lower/names.ts";

test("names are taken together or not at all, and a number is given once", () => {
  const names = makeNames(["x"]);
  expect(names.take(["a", "x"])).toBe(false);
  expect(names.take(["a", "b0"])).toBe(true);
  expect(names.take(["b0"])).toBe(false);
  expect([names.numbered("b"), names.numbered("b"), names.numbered("a")]).toEqual(["b1", "b2", "a0"]);
});
