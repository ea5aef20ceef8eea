import { expect, test } from "vitest";
import { compileStep, decidedPlan } from "../../compiler/driver/decide/decided-plan.ts";
import { loadModel } from "../../compiler/frontend/load-model.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { algorithmOf } from "../../compiler/ops/conv2d/algorithms.ts";
import { Schedule } from "../../compiler/schedule/schedule.ts";
import { matmul } from "../schedule/kernels.ts";

test("what would be too much to ask for is left out of a schedule for any sizes, and nothing else is", () => {
  const start = Schedule.of(matmul(8, 512, 5));
  expect(() => start.prefetch("w", "i", 1, { j: 1 })).toThrow("too large");
  expect(start.prefetchIfFew("w", "i", 1, { j: 1 })).toBe(start);
  expect(start.prefetchIfFew("x", "i", 1).trace).toHaveLength(1);
  expect(() => start.prefetchIfFew("none", "i")).toThrow("none");
});

/** Blocks of one tile, whose output transforms have 40 and more vectors of channels between two rows of points. */
test.each(["rpi3", "rpi4"])("Winograd's schedules take any number of channels on %s", async (name) => {
  const model = await loadModel("zoo:googlenet@96", { zoo: { shapesOnly: true } });
  const { plan, target } = decidedPlan(model, loadTarget(name));
  const steps = plan.steps.filter(({ task }) => algorithmOf(task.op) !== undefined);
  expect(steps.some(({ task }) => task.dims.OC >= 288 && task.dims.TR === 1)).toBe(true);
  for (const step of steps) expect(compileStep(step, target, undefined).kernel.schedule).toBe("in-lanes");
});
