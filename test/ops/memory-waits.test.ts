import { describe, expect, test } from "vitest";
import { plainStorage } from "../../compiler/ir/storage.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import type { Target } from "../../compiler/machine/target.schema.ts";
import type { ConvSizes } from "../../compiler/ops/conv2d/conv2d.kernel.ts";
import { groupLabel, groupTiles } from "../../compiler/ops/conv2d/group-tile.ts";
import { pointwiseLabel, pointwiseTiles } from "../../compiler/ops/conv2d/pointwise-tile.ts";
import {
  begunWaits,
  displaced,
  foreseenWaits,
  unforeseenWaits,
} from "../../compiler/ops/estimate/memory-waits.ts";
import { dims, inner, outer } from "../../compiler/ops/memory-dims.ts";
import { blockDistance } from "../../compiler/ops/tiles.ts";

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

describe("waits for lines that are foreseen", () => {
  const stream = { burst: 4, busy: 100, lines: 400, bytes: 2 ** 22 };

  test("are what a burst of lines takes beyond the work it is for", () => {
    expect(foreseenWaits(stream, a53)).toBe(100 * (4 * 34 - 100));
    expect(foreseenWaits({ ...stream, busy: 200 }, a53)).toBe(0);
    expect(foreseenWaits({ ...stream, bytes: 2 ** 14 }, a53)).toBe(0);
    expect(foreseenWaits(stream, loadTarget("host"))).toBe(0);
  });

  test("come with more lines at once than may be on their way, however much there is to do", () => {
    expect(foreseenWaits({ ...stream, burst: 8, busy: 1e6 }, a53)).toBe(50 * (8 - 5) * 34);
  });
});

describe("waits for sequences that begin", () => {
  const begun = { count: 13, begun: 100, bytes: 2 ** 22 };

  test("of an A72, whose prefetcher follows after two misses: three times a third of 210 cycles", () => {
    expect(begunWaits(begun, a72)).toBe(100 * 3 * (210 / 3));
    expect(begunWaits({ ...begun, bytes: 2 ** 15 }, a72)).toBe(0);
  });

  test("are none where too many are read at a time to be followed at all, or nothing is known", () => {
    expect(begunWaits({ ...begun, count: 17 }, a72)).toBe(0);
    expect(begunWaits(begun, a53)).toBe(0);
    expect(begunWaits(begun, loadTarget("host"))).toBe(0);
  });
});

test("lines that fall into few sets of the first cache do not stay, the same lines side by side do", () => {
  // four in each set that they fall into
  const runs = { runs: 32, run: 160, passing: 8192 };
  expect(displaced({ ...runs, apart: 50176 }, a53)).toBe(1);
  expect(displaced({ ...runs, apart: 160 }, a53)).toBe(0);
  expect(displaced({ ...runs, apart: 160, passing: 32768 }, a53)).toBe(1);
  // a line passes through half of the sets
  expect(displaced({ ...runs, apart: 50176, passing: 4096 }, a53)).toBe(0.5);
});

test("of a sequence as long as a way and a quarter, those that share a set do not stay in a cache of two ways while a way passes", () => {
  const kept = { runs: 1, run: 20480, apart: 0 };
  expect(displaced({ ...kept, passing: 16384 }, a72)).toBe(128 / 320);
  expect(displaced({ ...kept, passing: 8192 }, a72)).toBe(64 / 320);
  expect(displaced({ ...kept, run: 16384, passing: 16384 }, a72)).toBe(0);
  expect(displaced({ ...kept, passing: 8192 }, a53)).toBe(0);
  expect(displaced({ ...kept, passing: 8192 }, loadTarget("host"))).toBe(0);
});

