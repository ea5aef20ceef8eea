import type { Kernel } from "../../artifact/kernel.ts";
import { physicalSize } from "../../ir/storage.ts";
import type { Target } from "../../machine/target.schema.ts";
import { operator, parseTask } from "../../task/compile-task.ts";
import type { Task } from "../../task/task.ts";
import { taskSpace } from "../tune/task-space.ts";
import type { QueueJob } from "./queue-job.ts";

/** Numbers of all of a task's tensors, and multiply-adds: minutes of computing what is expected. */
const MOST_ELEMENTS = 2 ** 27;
const MOST_MACS = 2 ** 36;

/** The kernels that a job's points make here; a text says why it is refused: what others call a kernel is never built. */
export function jobKernels(
  { kernels }: QueueJob,
  task: Task,
  target: Target,
): readonly [Kernel, ...Kernel[]] | string {
  const why = whyNoTask(task, target);
  if (why !== undefined) return why;
  const space = taskSpace(task, target);
  const made: Kernel[] = [];
  for (const { schedule, knobs, kernel } of kernels) {
    const candidate = space.make({ schedule, knobs });
    if (candidate?.kernel.name !== kernel)
      return `\`${kernel.slice(0, 100)}\` is not what its point makes here`;
    made.push(candidate.kernel);
  }
  const [reference, ...others] = made;
  return reference === undefined ? "it has no kernels" : [reference, ...others];
}

/**
 * Why what somebody calls a task is not begun: floats that the target has none of, sizes that are none, tensors of other shapes, more
 * than a board has room for.
 */
function whyNoTask(task: Task, { halves }: Target): string | undefined {
  const { op, dims, storage, floats } = task;
  if (floats === "f16" && halves === undefined) return "it is of f16, in which its target does not compute";
  try {
    const { params } = parseTask(operator(op), { ...task, storage: {} });
    const shapes = new Map(params.map(({ name, storage }) => [name, storage.shape.join(" ")]));
    const odd = Object.entries(storage).find(([name, { shape }]) => shapes.get(name) !== shape.join(" "));
    if (odd !== undefined)
      return `its tensor \`${odd[0].slice(0, 100)}\` has another shape than the operator's`;
    const elements = params.reduce((sum, p) => sum + physicalSize(storage[p.name] ?? p.storage), 0);
    const isSmall = elements <= MOST_ELEMENTS && (operator(op).macs(dims) ?? 0) <= MOST_MACS;
    return isSmall ? undefined : "its tensors, or its multiply-adds, are too many";
  } catch {
    return "its sizes are none of its operator";
  }
}
