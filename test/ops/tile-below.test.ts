import { describe, expect, it } from "vitest";
import { loadTarget } from "../../compiler/machine/load.ts";
import type { LoopOrder } from "../../compiler/ops/conv2d/loop-order.ts";
import { askedTile, pixelsApart, residualTile, unaskedPart } from "../../compiler/ops/conv2d/tile-below.ts";

/** A layer of 1x1 kernels. */
function layer(ic: number, oc: number, side: number, stride = 1) {
  const sides = { OH: side, OW: side, IH: side * stride, IW: side * stride };
  return { N: 1, G: 1, IC: ic, OC: oc, KH: 1, KW: 1, SH: stride, SW: stride, ...sides };
}

const [rpi3, rpi4] = ["rpi3", "rpi4"].map((board) => loadTarget(board));
const tile = { oh: 1, ow: 7 };
const ORDERS: readonly LoopOrder[] = ["weights", "pixels", "packed", "streamed"];

describe("inputs asked for beside another tile", () => {
  it("are those of the tile below, where all weights and a row of inputs stay in the nearest cache", () => {
    const d = layer(64, 32, 56);
    expect(ORDERS.map((order) => askedTile(order, d, rpi4, tile))).toEqual([
      undefined,
      "below",
      "below",
      "below",
    ]);
    expect(unaskedPart("pixels", d, rpi4, tile)).toBe(1 / 56);
    expect(askedTile("pixels", layer(64, 96, 56), rpi4, { oh: 3, ow: 7 })).toBeUndefined();
  });

  it("are the next one's where they would not stay as long, of weights that stay; or are asked for at copying only", () => {
    const d = layer(256, 64, 56);
    expect(askedTile("streamed", d, rpi4, tile)).toBe("next");
    expect(unaskedPart("streamed", d, rpi4, tile)).toBe(1 / 8);
    expect(askedTile("pixels", d, rpi4, tile)).toBeUndefined();
    expect(askedTile("packed", d, rpi4, tile)).toBe("below");
  });

  it("are none that are near, that are foreseen, or whose windows share pixels", () => {
    expect(ORDERS.map((order) => askedTile(order, layer(60, 32, 14), rpi4, tile))).toEqual(
      ORDERS.map(() => undefined),
    );
    expect(askedTile("pixels", layer(32, 32, 112), rpi4, tile)).toBeUndefined();
    expect(askedTile("packed", { ...layer(64, 32, 56), KH: 3, KW: 3 }, rpi4, tile)).toBeUndefined();
  });

  it("come from the second cache, too, but for those that are copied", () => {
    expect(ORDERS.map((order) => askedTile(order, layer(80, 32, 14), rpi4, tile))).toEqual([
      undefined,
      "below",
      undefined,
      "below",
    ]);
  });

  it("are those of rows that are skipped to, which no prefetcher foresees", () => {
    expect(askedTile("pixels", layer(32, 32, 56, 2), rpi4, tile)).toBe("below");
  });

  it("are the next one's in a few rows, as most of them are in the first", () => {
    expect(askedTile("pixels", { ...layer(64, 32, 112), OH: 2 }, rpi3, tile)).toBe("next");
  });
});

describe("residuals asked for while pixels stay", () => {
  it("are those of the tile below, of the next one, or of the next block of channels", () => {
    expect(residualTile(layer(32, 16, 56), rpi4, tile)).toBe("below");
    expect(residualTile(layer(48, 64, 112), rpi4, tile)).toBe("next");
    expect(residualTile(layer(256, 256, 14), rpi4, tile)).toBeUndefined();
  });
});

describe("pixels of a tile that are asked for", () => {
  it("lie in all of its lines wherever it begins, where the next tile is asked for", () => {
    const row = layer(64, 32, 56);
    const apart = (ow: number): number => pixelsApart("next", ow, row, rpi4);
    expect([4, 5, 6, 8, 10].map(apart)).toEqual([4, 4, 4, 4, 4]);
    expect([3, 7, 11].map(apart)).toEqual([2, 3, 2]);
    expect(pixelsApart("below", 7, row, rpi4)).toBe(4);
    expect(pixelsApart("below", 7, { ...row, OH: 1 }, rpi4)).toBe(3);
    expect(pixelsApart("next", 7, layer(64, 32, 56, 2), rpi4)).toBe(2);
  });
});
