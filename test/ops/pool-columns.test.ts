import { expect, test } from "vitest";
import { opTask } from "../../compiler/driver/decide/op-task.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { compileTask } from "../../compiler/task/compile-task.ts";
import { bothResults } from "./both-results.ts";

const target = loadTarget("qemu-rpi4");

/** Sizes of a pool, a window of one pixel that moves by one unless they say otherwise. */
function pool(op: "max-pool" | "avg-pool", given: Readonly<Record<string, number>>) {
  const d = { N: 1, C: 8, OH: 4, OW: 4, KH: 1, KW: 1, SH: 1, SW: 1, DH: 1, DW: 1, ...given };
  const IH = (d.OH - 1) * d.SH + (d.KH - 1) * d.DH + 1;
  const IW = (d.OW - 1) * d.SW + (d.KW - 1) * d.DW + 1;
  return opTask(op, { ...d, IH, IW }, target);
}

const WINDOWS = [
  { KH: 3, KW: 3, SH: 1, SW: 1, OH: 5, OW: 13 },
  { KH: 3, KW: 2, SH: 2, SW: 2, OH: 4, OW: 7 },
  { KH: 1, KW: 3, SH: 1, SW: 1, OH: 3, OW: 9 },
  { KH: 2, KW: 2, SH: 3, SW: 3, OH: 2, OW: 5 },
  { KH: 3, KW: 3, SH: 1, SW: 2, DH: 2, DW: 3, OH: 3, OW: 6 },
  { KH: 13, KW: 13, SH: 1, SW: 1, OH: 13, OW: 13 },
  { KH: 1, KW: 1, SH: 2, SW: 2, OH: 3, OW: 3 },
  { KH: 2, KW: 40, SH: 1, SW: 1, OH: 2, OW: 150 },
  { KH: 2, KW: 9, SH: 1, SW: 3, DW: 35, OH: 2, OW: 7 },
  { KH: 2, KW: 270, SH: 1, SW: 1, OH: 1, OW: 1 },
] as const;

test.each(WINDOWS.flatMap((window) => (["max-pool", "avg-pool"] as const).map((op) => ({ op, ...window }))))(
  "windows that share their columns, %o, are right",
  ({ op, ...window }) => {
    const [right, made] = bothResults(pool(op, { N: 2, ...window }), target, {});
    expect(made).toHaveLength(right.length);
    for (const [i, value] of made.entries()) expect(value).toBeCloseTo(right[i], 4);
  },
);

test("a row is cut into tiles as equal as can be, with registers for the columns of their windows", () => {
  const tile = (OW: number, window: Readonly<Record<string, number>>): string | undefined =>
    /(\d+) columns/.exec(compileTask(pool("max-pool", { OW, ...window }), target).choice)?.[1];
  expect(tile(13, { KH: 3, KW: 3 })).toBe("7");
  expect(tile(32, { KH: 3, KW: 3, SH: 2, SW: 2 })).toBe("8");
  expect(tile(32, { KH: 9, KW: 9, SH: 2, SW: 2 })).toBe("7");
  // what no registers hold lies on the stack; a window alone is written out as long as that is not too much
  expect(tile(4, { KH: 40, KW: 40 })).toBe("4");
  expect(tile(500, { KH: 1, KW: 40 })).toBe("84");
  expect(tile(1, { KH: 40, KW: 40 })).toBe("1");
  expect(tile(21821, { KH: 1, KW: 200, SW: 10, DW: 10 })).toBe("199");
});

test("a row of a window is looked at once for all that share it", () => {
  const { c } = compileTask(pool("max-pool", { C: 4, OH: 1, OW: 8, KH: 5, KW: 5 }), target);
  // 12 columns, row after row, and five of these for each of eight outputs, the first of which it starts with
  expect(c.match(/vmaxq_f32\(/g)).toHaveLength(12 + 4 * 8);
});
