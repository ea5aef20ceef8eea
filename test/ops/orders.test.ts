import { describe, expect, test } from "vitest";
import { opTask } from "../../compiler/driver/decide/op-task.ts";
import { interpret } from "../../compiler/ir/interpret.ts";
import { interpretVector } from "../../compiler/ir/interpret-vector.ts";
import type { LoopProc } from "../../compiler/ir/proc.ts";
import { pack, unpack } from "../../compiler/ir/storage.ts";
import type { VectorProc } from "../../compiler/ir/vector.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { makeRng } from "../../compiler/support/rng.ts";
import { compileTask, taskKnobs } from "../../compiler/task/compile-task.ts";
import type { Task } from "../../compiler/task/task.ts";

const BOARDS = ["qemu-rpi3", "qemu-rpi4", "qemu-rpi2"].map((name) => loadTarget(name));
const SIZES = { OC: 16, OH: 6, OW: 7, BIAS: 1, RES: 1 };

/** Operators and sizes: inputs as the caller gives them (3 channels), in blocks that channels fill, and in blocks that they do not. */
const CASES = [3, 8, 10].flatMap((IC) => [
  { op: "conv2d", dims: { ...SIZES, IC } },
  { op: "conv2d", dims: { ...SIZES, IC, SH: 2, SW: 2, OH: 5 } },
  { op: "conv2d", dims: { ...SIZES, IC, KH: 3, KW: 3 } },
  { op: "conv2d-global-pool", dims: { ...SIZES, IC } },
]);

/** The task of the convolution's averages: one pixel of outputs. */
function pooled({ dims, storage }: Task): Task {
  const y = { ...storage.y, shape: [dims.N, dims.G, dims.OC, 1, 1] };
  return { op: "conv2d-global-pool", dims, storage: { ...storage, y } };
}

describe.each(BOARDS)("orders of loops on $name", (target) => {
  test.each(CASES)("of $op $dims are all right", ({ op, dims }) => {
    const conv = opTask("conv2d", dims, target);
    const task = op === "conv2d" ? conv : pooled(conv);
    const order = taskKnobs(task, target).find(({ name }) => name === "order");
    expect(order?.options.length).toBeGreaterThan(0);
    for (const option of order?.options ?? []) {
      const stages: { origin?: LoopProc; vector?: VectorProc } = {};
      compileTask(task, target, {
        choices: { order: option },
        dump: (stage, proc) => {
          if (proc.stage === "vector") stages.vector = proc;
          else if (stage === "parse") stages.origin = proc;
        },
      });
      const { origin, vector } = stages;
      if (origin === undefined || vector === undefined) throw new Error("no procedure");
      const rng = makeRng(7);
      const logical: Record<string, Float32Array> = {};
      const memory: Record<string, Float32Array> = {};
      for (const param of vector.params) {
        const size = param.storage.shape.reduce((a, b) => a * b, 1);
        logical[param.name] = Float32Array.from({ length: size }, () => rng.next() - 0.5);
        memory[param.name] = pack(param.storage, logical[param.name]);
      }
      interpret(origin, logical);
      interpretVector(vector, memory);
      const y = vector.params.find(({ name }) => name === "y");
      const found = y === undefined ? new Float32Array() : unpack(y.storage, memory.y);
      found.forEach((value, i) => {
        if (Math.abs(value - logical.y[i]) > 1e-4)
          expect(value, `${option}, element ${i}`).toBeCloseTo(logical.y[i], 4);
      });
    }
  });
});
