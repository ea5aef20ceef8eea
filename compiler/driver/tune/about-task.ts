import { contentKey } from "../../support/stable.ts";
import type { Task } from "../../task/task.ts";
import type { Trial } from "./tune-record.ts";

/** What every line of a log says of a task. */
export type AboutTask = Pick<Trial, "workload" | "op" | "dims">;

export function taskOf(task: Task): AboutTask {
  const dims = Object.entries(task.dims).map(
    ([dim, n]) => [dim, Number.isFinite(n) ? n : n > 0 ? "Infinity" : "-Infinity"] as const,
  );
  return { workload: workloadOf(task), op: task.op, dims: Object.fromEntries(dims) };
}

/** Names a task by what it is: operator, sizes, and how its activations lie. */
export function workloadOf(task: Task): string {
  return contentKey(task).slice(0, 16);
}
