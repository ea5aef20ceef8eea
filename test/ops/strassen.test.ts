import { describe, expect, it } from "vitest";
import type { AlgorithmLimits, ConvDims } from "../../compiler/ops/conv2d/algorithm.ts";
import { strassen } from "../../compiler/ops/strassen/algorithm.ts";
import { strassenBlocks } from "../../compiler/ops/strassen/strassen-blocks.ts";
import { strassenWeights } from "../../compiler/ops/strassen/strassen-weights.ts";

const POINT = { N: 1, G: 1, KH: 1, KW: 1, SH: 1, SW: 1, DH: 1, DW: 1 };
const LIMITS: AlgorithmLimits = { registers: 28, numerics: "fast" };

function choice(
  size: number,
  IC: number,
  OC: number,
  other: Partial<ConvDims> = {},
  limits: Partial<AlgorithmLimits> = {},
): string {
  const found = strassen.candidates({ ...POINT, OH: size, OW: size, IC, OC, ...other }, 4, {
    ...LIMITS,
    ...limits,
  });
  return (
    found.map(({ algorithm, pays }) => (pays ? algorithm : `${algorithm}, not worth it`)).join() || "none"
  );
}

describe("the choice of Strassen's algorithm", () => {
  it.each([
    [14, 512, 512, "strassen"],
    [28, 128, 512, "strassen"],
    [56, 128, 128, "strassen"],
    [14, 576, 96, "strassen"],
    [56, 256, 64, "strassen"],
    [56, 64, 64, "strassen, not worth it"],
    [14, 384, 64, "strassen, not worth it"],
    [14, 64, 384, "strassen, not worth it"],
    [7, 512, 512, "strassen"],
    [7, 96, 576, "strassen"],
    [7, 64, 384, "strassen, not worth it"],
    [26, 256, 256, "strassen"],
    [5, 512, 512, "strassen"],
    [9, 256, 256, "strassen, not worth it"],
    [13, 512, 512, "none"],
    [14, 12, 64, "none"],
    [14, 64, 20, "none"],
  ])("at %d pixels a side, from %d to %d channels, is %s", (size, ic, oc, text) => {
    expect(choice(size, ic, oc)).toBe(text);
  });

  it("asks more of a core in order, which waits for its sums and loads", () => {
    const inOrder = { inOrder: true };
    expect(choice(14, 512, 512, {}, inOrder)).toBe("strassen");
    expect(choice(28, 128, 512, {}, inOrder)).toBe("strassen, not worth it");
    expect(choice(14, 232, 232)).toBe("strassen");
    expect(choice(14, 232, 232, {}, inOrder)).toBe("strassen, not worth it");
  });

  it("is for 1x1 windows, for any that move by more than a pixel, and for numerics that are fast", () => {
    expect(choice(28, 512, 256, { SH: 2, SW: 2 })).toBe("strassen");
    expect(choice(28, 256, 256, { KH: 3, KW: 3 })).toBe("none");
    expect(choice(8, 192, 320, { KH: 3, KW: 3, SH: 2, SW: 2 })).toBe("strassen");
    expect(choice(14, 32, 256, { KH: 2, KW: 2, SH: 2, SW: 2 })).toBe("strassen");
    expect(choice(14, 32, 256)).toBe("strassen, not worth it");
    expect(choice(7, 384, 768, { KH: 2, KW: 2, SH: 2, SW: 2 })).toBe("strassen");
    expect(choice(56, 3, 96, { KH: 4, KW: 4, SH: 4, SW: 4 })).toBe("none");
    expect(choice(28, 256, 256, { HELD: 260 })).toBe("none");
    expect(choice(28, 256, 256, {}, { numerics: "close" })).toBe("none");
  });
});

describe("blocks of pairs", () => {
  it.each([
    [14, 512, { RB: 7, TR: 2, CB: 1, TC: 7 }],
    [28, 256, { RB: 7, TR: 4, CB: 1, TC: 14 }],
    [56, 64, { RB: 14, TR: 4, CB: 1, TC: 28 }],
    [112, 64, { RB: 56, TR: 2, CB: 1, TC: 56 }],
    [256, 32, { RB: 128, TR: 2, CB: 4, TC: 32 }],
  ])("of %d pixels a side and %d channels cover the map and stay in the caches", (size, IC, blocks) => {
    expect(strassenBlocks({ OH: size, OW: size, IC, KH: 1, KW: 1 })).toEqual(blocks);
  });
});

describe("weights by Strassen's algorithm", () => {
  it("of a window are those of each of its pixels, one after another", () => {
    const [G, OC, IC, taps] = [2, 4, 6, 3];
    const w = Float32Array.from({ length: G * OC * IC * taps }, (_, i) => ((i * 7) % 11) - 5);
    const all = strassenWeights(w, { G, OC, IC });
    for (let tap = 0; tap < taps; tap++) {
      const row = IC / 2;
      const one = strassenWeights(
        w.filter((_, i) => i % taps === tap),
        { G, OC, IC },
      );
      expect(all.filter((_, i) => Math.floor(i / row) % taps === tap)).toEqual(one);
    }
  });

  it("make a product of matrices with those sums of inputs, group by group", () => {
    const [G, OC, IC] = [2, 4, 6];
    const w = Float32Array.from({ length: G * OC * IC }, (_, i) => ((i * 7) % 11) - 5);
    const u = strassenWeights(w, { G, OC, IC });
    for (let g = 0; g < G; g++) {
      // pixels a and b of a pair
      const [a, b] = [0, 1].map((p) => Array.from({ length: IC }, (_, i) => ((i * 5 + p * 3 + g) % 7) - 3));
      const half = IC / 2;
      const [b11, b21, b12, b22] = [a.slice(0, half), a.slice(half), b.slice(0, half), b.slice(half)];
      const sums = b11.map((_, i) => {
        const t = b12[i] - b11[i];
        return [b11[i], b21[i], b22[i], b22[i] - t - b21[i], t, b22[i] - t, b22[i] - b12[i]];
      });
      for (let oc = 0; oc < OC / 2; oc++) {
        const p = Array.from({ length: 7 }, (_, k) =>
          sums.reduce((sum, v, i) => sum + v[k] * u[((g * 7 + k) * (OC / 2) + oc) * half + i], 0),
        );
        const plain = (row: number, x: readonly number[]): number =>
          x.reduce((sum, value, i) => sum + value * w[(g * OC + row) * IC + i], 0);
        expect([p[0] + p[1], p[0] + p[5] + p[4] + p[2]]).toEqual([plain(oc, a), plain(oc, b)]);
        expect([p[0] + p[5] + p[6] - p[3], p[0] + p[5] + p[6] + p[4]]).toEqual([
          plain(OC / 2 + oc, a),
          plain(OC / 2 + oc, b),
        ]);
      }
    }
  });
});
