import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadTarget } from "../../compiler/machine/load.ts";
import type { AlgorithmLimits, ConvDims } from "../../compiler/ops/conv2d/algorithm.ts";
import { writtenOut } from "../../compiler/ops/product-tiles.ts";
import {
  roomFor,
  type WinogradPart,
  winogradCandidates,
} from "../../compiler/ops/winograd/winograd-blocks.ts";

const WINDOW = { N: 1, G: 1, KH: 3, KW: 3, SH: 1, SW: 1, DH: 1, DW: 1 };

/** The parts of the cheapest plan for a map, of so many channels in a group: "F6 48, F4 8". */
function choice(
  OH: number,
  OW: number,
  channels: number,
  numerics: AlgorithmLimits["numerics"] = "fast",
  other: Partial<ConvDims> = {},
): string {
  const dims = { ...WINDOW, OH, OW, IC: channels, OC: channels, ...other };
  const [best] = winogradCandidates(dims, 4, { registers: 28, numerics }).filter(({ pays }) => pays);
  return best === undefined ? "direct" : best.parts.map(partText).join(", ");
}

function partText({ winograd, rows }: WinogradPart): string {
  return `F${winograd.tile} ${rows}`;
}

describe("the choice of Winograd tiles", () => {
  it.each([
    [56, 64, "F6 48, F4 8"],
    [28, 128, "F6 24, F4 4"],
    [26, 64, "F6 18, F4 8"],
    [46, 64, "F6 42, F4 4"],
  ])("cuts maps of %d rows and %d channels in two where 6 does not divide them", (size, channels, parts) => {
    expect(choice(size, size, channels)).toBe(parts);
  });

  it.each([
    ["6 divides the rows", 24, 64, "F6 24"],
    ["4 divides a small map", 8, 64, "F4 8"],
    ["the transforms outweigh the products", 56, 8, "F4 56"],
    ["little would be saved", 112, 32, "F6 112"],
    ["5 divides the rows", 40, 64, "F5 40"],
    ["tiles of 5 hang over less", 14, 256, "F5 14"],
    ["more weights would come later than the products save", 5, 512, "F2 5"],
    ["a row would be left", 7, 512, "F4 7"],
    ["it would cost more than it saves", 14, 4, "direct"],
  ])("leaves a map whole where %s", (_, size, channels, parts) => {
    expect(choice(size, size, channels)).toBe(parts);
  });

  it("takes the smallest tiles for maps that are no larger", () => {
    expect(choice(2, 2, 64)).toBe("F2 2");
  });

  it.each([
    ["close", 64, "F2 56"],
    ["close", 8, "direct"],
    ["strict", 64, "direct"],
  ] as const)("with numerics that are %s, for %d channels, is %s", (numerics, channels, parts) => {
    expect(choice(56, 56, channels, numerics)).toBe(parts);
  });

  it.each([
    ["5x5", { KH: 5, KW: 5 }, 28, 32, "F4 28"],
    ["5x5 of stride 2", { KH: 5, KW: 5, SH: 2, SW: 2 }, 28, 64, "F6 28"],
    ["3x3 of stride 2", { KH: 3, KW: 3, SH: 2, SW: 2 }, 28, 64, "F7 28"],
    ["3x3 of stride 2, few channels", { KH: 3, KW: 3, SH: 2, SW: 2 }, 28, 16, "direct"],
    [
      "3x3 of stride 2, more weights than memory gives in the time",
      { KH: 3, KW: 3, SH: 2, SW: 2 },
      7,
      512,
      "direct",
    ],
    [
      "7x7 of stride 2, images of three channels",
      { KH: 7, KW: 7, SH: 2, SW: 2, IC: 3, HELD: 4 },
      112,
      64,
      "F5 112",
    ],
    [
      "7x7 of stride 2, in blocks that are mostly empty",
      { KH: 7, KW: 7, SH: 2, SW: 2, IC: 3, HELD: 8 },
      112,
      64,
      "direct",
    ],
    ["7x7", { KH: 7, KW: 7 }, 28, 64, "F2 28"],
    ["5x3", { KH: 5, KW: 3 }, 28, 64, "direct"],
    ["5x5 with dilation", { KH: 5, KW: 5, DH: 2, DW: 2 }, 28, 64, "direct"],
    ["5x5 of stride 3", { KH: 5, KW: 5, SH: 3, SW: 3 }, 28, 64, "direct"],
  ])("of windows of %s", (_, window, size, channels, parts) => {
    expect(choice(size, size, channels, "fast", window)).toBe(parts);
    expect(choice(size, size, channels, "close", window)).toBe("direct");
  });

  it("leaves room for a vector more where a tile's points would be multiples of 256 bytes apart", () => {
    expect(roomFor(64, 8, 4)).toBe(68);
    expect(roomFor(64, 9, 4)).toBe(68);
    expect(roomFor(8, 7, 4)).toBe(8);
  });

  it("covers each row once, and only the last part's tiles hang over", () => {
    fc.assert(
      fc.property(
        fc.record({ OH: fc.integer({ min: 1, max: 130 }), OW: fc.integer({ min: 1, max: 130 }) }),
        fc.constantFrom(4, 8, 12, 32, 64, 256),
        ({ OH, OW }, channels) => {
          const dims = { ...WINDOW, OH, OW, IC: channels, OC: channels };
          for (const { parts } of winogradCandidates(dims, 4, { registers: 28, numerics: "fast" })) {
            let next = 0;
            parts.forEach(({ winograd, blocks: { RB, TR, CB, TC }, from, rows }, i) => {
              expect(from).toBe(next);
              next += rows;
              const covered = winograd.tile * RB * TR;
              if (i < parts.length - 1) expect(covered).toBe(rows);
              expect(covered).toBeGreaterThanOrEqual(rows);
              expect(winograd.tile * CB * TC).toBeGreaterThanOrEqual(OW);
            });
            expect(next).toBe(OH);
          }
        },
      ),
      { numRuns: 200, seed: 4 },
    );
  });
});

describe("blocks of input channels written out one after another", () => {
  const [inOrder, outOfOrder] = ["rpi3", "rpi5"].map((board) => loadTarget(board));
  const product = (tiles: number, ocv: number) => ({ rows: 1, columns: tiles, ocv, cost: 0 });
  const NEAR = 16 * 1024;

  it("are one where a core counts turns beside products, but for all of one or two", () => {
    expect([1, 2, 3, 64].map((blocks) => writtenOut(blocks, product(7, 2), NEAR, outOfOrder))).toEqual([
      ...[1, 2, 1, 1],
    ]);
  });

  it("are several of many in order, fewer where weights come from far", () => {
    const written = (blocks: number, tiles: number, weights = NEAR): number =>
      writtenOut(blocks, product(tiles, 2), weights, inOrder);
    expect([written(64, 9), written(64, 9, 256 * NEAR), written(6, 9)]).toEqual([4, 2, 1]);
    expect([written(64, 10), written(64, 8), written(16, 8)]).toEqual([4, 4, 4]);
  });
});
