import { expect, test } from "vitest";
import { decidedPlan } from "../../../compiler/driver/decide/decided-plan.ts";
import { pointText } from "../../../compiler/driver/tune/candidate.ts";
import { neighbours, randomPoint, spaceOf } from "../../../compiler/driver/tune/space.ts";
import { loadTarget } from "../../../compiler/machine/load.ts";
import { UserError } from "../../../compiler/support/diagnostic.ts";
import { makeRng } from "../../../compiler/support/rng.ts";
import { compileTask } from "../../../compiler/task/compile-task.ts";
import { graphBuilder } from "../../graph/graph-builder.ts";
import { convTask, smallPlan } from "./layers.ts";

const planned = smallPlan();
const task = convTask(planned, 3);
const { target } = planned;
const points = [...spaceOf(task, target)];

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
  for (const point of [...beside, ...drawn]) expect(texts).toContain(pointText(point));
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
