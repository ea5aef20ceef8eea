import { expect, test } from "vitest";
import { f16Value } from "../../compiler/ir/dtype.ts";
import { axis } from "../../compiler/ir/index-expr.ts";
import { interpretVector } from "../../compiler/ir/interpret-vector.ts";
import { plainStorage } from "../../compiler/ir/storage.ts";
import type { VExpr } from "../../compiler/ir/vector.ts";
import { halfLogistic } from "../../compiler/lower/half-logistic.ts";
import { halfLogistic as bound } from "../../compiler/verify/rounding.ts";

const LANES = 8;
const COUNT = 2 ** 16;
/** Every number of 16 bits. */
const X = Float32Array.from({ length: COUNT }, (_, bits) => f16Value(bits));

function computed(above: VExpr | undefined): Float32Array {
  const at = axis("i", LANES);
  const x: VExpr = { kind: "load", buffer: "x", at, lanes: LANES, dtype: "f16" };
  const storage = plainStorage([COUNT]);
  const y = new Float32Array(COUNT);
  interpretVector(
    {
      stage: "vector",
      name: "logistic",
      params: [
        { name: "x", role: "input", dtype: "f16", storage },
        { name: "y", role: "output", dtype: "f16", storage },
      ],
      scratch: [],
      grid: [],
      body: [
        {
          kind: "for",
          axis: "i",
          extent: COUNT / LANES,
          body: [{ kind: "store", buffer: "y", at, lanes: LANES, value: halfLogistic(above, x, LANES) }],
        },
      ],
      pressure: 1,
    },
    { x: X, y },
  );
  return y;
}

const ONE: VExpr = { kind: "splat", lanes: LANES, value: { kind: "literal", value: 1, dtype: "f16" } };

test.each([
  ["sigmoid", ONE, () => 1],
  ["Swish", undefined, (v: number) => v],
] as const)("%s of every f16 lies within its bound", (_, above, aboveOf) => {
  const y = computed(above);
  let worst = 0;
  for (const [i, v] of X.entries()) {
    if (!Number.isFinite(v)) continue;
    const exact = aboveOf(v) / (1 + Math.exp(-v));
    worst = Math.max(worst, Math.abs(y[i] - exact) / bound(aboveOf(v), 0, v, 0));
  }
  expect(worst).toBeLessThan(1);
  // a bound that is far from what is met would hide faults
  expect(worst).toBeGreaterThan(0.2);
});

test("NaN stays NaN, and what is infinite has its limit", () => {
  const swish = computed(undefined);
  const at = (v: number): number => swish[X.findIndex((x) => Object.is(x, v))];
  expect(at(Number.NaN)).toBeNaN();
  expect(at(Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY);
  expect(Math.abs(at(Number.NEGATIVE_INFINITY))).toBeLessThan(3e-4);
});
