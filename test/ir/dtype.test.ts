import { describe, expect, test } from "vitest";
import { applyBinary, convertNumber, fused } from "../../compiler/ir/arithmetic.ts";
import { DTYPES, f16Bits, f16BitsOf, f16Value, rounded, roundF16 } from "../../compiler/ir/dtype.ts";
import { bytesOf, makeArray, numbersIn } from "../../compiler/ir/typed-array.ts";
import { makeRng } from "../../compiler/support/rng.ts";

const ALL = Array.from({ length: 65536 }, (_, bits) => bits);
const FINITE = ALL.filter((bits) => (bits & 0x7c00) !== 0x7c00);

/** Nearest of all f16 numbers, ties to the even one, by looking at each: what rounding means. */
const POSITIVE = FINITE.filter((bits) => bits < 0x8000).map(f16Value);
function nearest(value: number): number {
  const size = Math.abs(value);
  const [low, high] = [0, POSITIVE.length - 1];
  let at = low;
  for (let step = 32768; step >= 1; step /= 2)
    if (at + step <= high && POSITIVE[at + step] <= size) at += step;
  const below = POSITIVE[at];
  const above = at === high ? 65536 : POSITIVE[at + 1];
  const up = size - below > above - size || (size - below === above - size && at % 2 === 1);
  const found = up ? above : below;
  return Math.sign(value) * (found === 65536 ? Number.POSITIVE_INFINITY : found);
}

describe("f16", () => {
  test("all 65,536 bit patterns are numbers and come back; NaN as the quiet one", () => {
    const wrong = ALL.filter((bits) => {
      const value = f16Value(bits);
      return Number.isNaN(value) ? f16Bits(value) !== 0x7e00 : f16Bits(value) !== bits;
    });
    expect(wrong).toEqual([]);
    expect(ALL.filter((bits) => Number.isNaN(f16Value(bits))).length).toBe(2 * 1023);
  });

  test("many floats at once have the bits of each: all f16, what lies around them, and any f32", () => {
    const rng = makeRng(3);
    const singles = new Uint32Array(1 << 20).map(() => rng.int(2 ** 32));
    const near = FINITE.flatMap((bits) => {
      const middle = (f16Value(bits) + (f16Value(bits + 1) || 0)) / 2;
      return [f16Value(bits), middle, middle * (1 + 2 ** -23), middle * (1 - 2 ** -23)];
    });
    const special = [
      0,
      -0,
      65519.99,
      65520,
      -65520,
      2 ** -25,
      2 ** -26,
      1e-45,
      Number.NaN,
      Number.NEGATIVE_INFINITY,
    ];
    const numbers = Float32Array.from([...near, ...special, ...new Float32Array(singles.buffer)]);
    const found = f16BitsOf(numbers);
    expect(numbers.findIndex((v, i) => found[i] !== f16Bits(v))).toBe(-1);
  });

  test("the bits mean what IEEE 754 says", () => {
    const known = [
      [0x0000, 0],
      [0x8000, -0],
      [0x0001, 2 ** -24],
      [0x03ff, 2 ** -14 - 2 ** -24],
      [0x0400, 2 ** -14],
      [0x3555, 0.333251953125],
      [0x3c00, 1],
      [0xc000, -2],
      [0x7bff, 65504],
      [0x7c00, Number.POSITIVE_INFINITY],
      [0xfc00, Number.NEGATIVE_INFINITY],
    ] as const;
    expect(known.map(([bits]) => f16Value(bits))).toEqual(known.map(([, value]) => value));
  });

  test("each number, what lies just beside it, and each middle of two round to the nearest, ties to even", () => {
    const wrong: number[] = [];
    for (const bits of FINITE) {
      const value = f16Value(bits);
      const step = Math.max(2 ** -24, 2 ** (Math.floor(Math.log2(Math.abs(value) || 1)) - 10));
      for (const part of [0, 0.25, 0.5, 0.75, 0.5 - 2 ** -30, 0.5 + 2 ** -30]) {
        const at = value + part * step;
        if (!Object.is(roundF16(at), at === 0 ? at : nearest(at) || (at < 0 ? -0 : 0))) wrong.push(at);
      }
    }
    expect(wrong).toEqual([]);
  });

  test("beyond 65504 half a step leads to infinity", () => {
    expect([65519.99, 65520, -65520, 1e9].map(roundF16)).toEqual([
      65504,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      Number.POSITIVE_INFINITY,
    ]);
  });

  test("a multiply-add rounds once, as exact arithmetic does", () => {
    const rng = makeRng(3);
    const whole = (v: number): bigint => BigInt(v * 2 ** 24);
    for (let i = 0; i < 20_000; i++) {
      const [a, b, c] = [0, 0, 0].map(() => f16Value(FINITE[rng.int(FINITE.length)]));
      const exact = whole(a) * whole(b) + (whole(c) << 24n);
      // in units of 2^-48: kept to 2^-24 and below as a double, the rest made sticky
      const size = exact < 0n ? -exact : exact;
      const shift = BigInt(Math.max(0, size.toString(2).length - 40));
      const kept = size >> shift;
      const sticky = kept << shift === size ? kept : kept | 1n;
      const value = Number(sticky) * 2 ** (Number(shift) - 48) * (exact < 0n ? -1 : 1);
      expect(fused(c, a, b, "f16") + 0).toBe(roundF16(value) + 0);
    }
    // 2^-24 below the middle of 2048 and 2050 in a sum whose nearest double is the middle
    expect(fused(f16Value(1), 1, 2049, "f16")).toBe(2048 + 2);
  });
});

