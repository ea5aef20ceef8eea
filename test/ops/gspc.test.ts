import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { interpret } from "../../compiler/ir/interpret.ts";
import { interpretVector } from "../../compiler/ir/interpret-vector.ts";
import type { LoopProc } from "../../compiler/ir/proc.ts";
import { pack, plainStorage, type Storage, unpack } from "../../compiler/ir/storage.ts";
import type { VectorProc } from "../../compiler/ir/vector.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import type { ConvSizes } from "../../compiler/ops/conv2d/conv2d.kernel.ts";
import { gspc } from "../../compiler/ops/conv2d/gspc.schedules.ts";
import { listChoices, type Option } from "../../compiler/schedule/choose.ts";
import { Schedule } from "../../compiler/schedule/schedule.ts";
import { PACKAGE_ROOT } from "../../compiler/support/paths.ts";
import { makeRng } from "../../compiler/support/rng.ts";
import { compileTask } from "../../compiler/task/compile-task.ts";
import { amount } from "../support/amount.ts";

const TARGETS = [loadTarget("qemu-rpi4"), loadTarget("host")];
const size = fc.integer({ min: 1, max: 3 });
const shapes: fc.Arbitrary<ConvSizes> = fc
  .record({
    N: fc.constant(1),
    G: size,
    OC: fc.constantFrom(1, 2, 3, 4, 6, 8, 12),
    IC: fc.constantFrom(1, 2, 3, 4, 6, 8),
    OH: size,
    OW: fc.integer({ min: 1, max: 23 }),
    KH: size,
    KW: size,
    SH: fc.integer({ min: 1, max: 2 }),
    SW: fc.integer({ min: 1, max: 2 }),
    DH: fc.integer({ min: 1, max: 2 }),
    DW: fc.integer({ min: 1, max: 2 }),
    BIAS: fc.integer({ min: 0, max: 1 }),
    RES: fc.integer({ min: 0, max: 1 }),
    clamp: fc.boolean(),
  })
  .map(({ clamp, ...d }) => ({
    ...d,
    IH: (d.OH - 1) * d.SH + (d.KH - 1) * d.DH + 1,
    IW: (d.OW - 1) * d.SW + (d.KW - 1) * d.DW + 1,
    LO: clamp ? 0 : Number.NEGATIVE_INFINITY,
    HI: clamp ? 6 : Number.POSITIVE_INFINITY,
  }));

/** n, g, c, h, w as they are written, or blocked by four channels. */
function storageOf(shape: readonly number[], blocked: boolean): Storage {
  const plain = plainStorage(shape);
  if (!blocked) return plain;
  const outer = plain.dims.map((d) => (d.dim === 2 ? ({ part: "outer", dim: 2, factor: 4 } as const) : d));
  return { ...plain, dims: [...outer, { part: "inner", dim: 2, factor: 4 }] };
}

/** The origin, and the result of what gspc makes of it. */
function compiled(
  dims: ConvSizes,
  blocked: boolean,
  which: number,
  choices: Readonly<Record<string, Option>>,
) {
  const d = dims;
  const storage = {
    x: storageOf([d.N, d.G, d.IC, d.IH, d.IW], blocked),
    r: storageOf([d.N, d.G, d.OC, d.OH, d.OW], blocked),
    y: storageOf([d.N, d.G, d.OC, d.OH, d.OW], blocked),
  };
  const stages: { origin?: LoopProc; vector?: VectorProc } = {};
  const kernel = compileTask({ op: "conv2d", dims, storage }, TARGETS[which], {
    schedule: "gspc",
    choices,
    dump: (stage, proc) => {
      if (proc.stage === "vector") stages.vector = proc;
      else if (stage === "parse") stages.origin = proc;
    },
  });
  return { kernel, origin: stages.origin as LoopProc, vector: stages.vector as VectorProc };
}

describe("gspc", () => {
  test("has its four knobs, listed by running it once", () => {
    const dims = { N: 1, G: 2, OC: 12, IC: 6, OH: 5, OW: 23, KH: 3, KW: 3, SH: 1, SW: 1, DH: 1, DW: 1 };
    const all = { ...dims, IH: 7, IW: 25, BIAS: 1, RES: 0, LO: 0, HI: 6 };
    const { origin } = compiled(all, false, 0, {});
    const knobs = listChoices((choose) => gspc(Schedule.of(origin), all, TARGETS[0], choose));
    expect(knobs.map((k) => k.name)).toEqual(["tile_oc", "tile_ic", "tile_ow", "unroll_kw"]);
    expect(knobs[0].options).toEqual([4, 1, 2, 3, 6, 12]);
    expect(knobs[2].options).toHaveLength(23);
  });

  test("is at most 25 lines", () => {
    const text = readFileSync(join(PACKAGE_ROOT, "compiler/ops/conv2d/gspc.schedules.ts"), "utf8");
    const body = /export const gspc[\s\S]*?\n};\n/.exec(text)?.[0] ?? "";
    expect(body.trimEnd().split("\n").length).toBeLessThanOrEqual(25);
  });

  test("is right for any shape, layout and knobs", () => {
    fc.assert(
      fc.property(shapes, fc.boolean(), fc.nat({ max: 1 << 30 }), (dims, blocked, seed) => {
        const rng = makeRng(seed);
        const which = rng.int(2);
        const choices: Record<string, Option> = {};
        const start = compiled(dims, blocked, which, {});
        const knobs = listChoices((choose) => gspc(Schedule.of(start.origin), dims, TARGETS[which], choose));
        for (const { name, options } of knobs) choices[name] = options[rng.int(options.length)];
        const { kernel, origin, vector } = compiled(dims, blocked, which, choices);
        const logical: Record<string, Float32Array> = {};
        const memory: Record<string, Float32Array> = {};
        for (const p of kernel.params) {
          const length = p.storage.shape.reduce((a, b) => a * b, 1);
          logical[p.name] = Float32Array.from({ length }, () => [-3, -2, -1, 1, 2, 3][rng.int(6)]);
          memory[p.name] = pack(p.storage, logical[p.name]);
        }
        interpret(origin, logical);
        interpretVector(vector, memory);
        const y = kernel.params.find((p) => p.name === "y")?.storage as Storage;
        expect(unpack(y, memory.y).map((v) => v + 0)).toEqual(logical.y.map((v) => v + 0));
      }),
      { numRuns: amount(40, 400), seed: 5 },
    );
  });
});
