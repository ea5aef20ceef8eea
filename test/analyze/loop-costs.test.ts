import { describe, expect, test } from "vitest";
import { loopCosts } from "../../compiler/analyze/loop-costs.ts";
import { parseKernelText } from "../../compiler/language/parse-kernel.ts";
import { Schedule } from "../../compiler/schedule/schedule.ts";
import { kernelOf, matmul } from "../schedule/kernels.ts";

const lines = (costs: ReturnType<typeof loopCosts>): readonly string[] =>
  costs.loops.map((l) => `${l.axis} ${l.extent} x${l.entered} ${JSON.stringify(l.buffers)}`);

describe("costs of loops, counted by hand", () => {
  test("a matrix product: 4x6 by 6x8", () => {
    const costs = loopCosts(matmul(4, 8, 6), 4);
    expect(lines(costs)).toEqual([
      // x 4*6, w 6*8, y 4*8 floats of four bytes
      'i 4 x1 {"x":96,"w":192,"y":128}',
      // one row of x and of y, all of w
      'j 8 x4 {"x":24,"w":192,"y":32}',
      // a row of x, a column of w
      'k 6 x32 {"x":24,"w":24}',
    ]);
    expect(costs).toMatchObject({ macs: 4 * 8 * 6, otherOps: 0, vectorized: 0, bytes: 416 });
    expect(costs.intensity).toBeCloseTo((2 * 192) / 416, 10);
  });

  test("a strided window touches what lies between only when it is read", () => {
    const body = (stride: number, kernel: number): string =>
      `for (const o of range(5)) { y[o] = 0; for (const k of range(${kernel})) y[o] += x[o * ${stride} + k] * w[k]; }`;
    const shapes = { x: [20], w: [3], y: [5] };
    // 5 windows of 3, 1 apart: 7 elements; 3 apart: 15; of 1, 3 apart: 5
    expect(loopCosts(kernelOf(body(1, 3), shapes), 4).buffers).toEqual({ y: 20, x: 28, w: 12 });
    expect(loopCosts(kernelOf(body(3, 3), shapes), 4).buffers).toEqual({ y: 20, x: 60, w: 12 });
    expect(loopCosts(kernelOf(body(3, 1), shapes), 4).buffers.x).toBe(20);
  });

  test("a cut tail counts with its loop, guards by how often they hold", () => {
    const proc = kernelOf("for (const i of range(10)) { y[i] = x[i] + 1; }", { x: [10], y: [10] });
    const cut = loopCosts(Schedule.of<"i">(proc).split("i", 4, ["io", "ii"], "cut").vectorize("ii").proc, 4);
    expect(cut).toMatchObject({ otherOps: 10, bytes: 80, vectorized: 0.8 });
    const guard = loopCosts(Schedule.of<"i">(proc).split("i", 4, ["io", "ii"], "guard").proc, 4);
    expect(guard.otherOps).toBeCloseTo(10, 10);
  });

  test("other operations: one each; a maximum that is kept counts", () => {
    const proc = kernelOf(
      "for (const i of range(4)) { z[0] = max(z[0], x[i]); y[i] = min(max(x[i], 0), 6) * exp(x[i]) - 1; }",
      { x: [4], y: [4], z: [1] },
    );
    // max; min, max, *, exp, -
    expect(loopCosts(proc, 4)).toMatchObject({ macs: 0, otherOps: 4 * 6 });
  });

  test("local arrays are no memory of the caller's", () => {
    const text = `export function f(y: Output<[4]>): void {
      for (const i of range(4)) { let t = 0; t += 2 * 3; y[i] = t; }
    }`;
    expect(loopCosts(parseKernelText(text, {}), 4).buffers).toEqual({ y: 16 });
  });
});
