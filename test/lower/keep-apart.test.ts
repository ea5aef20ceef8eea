import { describe, expect, test } from "vitest";
import { keepApart } from "../../compiler/lower/keep-apart.ts";

const sums = (names: string) => [...names].map((name, i) => ({ stmt: { name }, i }));
const text = (order: readonly { readonly stmt: { readonly name: string } }[]): string =>
  order.map(({ stmt }) => stmt.name).join("");
const always = (): boolean => true;

describe("accumulations kept apart", () => {
  test("are drawn forward until equal sums are far enough from each other", () => {
    expect(text(keepApart(sums("aaaabbbbccccdddd"), 4, always))).toBe("abcdabcdabcdabcd");
  });

  test("into one sum keep their order", () => {
    const order = keepApart(sums("aabbab"), 2, always);
    expect(text(order)).toBe("ababab");
    expect(order.filter(({ stmt }) => stmt.name === "a").map(({ i }) => i)).toEqual([0, 1, 4]);
  });

  test("stay as they are where nothing is won, no other order fits, or no distance is asked for", () => {
    for (const [names, gap] of [
      ["abcdabcd", 4],
      ["aaaa", 4],
      ["aabb", 0],
    ] as const) {
      expect(text(keepApart(sums(names), gap, always))).toBe(names);
    }
    expect(text(keepApart(sums("aaaabbbb"), 4, () => false))).toBe("aaaabbbb");
  });

  test("are drawn from near by where that is enough", () => {
    const far = keepApart(sums("aabbccddeeffgghh"), 2, always);
    expect(text(far)).toBe("ababcdcdefefghgh");
  });
});
