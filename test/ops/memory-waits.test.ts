import { describe, expect, test } from "vitest";
import { groupLabel, groupTiles } from "../../compiler/ops/group-tile.ts";
import { unforeseenWaits } from "../../compiler/ops/memory-waits.ts";
import { pointwiseLabel, pointwiseTiles } from "../../compiler/ops/pointwise-tile.ts";
import { loadTarget } from "../../compiler/target/load.ts";

const a53 = loadTarget("rpi3");
const a72 = loadTarget("rpi4");

describe("waits for lines of memory", () => {
  const large = { count: 4, run: 1, lines: 1000, bytes: 2 ** 22 };

  test("of an A53, which follows two sequences: half of 176 cycles", () => {
    expect(unforeseenWaits(large, a53)).toBe(1000 * (176 / 2));
    expect(unforeseenWaits({ ...large, count: 2 }, a53)).toBe(0);
  });

  test("are for the first two lines of a run, and short where the second cache holds all", () => {
    expect(unforeseenWaits({ ...large, run: 4 }, a53)).toBe(500 * (176 / 2));
    expect(unforeseenWaits({ ...large, bytes: 2 ** 18 }, a53)).toBe(1000 * (29 / 2));
    expect(unforeseenWaits({ ...large, bytes: 2 ** 14 }, a53)).toBe(0);
  });

  test("are none on cores that follow more, or of which nothing is known", () => {
    expect(unforeseenWaits(large, a72)).toBe(0);
    expect(unforeseenWaits(large, loadTarget("host"))).toBe(0);
  });
});

describe("tiles of a 1x1 convolution", () => {
  test("take more channels where a map is read again and again from memory", () => {
    const layer = (IC: number, OC: number) => ({
      ...{ N: 1, G: 1, OC, IC, OH: 28, OW: 28, KH: 1, KW: 1, SH: 1, SW: 1, DH: 1, DW: 1 },
      ...{ BIAS: 0, RES: 0, LO: 0, HI: 6 },
    });
    const label = (...task: Parameters<typeof pointwiseTiles>): string =>
      pointwiseLabel(pointwiseTiles(...task)[0]);
    expect(label(layer(256, 256), a53)).toBe("1x5x4");
    expect(label(layer(128, 256), a53)).toBe("1x10x2");
    expect(label(layer(256, 256), a72)).toBe("1x10x2");
    expect(label(layer(512, 512), a72)).toBe("1x5x4");
    // a stride's rows in between are not read
    expect(label({ ...layer(64, 128), SH: 2, SW: 2 }, a53)).toBe("1x5x4");
  });
});

describe("tiles of a depthwise convolution", () => {
  const depthwise = (G: number, size: number) => ({
    ...{ N: 1, G, OC: 1, IC: 1, OH: size, OW: size, KH: 3, KW: 3, SH: 1, SW: 1, DH: 1, DW: 1 },
    ...{ BIAS: 0, RES: 0, LO: Number.NEGATIVE_INFINITY, HI: Number.POSITIVE_INFINITY },
  });
  const label = (...task: Parameters<typeof groupTiles>): string => groupLabel(groupTiles(...task)[0]);

  test("are one row on a core that follows few sequences, with registers left for the next loads", () => {
    expect(label(depthwise(64, 56), a53)).toBe("1x10x1-unrolled");
    expect(label(depthwise(64, 56), a72)).toBe("4x4x1-unrolled");
  });

  test("are several rows where everything is in the first cache", () => {
    expect(label(depthwise(4, 28), a53)).toMatch(/^[23]x\dx1-unrolled$/);
  });
});
