import type { Step } from "../../graph/plan.ts";
import type { Task } from "../../task/task.ts";
import { type AboutTask, taskOf, workloadOf } from "./about-task.ts";
import type { Search, TaskState } from "./tune-task.ts";

/** One task to be tuned: equal ones of a network are one. */
export interface TuneTask extends AboutTask {
  /** The first of its layers, and how many steps of the network's plan it is; 0: only of other algorithms. */
  readonly layer: string;
  readonly count: number;
}
/** A task that can be compiled. */
export interface NetworkTask extends TuneTask {
  readonly task: Task;
}
/** What was found for one task. */
export interface TunedTask extends TuneTask {
  readonly state: TaskState;
}
/** A task whose search is under way. */
export interface Running extends TuneTask {
  readonly search: Search;
}

/** Tasks of steps, equal ones merged, those with most work first. */
export function tuneTasks(
  steps: readonly Step[],
  others: readonly Step[] = [],
  layers: (name: string) => boolean = () => true,
): readonly NetworkTask[] {
  const found = new Map<string, { task: Task; layer: string; count: number; macs: number }>();
  const add = ({ layer, task, macs = 0 }: Step, count: number): void => {
    if (!layers(layer)) return;
    const key = workloadOf(task);
    const known = found.get(key) ?? { task, layer, count: 0, macs: 0 };
    found.set(key, { ...known, count: known.count + count, macs: known.macs + macs });
  };
  for (const step of steps) add(step, 1);
  for (const step of others) add(step, 0);
  return [...found]
    .sort(([, a], [, b]) => b.macs - a.macs)
    .map(([, { task, layer, count }]) => ({ ...taskOf(task), task, layer, count }));
}
