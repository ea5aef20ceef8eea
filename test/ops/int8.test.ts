import { describe, expect, it } from "vitest";
import type { ConvDims } from "../../compiler/ops/conv2d/algorithm.ts";
import { int8 } from "../../compiler/ops/int8/algorithm.ts";
import {
  dotWeights,
  summedIn16Bits,
  weightSteps,
  wholeNumbers,
} from "../../compiler/ops/int8/int8-weights.ts";
import { makeRng } from "../../compiler/support/rng.ts";

const STEP = Math.fround(0.0173);
const times = (steps: readonly number[], by = STEP): Float32Array => Float32Array.from(steps, (n) => n * by);

describe("steps of weights", () => {
  it.each([
    ["of one channel", [3, -7, 0, 127]],
    ["the least there is", [-128, 1, 5, 2]],
    ["of one number", [5, 5, 5, -5]],
    ["shifted", [255, 1, 2, 0]],
    ["shifted down", [-201, 1, 54, -3]],
    ["all zeros", [0, 0, 0, 0]],
  ])("are found: %s", (_, steps) => {
    const found = weightSteps(times(steps), 1);
    const whole = [...(found?.steps ?? [])].map((n) => n + (found?.shifts[0] ?? 0));
    expect(times(whole, found?.scales[0])).toEqual(times(steps));
  });

  it("are each output channel's own, and its largest", () => {
    const found = weightSteps(Float32Array.of(...times([2, 4, -6]), ...times([127, 1, 0], 1)), 2);
    expect([...(found?.steps ?? [])]).toEqual([1, 2, -3, 127, 1, 0]);
    expect([...(found?.scales ?? [])]).toEqual([Math.fround(2 * STEP), 1]);
    expect([...(found?.shifts ?? [])]).toEqual([0, 0]);
  });

  it("are none of floats, of more than 8 bits, and of what is nearly so", () => {
    const rng = makeRng(4);
    expect(
      weightSteps(
        Float32Array.from({ length: 64 }, () => rng.normal()),
        4,
      ),
    ).toBeUndefined();
    expect(weightSteps(times([256, 1, 2]), 1)).toBeUndefined();
    expect(weightSteps(times([201, -56, 2]), 1)).toBeUndefined();
    expect(weightSteps(times([127, 1, 2.0001]), 1)).toBeUndefined();
    expect(weightSteps(Float32Array.of(Number.NaN, 1), 1)).toBeUndefined();
    expect(weightSteps(Float32Array.of(Number.POSITIVE_INFINITY, 1), 1)).toBeUndefined();
  });
});

describe("products that 16 bits hold the sum of", () => {
  const terms = (steps: readonly number[], IC = steps.length, taps = 1, shift = 0) =>
    summedIn16Bits(
      {
        steps: Int8Array.from(steps),
        shifts: new Int32Array(steps.length / IC / taps).fill(shift),
      },
      { IC, taps },
    );

  it("are four of every second channel, two, or none", () => {
    expect(terms([100, 127, 100, 127, 55, 1, 0, 0])).toBe(4);
    expect(terms([100, 127, 100, 127, 56, 1, 0, 0])).toBe(2);
    expect(terms([127, 127, 127, 127, 127, 127, 127, 127])).toBe(2);
    expect(terms([-128, 0, -127, 0])).toBe(4);
    expect(terms([-128, 0, -128, 0])).toBe(1);
    // of neighbours, and of different blocks, none are summed
    expect(terms([-128, -128, 0, 0, 0, 0, 0, 0, -128, -128])).toBe(4);
  });

  it("count zeros that fill vectors as what they are less a shift", () => {
    expect(terms([1, 127, 1], 3, 1, 0)).toBe(4);
    expect(terms([1, 127, 1], 3, 1, 64)).toBe(2);
    expect(terms([1, 127, 1], 3, 1, -128)).toBe(2);
    expect(terms([1, -128, 1], 3, 1, 128)).toBe(1);
  });

  it("are looked at for each tap, and for each output channel", () => {
    expect(terms([127, 1, 127, 1, 127, 1, 127, 1], 4, 2)).toBe(4);
    expect(terms([127, 1, 1, 1, 127, 1, 1, 1], 4, 2)).toBe(4);
    expect(terms([-128, 1, 1, 1, -128, 1, 1, 1], 4, 2)).toBe(1);
    expect(terms([...Array<number>(8).fill(1), ...Array<number>(8).fill(64)], 8)).toBe(2);
  });
});

