import { expect, test } from "vitest";
import { type Interval, type Linear, solve } from "../../compiler/schedule/solve.ts";
import { makeRng } from "../../compiler/support/rng.ts";
import { amount } from "../support/amount.ts";

type Bounds = ReadonlyMap<string, Interval>;

const upTo = (max: number, min = 0): Interval => ({ min, max });
const row = (coefs: Readonly<Record<string, number>>, op: Linear["op"], bound: number): Linear => ({
  coefs: new Map(Object.entries(coefs)),
  op,
  bound,
});

/** Whether a point satisfies every row. */
function holds(at: ReadonlyMap<string, number>, rows: readonly Linear[]): boolean {
  return rows.every(({ coefs, op, bound }) => {
    let sum = 0;
    for (const [name, c] of coefs) sum += c * (at.get(name) ?? Number.NaN);
    return op === "eq" ? sum === bound : sum >= bound;
  });
}

/** Every point within bounds. */
function* points(bounds: Bounds): Generator<ReadonlyMap<string, number>> {
  let all: readonly (readonly [string, number])[][] = [[]];
  for (const [name, { min, max }] of bounds) {
    const values = Array.from({ length: max - min + 1 }, (_, i) => min + i);
    all = all.flatMap((before) => values.map((v) => [...before, [name, v] as const]));
  }
  for (const one of all) yield new Map(one);
}

test("a system of digits is decided at once: channels of a strided tile's phases never meet", () => {
  // 64 * py + 32 * px + cio of two iterations of cio
  const bounds = new Map(
    Object.entries({
      ...{ cio: upTo(31), later: upTo(31, 1), py: upTo(1), px: upTo(1), py2: upTo(1), px2: upTo(1) },
      ...{ i: upTo(7), i2: upTo(7), tr: upTo(1), tr2: upTo(1), tc: upTo(1), tc2: upTo(1) },
    }),
  );
  const address = { px: 32, py: 64, later: -1, px2: -32, py2: -64 };
  const rows = [
    row({ cio: -1, later: -1 }, "ge", -31),
    ...[row({ i: 1, i2: -1 }, "eq", 0), row({ tr: 1, tr2: -1 }, "eq", 0), row({ tc: 1, tc2: -1 }, "eq", 0)],
    row(address, "eq", 0),
  ];
  expect(solve(bounds, rows)).toEqual({ kind: "none" });
  // 32 channels farther they would
  expect(solve(new Map([...bounds, ["later", upTo(32, 1)]]), rows.slice(1)).kind).toBe("point");
});

test("small random systems have a point where trying all points finds one", () => {
  const rng = makeRng(11);
  const between = (min: number, max: number): number => min + rng.int(max - min + 1);
  const pick = <T>(all: readonly T[]): T => all[rng.int(all.length)];
  const found = { none: 0, point: 0, unknown: 0 };
  for (let round = 0; round < amount(2000, 50_000); round++) {
    const names = ["a", "b", "c", "d", "e"].slice(0, between(2, 5));
    const bounds = new Map(
      names.map((name) => {
        const min = between(-2, 1);
        return [name, upTo(min + rng.int(5), min)] as const;
      }),
    );
    const rows = Array.from({ length: between(1, 3) }, () =>
      row(
        Object.fromEntries(names.map((name) => [name, pick([0, 1, -1, 2, 3, 4, -4, 8, 12, 16, -32])])),
        pick(["eq", "eq", "ge"] as const),
        between(-6, 12),
      ),
    );
    const answer = solve(bounds, rows);
    found[answer.kind]++;
    const exists = [...points(bounds)].some((at) => holds(at, rows));
    expect(answer.kind).toBe(exists ? "point" : "none");
    if (answer.kind === "point") expect(holds(answer.at, rows)).toBe(true);
  }
  expect(Math.min(found.none, found.point)).toBeGreaterThan(200);
});
