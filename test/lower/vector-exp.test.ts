import { describe, expect, test } from "vitest";
import { constant } from "../../compiler/ir/index-expr.ts";
import { interpretVector } from "../../compiler/ir/interpret-vector.ts";
import { plainStorage } from "../../compiler/ir/storage.ts";
import type { VExpr } from "../../compiler/ir/vector.ts";
import { vectorExp, vectorTanh } from "../../compiler/lower/vector-exp.ts";
import { amount } from "../support/amount.ts";

/** A function of a vector as the interpreter computes it: each operation rounded to f32, multiply-adds once. */
function computed(make: (value: VExpr, lanes: number) => VExpr, x: Float32Array): Float32Array {
  const lanes = x.length;
  const y = new Float32Array(lanes);
  const storage = plainStorage([lanes]);
  const place = { at: constant(0), lanes };
  interpretVector(
    {
      stage: "vector",
      name: "f",
      params: [
        { name: "x", role: "input", dtype: "f32", storage },
        { name: "y", role: "output", dtype: "f32", storage },
      ],
      scratch: [],
      grid: [],
      body: [
        {
          kind: "store",
          buffer: "y",
          ...place,
          value: make({ kind: "load", dtype: "f32", buffer: "x", ...place }, lanes),
        },
      ],
      pressure: 0,
    },
    { x, y },
  );
  return y;
}

/** The largest error in units of 2^-23 of the value, over `count` values. */
function worst(
  make: (value: VExpr, lanes: number) => VExpr,
  meaning: (x: number) => number,
  count: number,
  value: (i: number) => number,
): number {
  const x = Float32Array.from({ length: count }, (_, i) => value(i / count));
  const y = computed(make, x);
  return y.reduce((most, v, i) => {
    const wanted = meaning(x[i]);
    return Math.max(most, (Math.abs(v - wanted) / Math.abs(wanted)) * 2 ** 23);
  }, 0);
}

describe("exp", () => {
  test("is within 2 units in the last place where floats are normal", () => {
    expect(worst(vectorExp, Math.exp, amount(40_000, 200_000), (t) => -86.6 + t * 175.3)).toBeLessThan(1);
    expect(worst(vectorExp, Math.exp, amount(10_000, 50_000), (t) => t - 0.5)).toBeLessThan(1);
  });

  test("overflows, underflows and keeps what is no number", () => {
    const x = Float32Array.of(88.72, 88.73, 1e30, Infinity, -88, -1e30, -Infinity, 0, -0, Number.NaN);
    const [top, ...rest] = computed(vectorExp, x);
    expect(top / Math.exp(x[0])).toBeCloseTo(1, 6);
    expect(rest).toEqual([Infinity, Infinity, Infinity, 0, 0, 0, 1, 1, Number.NaN]);
  });
});

describe("exp of a negated value", () => {
  test("has the bits of exp", () => {
    const special = [0, -0, Infinity, -Infinity, Number.NaN, 1e30, -1e30, 87.5, -87.5, 88.8, -88.8];
    const values = Array.from({ length: 2000 }, (_, i) => -90 + 0.0900071 * i);
    const x = Float32Array.from([...special, ...values]);
    expect(computed((value, lanes) => vectorExp(value, lanes, -1), x)).toEqual(
      computed(
        vectorExp,
        x.map((v) => -v),
      ),
    );
  });
});

describe("tanh", () => {
  test("is near its value, also where that is tiny", () => {
    const size = (t: number): number => 1e-20 * 1e22 ** t;
    expect(worst(vectorTanh, Math.tanh, amount(20_000, 100_000), size)).toBeLessThan(3);
    expect(worst(vectorTanh, Math.tanh, amount(20_000, 100_000), (t) => -size(t))).toBeLessThan(3);
  });

  test("ends at one and keeps what is no number", () => {
    const x = Float32Array.of(20, 1e30, Infinity, -20, -Infinity, Number.NaN);
    expect([...computed(vectorTanh, x)]).toEqual([1, 1, 1, -1, -1, Number.NaN]);
    expect(computed(vectorTanh, Float32Array.of(0))[0]).toBeCloseTo(0, 30);
  });
});
