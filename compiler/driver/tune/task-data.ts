import { roundF16 } from "../../ir/dtype.ts";
import { kernelFileParameters } from "../../language/parse-kernel.ts";
import { BLOCK_TERMS } from "../../lower/block-sums.ts";
import type { OpDef } from "../../ops/op.ts";
import { invariant } from "../../support/assert.ts";
import { kernelFile, operator, parseTask } from "../../task/compile-task.ts";
import type { Task } from "../../task/task.ts";
import { runKernel } from "../../verify/run-kernel.ts";
import { type KernelData, outputBounds, randomData } from "../kernel/kernel-reference.ts";

/** What a task's kernels are checked with: data, what they must make of it, and how far each number may be off. */
export interface TaskData {
  /** Row-major, by parameter. */
  readonly tensors: KernelData;
  /** The parameter that is written. */
  readonly output: string;
  /** What it holds then, row-major; NaN where the kernel writes nothing. */
  readonly expected: Float32Array;
  /** Of each number of it (verify/rounding.ts); infinity where nothing is written. */
  readonly bounds: Float32Array;
}

/** Seed of the data that results of a tune are checked with. */
const DATA_SEED = 1;

/** Random data of a task, standard normal as far as its types hold it, and what its operator makes of it in double precision. */
export function taskData(task: Task, seed: number = DATA_SEED): TaskData {
  const op = operator(task.op);
  const parsed = parseTask(op, task);
  const tensors = usualData(op, task, randomData({ parsed }, seed));
  const known = task.floats === "f16" ? { inHalf: BLOCK_TERMS } : undefined;
  const [[output, bounds]] = outputBounds({ parsed }, tensors, known);
  const shapes = new Map(parsed.params.map(({ name, storage }) => [name, storage.shape]));
  // a kernel in Node gives what it computes: what of that is stored in fewer bits is said by the type of its output
  const exact = new Float32Array(tensors.get(output)?.length ?? 0).fill(Number.NaN);
  const call = kernelFileParameters(kernelFile(op), op.kernel.name).flatMap((p) => {
    if (p.kind === "dims") return [];
    const [data, shape] = [p.name === output ? exact : tensors.get(p.name), shapes.get(p.name)];
    return [data && shape && { shape, data }];
  });
  runKernel(task.op, task.dims, call);
  invariant(
    exact.some((v) => !Number.isNaN(v)),
    `${task.op} writes something`,
  );
  const within = bounds.map((b, i) => (Number.isNaN(exact[i]) ? Number.POSITIVE_INFINITY : b));
  const type = parsed.params.find(({ name }) => name === output)?.dtype;
  if (type === "f16") return { tensors, output, ...inHalves(exact, within) };
  return { tensors, output, expected: exact, bounds: within };
}

/** Of an operator whose results of any random data are of no usual size the same data, some of it smaller. */
function usualData({ usual }: OpDef, { dims }: Task, data: KernelData): KernelData {
  const by = usual?.(dims) ?? {};
  return new Map([...data].map(([name, of]) => [name, name in by ? of.map((v) => v * by[name]) : of]));
}

/** What is expected as the numbers of f16 that a file of them can hold; bounds grow by what that moves each. */
function inHalves(exact: Float32Array, bounds: Float32Array): Pick<TaskData, "expected" | "bounds"> {
  const expected = exact.map(roundF16);
  // what overflows is equal where it is expected to, NaN where nothing is written
  const moved = (i: number): number => Math.abs(expected[i] - exact[i]) || 0;
  return { expected, bounds: bounds.map((bound, i) => bound + moved(i)) };
}
