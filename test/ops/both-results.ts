import { interpret } from "../../compiler/ir/interpret.ts";
import { interpretVector } from "../../compiler/ir/interpret-vector.ts";
import { pack, unpack } from "../../compiler/ir/storage.ts";
import type { VectorProc } from "../../compiler/ir/vector.ts";
import type { Target } from "../../compiler/machine/target.schema.ts";
import { makeRng } from "../../compiler/support/rng.ts";
import { compileTask, operator, parseTask } from "../../compiler/task/compile-task.ts";
import type { Task } from "../../compiler/task/task.ts";

/** What a task's kernel in loops and its compiled one make of the same numbers, as `y` of the task. */
export function bothResults(
  task: Task,
  target: Target,
  choices: Readonly<Record<string, string>>,
): [Float32Array, Float32Array] {
  const origin = parseTask(operator(task.op), task);
  let vector: VectorProc | undefined;
  const dump = (_: string, proc: { stage: string }): void => {
    if (proc.stage === "vector") vector = proc as VectorProc;
  };
  compileTask(task, target, { choices, dump });
  if (vector === undefined) throw new Error("no vector procedure");
  const rng = makeRng(7);
  const logical: Record<string, Float32Array> = {};
  const memory: Record<string, Float32Array> = {};
  for (const param of vector.params) {
    const { shape } = param.storage;
    logical[param.name] = Float32Array.from(
      { length: shape.reduce((a, b) => a * b, 1) },
      () => rng.next() - 0.5,
    );
    memory[param.name] = pack(task.storage[param.name] ?? param.storage, logical[param.name]);
  }
  interpret(origin, logical);
  interpretVector(vector, memory);
  return [logical.y, unpack(task.storage.y, memory.y)];
}
