import { describe, expect, test } from "vitest";
import { explainKernel } from "../../compiler/analyze/explain-kernel.ts";
import { hotLoop } from "../../compiler/analyze/hot-loop.ts";
import { liveRegisters } from "../../compiler/analyze/live-registers.ts";
import { vectorCosts } from "../../compiler/analyze/vector-costs.ts";
import type { VBlock, VExpr } from "../../compiler/ir/vector.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import type { Schedule } from "../../compiler/schedule/schedule.ts";
import { compileProc } from "../../compiler/task/compile-proc.ts";
import { matmul } from "../schedule/kernels.ts";

const target = loadTarget("rpi4");
const origin = { name: "matmul", dims: {}, macs: 4 * 8 * 8 };
const tiled = (s: Schedule) =>
  (s as Schedule<"i" | "j" | "k">)
    .split("j", 4, ["jo", "ji"])
    .reorder("jo", "i", "ji")
    .stage("acc", "jo")
    .fission("i", "ji")
    .split("k", 4, ["ko", "ki"])
    .reorder("ko", "ki", "i", "ji")
    .unroll("ki", "i")
    .vectorize("ji");

describe("an explanation", () => {
  const { kernel, schedule, vector } = compileProc(
    matmul(4, 8, 8),
    (s) => ({ schedule: tiled(s), choice: "4 x 4", name: "tiled", knobs: [], taken: {} }),
    target,
    origin,
  );
  const e = explainKernel(kernel, schedule.proc, vector, target);

  test("names the register tile and the lanes used", () => {
    expect(e.tiles).toEqual([{ buffer: "acc", shape: [4, 4], registers: 4 }]);
    expect(e.costs.vectorized).toBe(1);
    // 4 accumulators, 4 vectors of x, one of w passing by, and the zero they all start with
    expect(e.registers).toEqual({ alive: 10, available: 32 });
  });

  test("counts vector operations", () => {
    // 4*8*8 products in fours; per chunk of 4 k: 4 of w, 4 of x; two columns of chunks, two of jo
    expect(e.operations).toMatchObject({ fma: 64, loads: 2 * 2 * 8, stores: 8, scalar: 0 });
  });

  test("bounds the time by arithmetic or memory of the data sheet", () => {
    // 64 multiply-adds, one a cycle, 1.5 GHz; 4*(32 + 64 + 32) bytes at 12.8 GB/s
    expect(e.bound.computeCycles).toBe(64);
    expect(e.bound.computeMs).toBeCloseTo(64 / 1.5e6, 12);
    expect(e.bound.memoryMs).toBeCloseTo(512 / 12.8e6, 12);
    expect(e.bound.by).toBe("compute");
  });
});

test("registers live from their first mention to their last, those of inner blocks only there", () => {
  const v = (name: string): VExpr => ({ kind: "register", dtype: "f32", name, lanes: 4 });
  const load = (at: number): VExpr => ({
    kind: "load",
    dtype: "f32",
    buffer: "x",
    at: { terms: [], offset: at },
    lanes: 4,
  });
  const block: VBlock = [
    { kind: "declare", dtype: "f32", name: "acc", lanes: 4 },
    { kind: "set", name: "acc", lanes: 4, value: load(0) },
    {
      kind: "for",
      axis: "k",
      extent: 3,
      body: [
        { kind: "let", name: "a", lanes: 4, value: load(4) },
        { kind: "let", name: "b", lanes: 4, value: load(8) },
        {
          kind: "set",
          name: "acc",
          lanes: 4,
          value: { kind: "fma", lanes: 4, acc: v("acc"), a: v("a"), b: v("b") },
        },
      ],
    },
    { kind: "store", buffer: "y", at: { terms: [], offset: 0 }, lanes: 4, value: v("acc") },
  ];
  expect(liveRegisters(block)).toBe(3);
  expect(
    vectorCosts({
      stage: "vector",
      name: "f",
      params: [],
      scratch: [],
      grid: [{ axis: "g", extent: 2 }],
      body: block,
      pressure: 0,
    }),
  ).toEqual({
    fma: 6,
    arithmetic: 0,
    loads: 2 + 12,
    halfLoads: 0,
    stores: 2,
    broadcasts: 0,
    scalar: 0,
    iterations: 6 + 2,
  });
});

describe("the innermost loop of an assembly text", () => {
  const text = `f:
	mov	x3, 0
.L3:
	ldr	q0, [x0, x3]
.L4:
	fmla	v3.4s, v0.4s, v1.s[1]
	fmul	v2.4s, v0.4s, v1.4s
	.loc 1 2
	bne	.L4
	add	x3, x3, 16
	bne	.L3
.L5:
	str	q2, [x2]
	cbnz	x3, .L5
	ret
`;

  test("is the one with the most vector arithmetic of those that hold no other", () => {
    const loop = hotLoop(text);
    expect(loop?.lines[0]).toBe(".L4:");
    expect(loop).toMatchObject({ instructions: 3, vectorArithmetic: 2 });
  });

  test("in x86's spelling, and without a loop", () => {
    const x86 = ".L2:\n\tvmovups\t(%rax), %zmm0\n\tvfmadd231ps\t%zmm0, %zmm1, %zmm2\n\tjne\t.L2\n";
    expect(hotLoop(x86)).toMatchObject({ instructions: 3, vectorArithmetic: 1 });
    const armv7 = ".L3:\n\tvmla.f32\tq8, q9, d0[1]\t@ acc\n\tvmul.f32\ts0, s1, s2\n\tbne\t.L3\n";
    expect(hotLoop(armv7)).toMatchObject({ instructions: 3, vectorArithmetic: 1 });
    expect(hotLoop("f:\n\tret\n")).toBeUndefined();
  });
});
