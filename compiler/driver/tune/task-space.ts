import type { Kernel } from "../../artifact/kernel.ts";
import type { Target } from "../../machine/target.schema.ts";
import { takeAgain } from "../../schedule/take-again.ts";
import type { TakeStep } from "../../schedule/take-step.ts";
import { UserError } from "../../support/diagnostic.ts";
import { compileTaskStages } from "../../task/compile-task.ts";
import type { Task } from "../../task/task.ts";
import type { Candidate, Point, Space } from "./candidate.ts";
import { draftOf, hopeless } from "./draft.ts";
import { featuresOf } from "./features.ts";
import { nearPoint, neighbours, randomPoint, spaceOf } from "./space.ts";

/** Written out they are the longest C that is tried (pool.ts), of 60 characters each at least; to lower longer ones takes a second. */
const MOST_STATEMENTS = 1000;

/** The space of a task that is compiled point by point. */
export function taskSpace(task: Task, target: Target): Space<Kernel> {
  let mostStatements: number | undefined;
  // a point that was just found is made next: its schedule's steps are taken already
  const options = { take: takeAgain() };
  return {
    points: () => spaceOf(task, target, options),
    neighbours: (point) => neighbours(task, target, point, options),
    near: (point) => nearPoint(task, target, point, options),
    random: (rng) => randomPoint(task, target, rng, options),
    make: (point) => {
      const candidate = made(task, target, point, { mostStatements, take: options.take });
      // the first is the default, which is there whatever it comes to
      mostStatements = MOST_STATEMENTS;
      return candidate;
    },
    hopeless: hopeless(target),
  };
}

function made(
  task: Task,
  target: Target,
  point: Point,
  { mostStatements, take }: { readonly mostStatements: number | undefined; readonly take: TakeStep },
): Candidate<Kernel> | undefined {
  try {
    const { schedule, knobs } = point;
    const stages = compileTaskStages(task, target, {
      ...{ schedule, choices: knobs, take },
      ...(mostStatements !== undefined && { mostStatements }),
    });
    const { kernel, vector } = stages;
    const draft = draftOf(vector, target);
    return { point, kernel, draft, characters: kernel.c.length, features: featuresOf(stages) };
  } catch (error) {
    if (error instanceof UserError && error.diagnostic.exit === "illegalSchedule") return undefined;
    throw error;
  }
}
