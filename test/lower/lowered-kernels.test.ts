import fc from "fast-check";
import { expect, test } from "vitest";
import { interpret } from "../../compiler/ir/interpret.ts";
import { interpretVector } from "../../compiler/ir/interpret-vector.ts";
import type { LoopProc } from "../../compiler/ir/proc.ts";
import {
  type Halo,
  pack,
  plainStorage,
  type Storage,
  type StorageDim,
  unpack,
} from "../../compiler/ir/storage.ts";
import type { VectorProc } from "../../compiler/ir/vector.ts";
import type { Dims } from "../../compiler/language/kernel.ts";
import { loadIsa, loadTarget } from "../../compiler/machine/load.ts";
import { ACTIVATION_NAMES } from "../../compiler/ops/activation/activations.ts";
import { makeRng } from "../../compiler/support/rng.ts";
import { compileTask } from "../../compiler/task/compile-task.ts";
import { amount } from "../support/amount.ts";

const LANES = 4;
const TARGETS = [loadTarget("qemu-rpi4"), { ...loadTarget("host"), isa: loadIsa("portable") }];

/** n, g, c, h, w blocked along one dimension. */
function blocked(shape: readonly number[], dim: number, halo: Halo): Storage {
  const outer: StorageDim[] = shape.map((_, d) =>
    d === dim ? { part: "outer", dim: d, factor: LANES } : { part: "whole", dim: d },
  );
  const none = { before: 0, after: 0 };
  return {
    shape,
    halo: shape.map((_, d) => (d >= 3 ? halo : none)),
    dims: [...outer, { part: "inner", dim, factor: LANES }],
  };
}

interface Case {
  readonly dims: Dims;
  readonly layout: "channels" | "groups" | "planar";
  readonly halo: Halo;
}

const small = fc.integer({ min: 1, max: 3 });
const cases: fc.Arbitrary<Case> = fc
  .record({
    layout: fc.constantFrom("channels" as const, "groups" as const, "planar" as const),
    N: fc.integer({ min: 1, max: 2 }),
    g: small,
    oc: small,
    ic: small,
    OH: fc.integer({ min: 1, max: 6 }),
    OW: fc.integer({ min: 1, max: 17 }),
    KH: small,
    KW: small,
    SH: fc.integer({ min: 1, max: 2 }),
    SW: fc.integer({ min: 1, max: 2 }),
    DH: fc.integer({ min: 1, max: 2 }),
    DW: fc.integer({ min: 1, max: 2 }),
    BIAS: fc.integer({ min: 0, max: 1 }),
    RES: fc.integer({ min: 0, max: 2 }),
    SLOPES: fc.integer({ min: 0, max: 1 }),
    clamp: fc.boolean(),
    ACT: fc.oneof(fc.constant(0), fc.constant(1), fc.integer({ min: 1, max: ACTIVATION_NAMES.length })),
    halo: fc.record({ before: fc.integer({ min: 0, max: 2 }), after: fc.integer({ min: 0, max: 2 }) }),
    firstLayer: fc.boolean(),
  })
  .map(({ layout, g, oc, ic, clamp, halo, firstLayer, ...d }) => ({
    layout,
    halo,
    dims: {
      ...d,
      SLOPES: d.ACT === 1 ? d.SLOPES : 0,
      G: layout === "groups" ? g * LANES : g,
      OC: layout === "channels" ? oc * LANES : oc,
      IC: layout === "channels" && !firstLayer ? ic * LANES : ic,
      IH: (d.OH - 1) * d.SH + (d.KH - 1) * d.DH + 1,
      IW: (d.OW - 1) * d.SW + (d.KW - 1) * d.DW + 1,
      LO: clamp ? 0 : Number.NEGATIVE_INFINITY,
      HI: clamp ? 6 : Number.POSITIVE_INFINITY,
      ALPHA: 0.25,
      BETA: 0.5,
    },
  }));

test("scheduled and lowered convolutions compute what the kernel computes", () => {
  fc.assert(
    fc.property(cases, fc.integer({ min: 0, max: 1 << 30 }), fc.nat({ max: 1 }), (c, seed, which) => {
      const { dims: d, layout } = c;
      const place = (shape: readonly number[], halo: Halo): Storage =>
        layout === "planar" ? plainStorage(shape) : blocked(shape, layout === "channels" ? 2 : 1, halo);
      const storage = {
        x: place([d.N, d.G, d.IC, d.IH, d.IW], c.halo),
        r: place([d.N, d.G, d.OC, d.OH, d.OW], { before: 1, after: 0 }),
        y: place([d.N, d.G, d.OC, d.OH, d.OW], c.halo),
      };
      let origin: LoopProc | undefined;
      let lowered: VectorProc | undefined;
      const kernel = compileTask({ op: "conv2d", dims: d, storage }, TARGETS[which], {
        dump: (stage, proc) => {
          if (proc.stage === "vector") lowered = proc;
          else if (stage === "parse") origin = proc;
        },
      });
      const rng = makeRng(seed);
      const logical: Record<string, Float32Array> = {};
      const memory: Record<string, Float32Array> = {};
      for (const p of kernel.params) {
        const size = p.storage.shape.reduce((a, b) => a * b, 1);
        // small whole numbers: sums are exact in any order; none is 0, whose sign depends on it
        logical[p.name] = Float32Array.from({ length: size }, () => [-3, -2, -1, 1, 2, 3][rng.int(6)]);
        memory[p.name] = pack(p.storage, logical[p.name]);
      }
      interpret(origin as LoopProc, logical);
      interpretVector(lowered as VectorProc, memory);
      const y = kernel.params.find((p) => p.name === "y")?.storage as Storage;
      const found = unpack(y, memory.y);
      if (d.ACT === 0) expect(found).toEqual(logical.y);
      // functions of vectors are sums and products, rounded otherwise than Node's
      else {
        found.forEach((v, i) => {
          if (!Object.is(v, logical.y[i]))
            expect(v / Math.max(1, Math.abs(logical.y[i]))).toBeCloseTo(
              logical.y[i] / Math.max(1, Math.abs(logical.y[i])),
              5,
            );
        });
      }
    }),
    { numRuns: amount(30, 500), seed: 11 },
  );
});
