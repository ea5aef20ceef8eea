import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Numerics } from "../../compiler/ops/numerics.ts";
import { LARGEST_TILE } from "../../compiler/ops/winograd/algorithm.ts";
import { type WinogradPart, winogradCandidates } from "../../compiler/ops/winograd/winograd-blocks.ts";

const WINDOW = { N: 1, G: 1, KH: 3, KW: 3, SH: 1, SW: 1, DH: 1, DW: 1 };

/** The parts of the cheapest plan for a map, of so many channels in a group: "F6 48, F4 8". */
function choice(OH: number, OW: number, channels: number, numerics: Numerics = "fast"): string {
  const dims = { ...WINDOW, OH, OW, IC: channels, OC: channels };
  const [best] = winogradCandidates(dims, 4, 28, LARGEST_TILE[numerics]).filter(({ pays }) => pays);
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
    [40, 64, "F6 36, F4 4"],
  ])("cuts maps of %d rows and %d channels in two where 6 does not divide them", (size, channels, parts) => {
    expect(choice(size, size, channels)).toBe(parts);
  });

  it.each([
    ["6 divides the rows", 24, 64, "F6 24"],
    ["4 divides a small map", 8, 64, "F4 8"],
    ["the transforms outweigh the products", 56, 8, "F4 56"],
    ["little would be saved", 112, 32, "F6 112"],
    ["reading more weights takes longer than the products saved", 14, 256, "F4 14"],
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

  it("covers each row once, and only the last part's tiles hang over", () => {
    fc.assert(
      fc.property(
        fc.record({ OH: fc.integer({ min: 1, max: 130 }), OW: fc.integer({ min: 1, max: 130 }) }),
        fc.constantFrom(4, 8, 12, 32, 64, 256),
        ({ OH, OW }, channels) => {
          const dims = { ...WINDOW, OH, OW, IC: channels, OC: channels };
          for (const { parts } of winogradCandidates(dims, 4, 28)) {
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
