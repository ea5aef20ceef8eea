import { expect, test } from "vitest";
import { decidedPlan } from "../../../compiler/driver/decide/decided-plan.ts";
import { pointText } from "../../../compiler/driver/tune/candidate.ts";
import { countSpace, neighbours, randomPoint, spaceOf } from "../../../compiler/driver/tune/space.ts";
import { loadTarget } from "../../../compiler/machine/load.ts";
import type { Target } from "../../../compiler/machine/target.schema.ts";
import { type Choice, type Choices, chosen } from "../../../compiler/schedule/choose.ts";
import { UserError } from "../../../compiler/support/diagnostic.ts";
import { makeRng } from "../../../compiler/support/rng.ts";
import { compileTask, operator, runSchedule } from "../../../compiler/task/compile-task.ts";
import type { Task } from "../../../compiler/task/task.ts";
import { graphBuilder } from "../../graph/graph-builder.ts";
import { convTask, smallPlan } from "./layers.ts";

const planned = smallPlan();
const task = convTask(planned, 3);
const { target } = planned;
const points = [...spaceOf(task, target)];
/** Knobs of how any scheduled kernel becomes machine code. */
const FINISHING = ["asked", "ahead"];

test("a space begins with the default and has each point once", () => {
  const texts = points.map(pointText);
  expect(new Set(texts).size).toBe(texts.length);
  expect(texts.length).toBeGreaterThan(50);
  const [first] = points;
  const made = compileTask(task, target, { schedule: first.schedule, choices: first.knobs });
  expect(made.name).toBe(compileTask(task, target).name);
  // several schedules compete
  expect(new Set(points.map(({ schedule }) => schedule)).size).toBeGreaterThan(3);
});

test("every point of a space is taken as it is, or refused when it is lowered", () => {
  let made = 0;
  for (const { schedule, knobs } of points.filter((_, i) => i % 34 === 0)) {
    try {
      expect(compileTask(task, target, { schedule, choices: knobs }).knobs).toEqual(knobs);
      made++;
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      expect(error.diagnostic.exit).toBe("illegalSchedule");
    }
  }
  expect(made).toBeGreaterThan(5);
});

test("neighbours and random points are of the space", () => {
  const texts = new Set(points.map(pointText));
  const [first] = points;
  const beside = [...neighbours(task, target, first)];
  expect(beside.length).toBeGreaterThan(0);
  const rng = makeRng(1);
  const drawn = Array.from({ length: 20 }, () => randomPoint(task, target, rng)).filter(
    (p) => p !== undefined,
  );
  expect(drawn.length).toBeGreaterThan(5);
  for (const { schedule, knobs } of [...beside, ...drawn]) {
    // the same finished otherwise is of no listed space
    const own = Object.entries(knobs).filter(([name]) => !FINISHING.includes(name));
    expect(texts).toContain(pointText({ schedule, knobs: Object.fromEntries(own) }));
  }
  for (const point of beside) expect(pointText(point)).not.toBe(pointText(first));
});

test("a schedule without a tile that fits is none of the space", () => {
  // groups that fill no vector: some schedules find no tile at all
  const b = graphBuilder(makeRng(3));
  const odd = b.finish([b.conv(b.input([1, 6, 8, 8]), { oc: 6, groups: 3, kernel: 3 })]);
  const of = convTask(decidedPlan(odd, loadTarget("rpi4")), 3);
  const rng = makeRng(2);
  for (let i = 0; i < 25; i++) {
    const point = randomPoint(of, target, rng);
    if (point !== undefined)
      for (const near of neighbours(of, target, point)) expect(near.schedule).toBe(point.schedule);
  }
  expect([...spaceOf(of, target)].length).toBeGreaterThan(10);
});

/** Every setting of a schedule from some knobs on, each of them a run of its own. */
function settings(of: Task, by: Target, schedule: string, knobs: Choices): readonly string[] {
  let asked: readonly Choice[];
  try {
    asked = runSchedule(of, by, schedule, chosen(knobs)).knobs;
  } catch (error) {
    if (error instanceof UserError && error.diagnostic.exit === "illegalSchedule") return [];
    throw error;
  }
  const knob = asked.find(({ name }) => !Object.hasOwn(knobs, name));
  if (knob === undefined) return [pointText({ schedule, knobs })];
  return knob.options.flatMap((option) => settings(of, by, schedule, { ...knobs, [knob.name]: option }));
}

test("points are listed and counted as runs of every setting find them", () => {
  for (const { plan, target: by } of ["rpi4", "rpi3-32"].map((name) => smallPlan(name)))
    for (const { task: of } of plan.steps) {
      const each = Object.keys(operator(of.op).schedules).map(
        (schedule) => [schedule, settings(of, by, schedule, {})] as const,
      );
      expect([...spaceOf(of, by)].map(pointText).sort()).toEqual(each.flatMap(([, all]) => all).sort());
      const some = each.filter(([, all]) => all.length > 0);
      const counts = [...countSpace(of, by)].sort();
      expect(counts).toEqual(some.map(([name, all]) => [name, all.length] as [string, number]).sort());
    }
});
