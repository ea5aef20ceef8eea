import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { interpret } from "../../compiler/ir/interpret.ts";
import { interpretVector } from "../../compiler/ir/interpret-vector.ts";
import type { LoopProc } from "../../compiler/ir/proc.ts";
import { pack, plainStorage, type Storage, unpack } from "../../compiler/ir/storage.ts";
import type { VectorProc } from "../../compiler/ir/vector.ts";
import type { Dims } from "../../compiler/language/kernel.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { PACKAGE_ROOT } from "../../compiler/support/paths.ts";
import { makeRng } from "../../compiler/support/rng.ts";
import { compileTask, taskKnobs } from "../../compiler/task/compile-task.ts";
import { amount } from "../support/amount.ts";

const LANES = 4;
const target = loadTarget("qemu-rpi4");

/** What each schedule is for: the dimension blocked in memory (0: none), and sizes it takes. */
const SCHEDULES: Readonly<
  Record<string, { readonly file: string; readonly blocked: number; readonly sizes: Dims }>
> = {
  direct: { file: "conv2d", blocked: 2, sizes: { OC: LANES, IC: LANES } },
  "groups-in-lanes": { file: "conv2d", blocked: 1, sizes: { G: LANES } },
  pointwise: { file: "pointwise", blocked: 2, sizes: { OC: LANES, IC: LANES, KH: 0, KW: 0 } },
  depthwise: { file: "classic", blocked: 1, sizes: { G: LANES, OC: 0, IC: 0 } },
  "spatial-pack": { file: "classic", blocked: 0, sizes: {} },
};

const few = fc.integer({ min: 1, max: 3 });
const flag = fc.integer({ min: 0, max: 1 });
const shapes = fc.record({
  ...{ G: few, OC: few, IC: few, OH: few, KH: few, KW: few, SH: few, SW: few, DH: few, DW: few },
  ...{ OW: fc.integer({ min: 1, max: 23 }), BIAS: flag, RES: flag },
});

/** Random sizes made to fit: multiples of what is given, 1 where 0 is. */
function fitted(shape: Dims, sizes: Dims): Dims {
  const d: Record<string, number> = { N: 1, LO: 0, HI: 6, ...shape };
  for (const [name, factor] of Object.entries(sizes)) d[name] = factor === 0 ? 1 : d[name] * factor;
  d.IH = (d.OH - 1) * d.SH + (d.KH - 1) * d.DH + 1;
  d.IW = (d.OW - 1) * d.SW + (d.KW - 1) * d.DW + 1;
  return d;
}

function place(shape: readonly number[], dim: number): Storage {
  const plain = plainStorage(shape);
  if (dim === 0) return plain;
  const dims = plain.dims.map((s) => (s.dim === dim ? ({ part: "outer", dim, factor: LANES } as const) : s));
  return { ...plain, dims: [...dims, { part: "inner", dim, factor: LANES }] };
}

describe.each(Object.entries(SCHEDULES))("schedule %s", (name, { file, blocked, sizes }) => {
  test("is at most 25 lines", () => {
    const text = readFileSync(join(PACKAGE_ROOT, `compiler/ops/conv2d/${file}.schedules.ts`), "utf8");
    const variable = name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
    const body = new RegExp(`export const ${variable}\\b[\\s\\S]*?\\n};\\n`).exec(text)?.[0] ?? "";
    expect(body).not.toBe("");
    expect(body.trimEnd().split("\n").length).toBeLessThanOrEqual(25);
  });

  test("is right for any shape and choice", () => {
    fc.assert(
      fc.property(shapes, fc.nat({ max: 1 << 30 }), (shape, seed) => {
        const d = fitted(shape, sizes);
        const outputs = [d.N, d.G, d.OC, d.OH, d.OW];
        const storage = {
          x: place([d.N, d.G, d.IC, d.IH, d.IW], blocked),
          r: place(outputs, blocked),
          y: place(outputs, blocked),
        };
        const stages: { origin?: LoopProc; vector?: VectorProc } = {};
        const task = { op: "conv2d", dims: d, storage };
        const settings = taskKnobs(task, target, { schedule: name }).map((knob) => [
          knob.name,
          knob.options[seed % knob.options.length],
        ]);
        const kernel = compileTask(task, target, {
          schedule: name,
          choices: Object.fromEntries(settings),
          dump: (stage, proc) => {
            if (proc.stage === "vector") stages.vector = proc;
            else if (stage === "parse") stages.origin = proc;
          },
        });
        const rng = makeRng(seed);
        const logical: Record<string, Float32Array> = {};
        const memory: Record<string, Float32Array> = {};
        for (const p of kernel.params) {
          const length = p.storage.shape.reduce((a, b) => a * b, 1);
          logical[p.name] = Float32Array.from({ length }, () => [-3, -2, -1, 1, 2, 3][rng.int(6)]);
          memory[p.name] = pack(p.storage, logical[p.name]);
        }
        interpret(stages.origin as LoopProc, logical);
        interpretVector(stages.vector as VectorProc, memory);
        const y = kernel.params.find((p) => p.name === "y")?.storage as Storage;
        // adding 0 makes the sign of a zero no matter
        expect(unpack(y, memory.y).map((v) => v + 0)).toEqual(logical.y.map((v) => v + 0));
      }),
      { numRuns: amount(20, 200), seed: 3 },
    );
  });
});
