import { expect, test } from "vitest";
import { cIdentifier } from "../../compiler/codegen/c-names.ts";

test("a name of 100 letters stays as it is, longer ones end in a hash of the whole", () => {
  const longest = "a".repeat(100);
  expect(cIdentifier(longest)).toBe(longest);
  const [one, two] = [`${longest}b`, `${longest}c`].map(cIdentifier);
  expect([one.length, two.length]).toEqual([100, 100]);
  expect(one).toMatch(/^a{87}_[0-9a-f]{12}$/);
  expect(one).not.toBe(two);
});
