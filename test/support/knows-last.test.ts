import { expect, test } from "vitest";
import { knowsLast } from "../../compiler/support/knows-last.ts";

test("the same things and the same data are asked about once", () => {
  const asked: string[] = [];
  const text = knowsLast((a: { name: string }, b: object, data: readonly number[], more?: number) => {
    asked.push(a.name);
    return `${a.name} ${Object.keys(b).join()} ${data.join()} ${more}`;
  });
  const [x, y, of] = [{ name: "x" }, { name: "y" }, { of: 1 }];
  const one = text(x, of, [1, 2]);
  expect(text(x, of, [1, 2])).toBe(one);
  expect(asked).toEqual(["x"]);
  expect(text(x, of, [1, 3])).toBe("x of 1,3 undefined");
  expect(text(x, of, [1, 3], 4)).toBe("x of 1,3 4");
  expect(text(x, {}, [1, 3], 4)).toBe("x  1,3 4");
  expect(text(y, of, [1, 3], 4)).toBe("y of 1,3 4");
  // only the last answer is known
  expect(text(x, of, [1, 2])).toBe(one);
  expect(asked).toEqual(["x", "x", "x", "x", "y", "x"]);
});
