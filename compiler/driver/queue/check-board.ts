import type { Runner } from "../../device/runner.ts";
import type { Target } from "../../machine/target.schema.ts";
import { defined } from "../../support/assert.ts";
import { opTask } from "../decide/op-task.ts";
import type { Meter } from "../tune/meter.ts";
import type { Outcome } from "../tune/outcome.ts";
import { taskData } from "../tune/task-data.ts";
import { taskSpace } from "../tune/task-space.ts";
import type { HealthReading } from "./board-health.ts";

/** A grouped convolution that takes little time. */
const REFERENCE = { G: 4, OC: 8, IC: 8, OH: 14, OW: 14, KH: 3, KW: 3 };
const REFERENCE_EFFORT = { warmup: 3, repeats: 25 };

/** Runs the reference kernel, which is the same for all boards of a target, and asks the board for its state. */
export async function checkBoard(
  runner: Runner,
  { target, meter }: { readonly target: Target; readonly meter: Meter },
): Promise<HealthReading> {
  const task = opTask("conv2d", REFERENCE, target);
  const space = taskSpace(task, target);
  const first = space.points().next();
  const { kernel } = defined(first.done ? undefined : space.make(first.value), "the default kernel");
  const prepared = await meter.prepare([kernel], () => taskData(task), REFERENCE_EFFORT);
  let outcome: Outcome = { outcome: "lost", why: "nothing was said of it" };
  try {
    await prepared.measure([0], (_, found) => {
      outcome = found;
    });
  } finally {
    await prepared.drop();
  }
  const state = runner.timing === "emulated" ? undefined : await runner.readState?.();
  return { outcome, state };
}