describe("whole numbers", () => {
  test("i32 wraps around", () => {
    const most = 2 ** 31 - 1;
    expect(applyBinary("add", most, 1, "i32")).toBe(-(2 ** 31));
    expect(applyBinary("mul", 65537, 65537, "i32")).toBe(131073);
    expect(fused(most, 3, 1, "i32")).toBe(-(2 ** 31) + 2);
    expect(rounded("i8", 200)).toBe(-56);
    expect(rounded("u8", -1)).toBe(255);
  });

  test("conversions to them take the nearest, ties to even, held at the ends; NaN becomes 0", () => {
    const given = [0.5, 1.5, 2.5, -0.5, -1.5, 2.4999, 3e9, -3e9, Number.NaN, Number.POSITIVE_INFINITY];
    expect(given.map((v) => convertNumber("i32", v))).toEqual([
      ...[0, 2, 2, 0, -2, 2],
      ...[2 ** 31 - 1, -(2 ** 31), 0, 2 ** 31 - 1],
    ]);
    expect([-129, 128, 127].map((v) => convertNumber("i8", v))).toEqual([-128, 127, 127]);
    expect([-1, 256, 255].map((v) => convertNumber("u8", v))).toEqual([0, 255, 255]);
  });
});

test.each(DTYPES)("numbers of %s lie in memory and come back", (dtype) => {
  const numbers = makeArray(dtype, 5);
  numbers.set([0, 1, 100, 3, 7]);
  const bytes = bytesOf(dtype, numbers);
  const padded = new Uint8Array([9, ...bytes]).subarray(1);
  expect(numbersIn(dtype, padded)).toEqual(numbers);
});

test("numbers in a slice of a larger buffer are those of the slice, and a copy", () => {
  const pool = Buffer.from([9, 9, 9, 9, 0, 0, 128, 63, 0, 0, 0, 64, 9]);
  const slice = pool.subarray(4, 12);
  const numbers = numbersIn("f32", slice);
  expect([...numbers]).toEqual([1, 2]);
  pool.fill(0);
  expect([...numbers]).toEqual([1, 2]);
  expect([...numbersIn("i8", Buffer.from([7, 255, 128]).subarray(1))]).toEqual([-1, -128]);
});