describe("what a kernel is given", () => {
  it("has channels last, the step of a product, and what the offset comes to", () => {
    const held = { G: 1, OC: 2, IC: 2 };
    const w = times([1, 2, 3, 4, 0, 100, -127, 0]);
    const given = (bias?: Float32Array) =>
      dotWeights({ SCALE: 0.5, OFFSET: 128, SHIFTED: 0, KH: 1, KW: 2, PC: 2, INTO: 1 }).map(({ arrange }) => [
        ...arrange(w, held, bias),
      ]);
    const [u, s, c] = given();
    expect(u).toEqual([1, 3, 2, 4, 0, -127, 100, 0]);
    expect(s).toEqual([STEP, STEP].map((step) => Math.fround(step * 0.5)));
    expect(c).toEqual([10 * 128, -27 * 128]);
    expect(given(times([7, -3], s[0]))[2]).toEqual([10 * 128 + 7, -27 * 128 - 3]);
  });

  it("leaves channels away that only fill vectors", () => {
    const filled = times([1, 2, 0, 0, -3, 4, 0, 0]);
    const [{ shape, arrange }] = dotWeights({
      SCALE: 1,
      OFFSET: 0,
      SHIFTED: 0,
      KH: 1,
      KW: 1,
      PC: 2,
      INTO: 1,
    });
    const held = { G: 1, OC: 2, IC: 4 };
    expect(shape(held)).toEqual([1, 2, 1, 1, 2]);
    expect([...arrange(filled, held, undefined)]).toEqual([1, 2, -3, 4]);
  });

  it("has numbers less a shift where they are more than i8 holds, and the shifts of all channels", () => {
    const held = { G: 2, OC: 1, IC: 2 };
    const w = times([-53, 202, 1, 127]);
    const [u, , c] = dotWeights({ SCALE: 1, OFFSET: 3, SHIFTED: 1, KH: 1, KW: 1, PC: 2, INTO: 1 });
    expect([...u.arrange(w, held, undefined)]).toEqual([-128, 127, 1, 127]);
    expect(c.shape(held)).toEqual([2, 2, 1]);
    expect([...c.arrange(w, held, undefined)]).toEqual([149 * 3, 75, 128 * 3, 0]);
  });

  it("takes a bias of whole numbers of products' steps, and no other", () => {
    const steps = Float32Array.of(STEP, 2 * STEP, 0);
    expect(wholeNumbers(Float32Array.of(3 * STEP, -8 * STEP, 0), steps)).toEqual([3, -4, 0]);
    expect(wholeNumbers(Float32Array.of(3.1 * STEP, 0, 0), steps)).toBeUndefined();
    expect(wholeNumbers(Float32Array.of(0, 0, 1), steps)).toBeUndefined();
    expect(wholeNumbers(Float32Array.of(STEP * 2 ** 30, 0, 0), steps)).toBeUndefined();
    expect(wholeNumbers(Float32Array.of(Number.NaN, 0, 0), steps)).toBeUndefined();
  });
});

describe("convolutions by 8-bit products", () => {
  const MAP: ConvDims = {
    N: 1,
    G: 1,
    OC: 64,
    IC: 64,
    OH: 28,
    OW: 28,
    KH: 3,
    KW: 3,
    SH: 1,
    SW: 1,
    DH: 1,
    DW: 1,
  };
  const QUANTIZED = { ...MAP, SCALE: STEP, OFFSET: 0 };
  const LIMITS = {
    registers: 28,
    numerics: "fast",
    int8: {
      others: 1,
      eachChannel: true,
      dots: [{ terms: 1, channels: 4, products: 0.25, operands: { pixel: 1, weights: 1 } }],
    },
  } as const;
  const ways = (d: ConvDims, limits: Parameters<typeof int8.candidates>[2] = LIMITS) =>
    int8.candidates(d, 4, limits);

  it("are for what is quantized, where there is the instruction, and sums stay in 32 bits", () => {
    expect(ways(QUANTIZED)[0]?.pays).toBe(true);
    expect(ways(MAP)).toEqual([]);
    expect(ways(QUANTIZED, { ...LIMITS, int8: undefined })).toEqual([]);
    expect(ways(QUANTIZED, { ...LIMITS, numerics: "strict" })).toEqual([]);
    expect(ways({ ...QUANTIZED, IC: 6 })).toEqual([]);
    expect(ways({ ...QUANTIZED, IC: 6, HELD: 8 })).toHaveLength(1);
    expect(int8.candidates({ ...QUANTIZED, IC: 4 }, 8, LIMITS)).toEqual([]);
    expect(ways({ ...QUANTIZED, IC: 8192 })).toEqual([]);
    expect(ways({ ...QUANTIZED, OC: 4, KH: 1, KW: 1 })[0]?.pays).toBe(false);
  });

  it("takes a bias where sums have room for it", () => {
    const takes = (d: ConvDims) => ways(d)[0]?.parts[0]?.takesBias;
    expect(takes(QUANTIZED)).toBeUndefined();
    expect(takes({ ...QUANTIZED, WHOLE_BIAS: 1 })).toBe(true);
    expect(takes({ ...QUANTIZED, WHOLE_BIAS: 1, IC: 4096 })).toBeUndefined();
  });

  it("multiply channels in fours: of three, not all that fill a vector", () => {
    expect(ways({ ...QUANTIZED, IC: 3, HELD: 8 })[0].weights).toBe((64 * 4 * 9) / 4);
  });

  it("have blocks of whole rows for which least is loaded from beyond the first cache, one or enough for threads", () => {
    const rowsOf = (d: ConvDims, l1dBytes: number): number | undefined => {
      const [{ parts }] = ways(d, { ...LIMITS, l1dBytes });
      const told = { N: 1, G: 1, OC: d.OC, IC: d.IC, OH: d.OH, OW: d.OW, KH: 3, KW: 3, IH: 30, IW: 30 };
      return parts[0]?.sizes({ ...told, ROWS: d.OH, COLUMNS: d.OW }).TR;
    };
    expect(rowsOf(QUANTIZED, 131072)).toBe(28);
    expect(rowsOf(QUANTIZED, 32768)).toBe(7);
    // no row fits
    expect(rowsOf({ ...QUANTIZED, IC: 512 }, 32768)).toBe(4);
    expect(rowsOf({ ...QUANTIZED, IC: 2048 }, 32768)).toBe(1);
    // 14 rows fit, but weights take as much again as two blocks' numbers
    expect(rowsOf({ ...QUANTIZED, OC: 1024 }, 32768)).toBe(7);
  });
});
