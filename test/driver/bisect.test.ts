import { describe, expect, it } from "vitest";
import { bisect, type Trial } from "../../compiler/driver/sides/bisect.ts";

describe("bisecting", () => {
  const row = Array.from({ length: 100 }, (_, i) => i);

  it("finds the first bad one wherever it is, in as few trials as halving takes", async () => {
    for (const first of row) {
      const asked: number[] = [];
      const found = await bisect(row, async (i) => {
        asked.push(i);
        return i >= first ? "bad" : "good";
      });
      expect(found).toEqual({ first, unknown: [], tried: asked.length });
      expect(asked.length).toBeLessThanOrEqual(7);
      expect(new Set(asked).size).toBe(asked.length);
    }
    expect(await bisect([5], async () => "good")).toEqual({ first: 5, unknown: [], tried: 0 });
  });

  it("passes over what cannot be tried, and says where it may lie instead", async () => {
    const trial =
      (first: number, ...broken: number[]) =>
      async (i: number): Promise<Trial> =>
        broken.includes(i) ? "unknown" : i >= first ? "bad" : "good";
    expect(await bisect(row, trial(60, 49, 50, 48))).toMatchObject({ first: 60, unknown: [] });
    expect(await bisect(row, trial(60, 58, 59, 60))).toMatchObject({ first: 61, unknown: [58, 59, 60] });
    expect(await bisect(row, async () => "unknown")).toMatchObject({ first: 99, tried: 99 });
  });
});
