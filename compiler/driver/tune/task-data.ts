import type { KernelParam } from "../../artifact/kernel.ts";
import type { TypedArray } from "../../ir/dtype.ts";
import { pack } from "../../ir/storage.ts";
import { kernelFileParameters } from "../../language/parse-kernel.ts";
import { invariant } from "../../support/assert.ts";
import { makeRng } from "../../support/rng.ts";
import { kernelFile, operator, parseTask } from "../../task/compile-task.ts";
import type { Task } from "../../task/task.ts";
import { errorProgram } from "../../verify/error-program.ts";
import { withSmall } from "../../verify/node-errors.ts";
import { runKernel } from "../../verify/run-kernel.ts";

/** What a task's kernels are checked with: data, what they must make of it, and how far each number may be off. */
export interface TaskData {
  /** Row-major, by parameter. */
  readonly tensors: ReadonlyMap<string, Float32Array>;
  /** The output, row-major; NaN where the kernel writes nothing. */
  readonly expected: Float32Array;
  /** Of each number of it (verify/rounding.ts); infinity where nothing is written. */
  readonly bounds: Float32Array;
}

/** Random data of a task, standard normal, and what its operator makes of it in double precision. */
export function taskData(task: Task, seed: number): TaskData {
  const op = operator(task.op);
  const proc = parseTask(op, task);
  const rng = makeRng(seed);
  const tensors = new Map(
    proc.params.map(({ name, role, storage: { shape } }) => {
      const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
      return [name, role === "output" ? data.fill(Number.NaN) : data.map(() => rng.normal())];
    }),
  );
  const given = new Map([...tensors].map(([name, data]) => [name, withSmall(data, undefined)]));
  const [[output, bounds]] = errorProgram(proc, new Set())(given);
  const shapes = new Map(proc.params.map(({ name, storage }) => [name, storage.shape]));
  const call = kernelFileParameters(kernelFile(op), op.kernel.name).flatMap((p) => {
    if (p.kind === "dims") return [];
    const [data, shape] = [tensors.get(p.name), shapes.get(p.name)];
    return [data && shape && { shape, data }];
  });
  runKernel(task.op, task.dims, call);
  const expected = tensors.get(output) ?? new Float32Array();
  invariant(
    expected.some((v) => !Number.isNaN(v)),
    `${task.op} writes something`,
  );
  return {
    tensors,
    expected,
    bounds: bounds.map((b, i) => (Number.isNaN(expected[i]) ? Number.POSITIVE_INFINITY : b)),
  };
}

/** A tensor as it lies in memory; `fill` is what stands where it has no numbers. */
export function inMemory({ storage }: KernelParam, data: TypedArray, fill = 0): TypedArray {
  return pack(storage, data, fill);
}