describe("tiles of a 1x1 convolution", () => {
  const layer = (IC: number, OC: number, size: number) => ({
    ...{ N: 1, G: 1, OC, IC, OH: size, OW: size, KH: 1, KW: 1, SH: 1, SW: 1, DH: 1, DW: 1 },
    ...{ IH: size, IW: size, BIAS: 0, RES: 0, LO: 0, HI: 6 },
  });
  const orders = ["weights", "pixels", "packed"] as const;
  const best = (d: ConvSizes, target: Target, apart?: number): string => {
    const [tile] = pointwiseTiles(d, target, { orders, apart });
    return `${pointwiseLabel(tile)} ${tile.orders[0].order}`;
  };

  test("stay packed where a map comes from memory in many sequences", () => {
    expect(best(layer(256, 256, 28), a53)).toBe("1x10x2 packed");
    expect(best(layer(512, 512, 14), a72)).toBe("2x5x2 packed");
    // a tile of 10 and the weights that pass by would be too much for two ways
    expect(best(layer(512, 128, 28), a72)).toBe("2x4x2 packed");
    expect(best({ ...layer(256, 512, 28), SH: 2, SW: 2, IH: 56, IW: 56 }, a72)).toBe("2x4x2 packed");
  });

  test("stay packed where planes with their border fall into the same sets of the first cache", () => {
    const a76 = loadTarget("rpi5");
    const bordered = {
      ...plainStorage([1, 1, 256, 14, 14]),
      halo: [0, 0, 0, 1, 1].map((width) => ({ before: width, after: width })),
      dims: [...dims(0, 1), outer(2, 4), ...dims(3, 4), inner(2, 4)],
    };
    expect(blockDistance(bordered, 2, a76)).toBe(16 * 16 * 16);
    expect(blockDistance(plainStorage([1, 1, 256, 14, 14]), 2, a76)).toBeUndefined();
    expect(best(layer(256, 1024, 14), a76)).toBe("2x5x2 pixels");
    expect(best(layer(256, 1024, 14), a76, blockDistance(bordered, 2, a76))).toBe("2x5x2 packed");
  });

  test("pass by where the weights of a block do all with them in a few foreseen sequences", () => {
    expect(best(layer(32, 64, 112), a72)).toMatch(/weights$/);
  });

  test("are of one row where each row of a map from memory would be found anew by the prefetcher", () => {
    expect(best(layer(16, 64, 112), a72)).toBe("1x8x2 weights");
    expect(best(layer(16, 64, 14), loadTarget("rpi5"))).toBe("2x5x2 weights");
  });

  test("leave rows to threads: where there are few, blocks of channels are outside", () => {
    expect(best(layer(1280, 1000, 1), a53)).toMatch(/weights$/);
    expect(best(layer(512, 512, 3), a53)).toMatch(/weights$/);
  });

  test("have a smaller last block of channels where only single vectors divide them, and threads have rows to share", () => {
    const form = { orders, cuts: true };
    const [cut] = pointwiseTiles(layer(116, 116, 14), a72, form);
    expect(cut.ocv).toBeGreaterThan(1);
    expect(cut.orders.map(({ order }) => order)).not.toContain("weights");
    expect(pointwiseTiles(layer(116, 116, 14), a72, { orders }).every(({ ocv }) => ocv === 1)).toBe(true);
    expect(pointwiseTiles(layer(116, 116, 3), a72, form).every(({ ocv }) => ocv === 1)).toBe(true);
    expect(pointwiseTiles(layer(116, 56, 14), a72, form).every(({ ocv }) => 14 % ocv === 0)).toBe(true);
  });

  test("go over few rows of a product, or copy them, where these are a multiple of the first cache's ways apart", () => {
    const rows = (IC: number): string => {
      const [tile] = pointwiseTiles(
        { ...layer(IC, 768, 1), OH: 9, OW: 22, IH: 9, IW: 22 },
        loadTarget("host"),
        {
          orders,
          inputs: "rows",
        },
      );
      const [{ order }] = tile.orders;
      return order === "packed" ? order : `${tile.ow} ${order}`;
    };
    expect(rows(768)).toBe("8 weights");
    expect(rows(3072)).toMatch(/^[1-7] |packed/);
  });

  test("are what they were on cores of which nothing is known", () => {
    const [tile] = pointwiseTiles(layer(256, 256, 28), loadTarget("host"), { orders });
    expect(tile.orders.map(({ order }) => order)).toEqual(["weights", "pixels", "packed"]);
  });
});

describe("tiles of a depthwise convolution", () => {
  const depthwise = (G: number, size: number) => ({
    ...{ N: 1, G, OC: 1, IC: 1, OH: size, OW: size, KH: 3, KW: 3, SH: 1, SW: 1, DH: 1, DW: 1 },
    ...{
      IH: size + 2,
      IW: size + 2,
      BIAS: 0,
      RES: 0,
      LO: Number.NEGATIVE_INFINITY,
      HI: Number.POSITIVE_INFINITY,
    },
  });
  const label = (...task: Parameters<typeof groupTiles>): string => groupLabel(groupTiles(...task)[0]);

  test("are one row where maps come from memory, with registers left for the next loads on a core in order", () => {
    expect(label(depthwise(64, 56), a53)).toBe("1x7x1-unrolled");
    expect(label(depthwise(64, 56), a72)).toMatch(/^1x\d+x1/);
  });

  test("are several rows where everything is in the first cache", () => {
    expect(label(depthwise(4, 28), a53)).toMatch(/^[23]x\dx1-unrolled$/);
  });
});
