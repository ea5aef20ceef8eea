import type { Kernel } from "../../artifact/kernel.ts";
import type { Target } from "../../machine/target.schema.ts";
import { UserError } from "../../support/diagnostic.ts";
import { compileTaskStages } from "../../task/compile-task.ts";
import type { Task } from "../../task/task.ts";
import type { Candidate, Point, Space } from "./candidate.ts";
import { draftOf, hopeless } from "./draft.ts";
import { featuresOf } from "./features.ts";
import { neighbours, randomPoint, spaceOf } from "./space.ts";

/** The space of a task that is compiled point by point. */
export function taskSpace(task: Task, target: Target): Space<Kernel> {
  return {
    points: () => spaceOf(task, target),
    neighbours: (point) => neighbours(task, target, point),
    random: (rng) => randomPoint(task, target, rng),
    make: (point) => made(task, target, point),
    hopeless: hopeless(target),
  };
}

function made(task: Task, target: Target, point: Point): Candidate<Kernel> | undefined {
  try {
    const { schedule, knobs } = point;
    const stages = compileTaskStages(task, target, { schedule, choices: knobs });
    const { kernel, vector } = stages;
    const draft = draftOf(vector, target);
    return { point, kernel, draft, characters: kernel.c.length, features: featuresOf(stages) };
  } catch (error) {
    if (error instanceof UserError && error.diagnostic.exit === "illegalSchedule") return undefined;
    throw error;
  }
}
