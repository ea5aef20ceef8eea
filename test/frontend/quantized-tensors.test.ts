import { expect, test } from "vitest";
import type { OnnxTensor } from "../../compiler/frontend/onnx/model.ts";
import { biasOf, quantParams, weightsOf } from "../../compiler/frontend/onnx/quantized-tensors.ts";
import { summedIn16Bits } from "../../compiler/ops/int8/int8-weights.ts";
import { makeRng } from "../../compiler/support/rng.ts";
import { weights } from "./onnx-model.ts";

const whole = ({ tensor }: { readonly tensor: OnnxTensor }, type: typeof Int8Array | typeof Int32Array) => [
  ...new type((tensor.rawData ?? new Uint8Array()).slice().buffer),
];

test("a range becomes uint8 with 0 among its numbers", () => {
  expect(quantParams({ min: 0, max: 255 })).toEqual({ scale: 1, zeroPoint: 0 });
  expect(quantParams({ min: -255, max: 0 })).toEqual({ scale: 1, zeroPoint: 255 });
  expect(quantParams({ min: 51, max: 102 })).toEqual({ scale: Math.fround(0.4), zeroPoint: 0 });
  expect(quantParams({ min: -1, max: 1 }).zeroPoint).toBe(127);
  // a map of zeros alone leaves a bias its digits
  expect(quantParams({ min: 0, max: 0 })).toEqual({ scale: 2 ** -20, zeroPoint: 0 });
  expect(quantParams({ min: 0, max: 1e-40 })).toEqual({ scale: 2 ** -20, zeroPoint: 0 });
});

test("weights are symmetric by output channel, and a bias fits 32 bits beside as large a sum", () => {
  const map = { scale: 0.5, zeroPoint: 0 };
  const w = weights("w", [4, 2], [1.27, -0.5, 0, 0, 1e-9, -1e-9, 127, 3]);
  const b = weights("b", [4], [0.25, 0.25, 1.5, -3]);
  const quantized = weightsOf(w, b, map);
  expect(whole(quantized, Int8Array).slice(0, 2)).toEqual([127, -50]);
  expect(whole(quantized, Int8Array).slice(6)).toEqual([127, 3]);
  const bias = biasOf(b, quantized.scales, map);
  const values = whole(bias, Int32Array);
  for (const [i, exact] of [0.25, 0.25, 1.5, -3].entries()) {
    expect(Math.abs(values[i])).toBeLessThanOrEqual(2 ** 30 + 1);
    // half a step of the sums that it is added to
    expect(Math.abs(values[i] * bias.scales[i] - exact)).toBeLessThanOrEqual(
      0.5 * bias.scales[i] + 1e-6 * Math.abs(exact),
    );
  }
});

test("with a reduced range products of four neighbours fit into 16 bits, and steps are larger only where they have to be", () => {
  const rng = makeRng(3);
  const [OC, IC, taps] = [24, 40, 3];
  const map = { scale: 1, zeroPoint: 0 };
  // the last channel has one large weight, which leaves the others small
  const values = Array.from({ length: OC * IC * taps }, (_, i) =>
    i === OC * IC * taps - 1 ? 100 : rng.normal(),
  );
  const w = weights("w", [OC, IC, 1, taps], values);
  const terms = (reduceRange: boolean): number =>
    summedIn16Bits(
      {
        steps: Int8Array.from(whole(weightsOf(w, undefined, map, reduceRange), Int8Array)),
        shifts: new Int32Array(OC),
      },
      { IC, taps },
    );
  expect([false, true].map(terms)).toEqual([2, 4]);
  const [full, reduced] = [false, true].map((range) => weightsOf(w, undefined, map, range).scales);
  const larger = full.map((scale, i) => reduced[i] / scale);
  expect(larger.at(-1)).toBe(1);
  expect(Math.min(...larger)).toBeGreaterThanOrEqual(1);
  expect(Math.max(...larger)).toBeGreaterThan(1);
  expect(Math.max(...larger)).toBeLessThan(1.6);
});
