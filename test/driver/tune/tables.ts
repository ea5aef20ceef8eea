import { gzipSync } from "node:zlib";
import { taskOf } from "../../../compiler/driver/tune/about-task.ts";
import { FEATURES } from "../../../compiler/driver/tune/features.ts";
import { spaceOf } from "../../../compiler/driver/tune/space.ts";
import { taskSpace } from "../../../compiler/driver/tune/task-space.ts";
import type { TablePoint, TuneTable } from "../../../compiler/driver/tune/tune-table.ts";
import { cyclesOf, depthwiseTask, PLACE, smallPlan } from "./layers.ts";

/** A table of a depthwise convolution, of made-up cycles; every kernel once. */
export function smallTable(): TuneTable {
  const planned = smallPlan();
  const task = depthwiseTask(planned);
  const space = taskSpace(task, planned.target);
  const points = new Map<string, TablePoint>();
  for (const point of spaceOf(task, planned.target)) {
    const made = space.make(point);
    if (made === undefined || points.has(made.kernel.name)) continue;
    const { kernel, characters, draft, features } = made;
    const cycles = cyclesOf(kernel);
    points.set(kernel.name, {
      ...{ ...point, knobs: { ...point.knobs }, kernel: kernel.name, characters, draft, cycles },
      features: [...features],
    });
  }
  return {
    kind: "tuning-table",
    version: 1,
    place: PLACE,
    features: [...FEATURES],
    tasks: [{ layer: "depthwise", ...taskOf(task), points: [...points.values()] }],
  };
}

/** A table of two layers: the second costs half as much again, its points the other way round behind the default. */
export function twoLayers(): TuneTable {
  const table = smallTable();
  const [task] = table.tasks;
  const [first, ...others] = task.points;
  const points = [first, ...others.toReversed()].map((point) => ({
    ...point,
    kernel: `${point.kernel}_other`,
    cycles: (1.5 * (point.cycles ?? 0)) | 0,
  }));
  const other = { ...task, layer: "other", workload: "0123456789abcdef", points };
  return { ...table, tasks: [task, other] };
}

export function packed(table: unknown): Uint8Array {
  return gzipSync(JSON.stringify(table));
}
