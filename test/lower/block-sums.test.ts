import { describe, expect, test } from "vitest";
import { roundF16 } from "../../compiler/ir/dtype.ts";
import { interpretVector } from "../../compiler/ir/interpret-vector.ts";
import { pack, plainStorage, type Storage } from "../../compiler/ir/storage.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { dims, inner, outer } from "../../compiler/ops/memory-dims.ts";
import { opCall } from "../../compiler/ops/op-call.ts";
import { compileTaskStages } from "../../compiler/task/compile-task.ts";
import type { Task } from "../../compiler/task/task.ts";

const RPI5 = loadTarget("rpi5");

/** Images [1, 1, C, H, W] in blocks of eight channels, or in rows. */
function images(shape: readonly number[], blocked: boolean): Storage {
  const plain = plainStorage(shape);
  return blocked ? { ...plain, dims: [...dims(0, 1), outer(2, 8), ...dims(3, 4), inner(2, 8)] } : plain;
}

/** A convolution of `side` x `side` windows over as many pixels, in f16, of constant inputs and weights. */
function result([ic, side]: readonly [number, number], blocked: boolean, schedule?: string): Float32Array {
  const [OC, K] = [16, ic * side * side];
  const shape = [1, 1, ic, side, side];
  const sizes = { N: 1, G: 1, OC, IC: ic, OH: 1, OW: 1, KH: side, KW: side, IH: side, IW: side };
  const ends = { BIAS: 0, RES: 0, LO: Number.NEGATIVE_INFINITY, HI: Number.POSITIVE_INFINITY } as const;
  const task: Task = {
    ...opCall("conv2d", { ...sizes, SH: 1, SW: 1, DH: 1, DW: 1, ...ends }),
    storage: { x: images(shape, blocked), y: images([1, 1, OC, 1, 1], blocked) },
    floats: "f16",
  };
  const { vector } = compileTaskStages(task, RPI5, schedule === undefined ? {} : { schedule });
  const filled = (name: string, value: number): Float32Array => {
    const storage = vector.params.find((p) => p.name === name)?.storage ?? plainStorage([0]);
    const count = storage.shape.reduce((a, b) => a * b, 1);
    return pack(storage, new Float32Array(count).fill(roundF16(value))) as Float32Array;
  };
  const memory = {
    x: filled("x", 1),
    w: filled("w", 1 / K),
    ...{ b: filled("b", 0), a: filled("a", 0), r: filled("r", 0), y: filled("y", 0) },
  };
  interpretVector(vector, memory);
  return memory.y;
}

describe.each([true, false])("sums of f16, in blocks of channels: %s", (blocked) => {
  test.each([
    [4096, 1],
    [1032, 1],
    [512, 3],
    [40, 7],
  ])("of %d channels and windows of side %d keep what is small beside them", (ic, side) => {
    const wanted = ic * side * side * roundF16(1 / (ic * side * side));
    for (const y of result([ic, side], blocked)) expect(Math.abs(y / wanted - 1)).toBeLessThan(0.02);
  });
});

test("loops beside each other add up together: those of a window that is written out", () => {
  const [ic, side] = [512, 3];
  const wanted = ic * side * side * roundF16(1 / (ic * side * side));
  for (const y of result([ic, side], true, "pointwise")) expect(Math.abs(y / wanted - 1)).toBeLessThan(0.02);
});

test("few terms are added up as they come", () => {
  const task: Task = {
    ...opCall("clamp", { N: 1, C: 8, H: 1, W: 1, LO: 0, HI: 1 }),
    storage: {},
    floats: "f16",
  };
  expect(compileTaskStages(task, RPI5).kernel.c).not.toContain("total");
});
