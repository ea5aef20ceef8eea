import { describe, expect, test } from "vitest";
import { compileChosen } from "../../compiler/driver/decide/decided-plan.ts";
import { opTask } from "../../compiler/driver/decide/op-task.ts";
import { neighbours } from "../../compiler/driver/tune/space.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import type { Choices } from "../../compiler/schedule/choose.ts";
import { compileTask, taskKnobs } from "../../compiler/task/compile-task.ts";

const inOrder = loadTarget("rpi3");
const wide = loadTarget("rpi4");
const dims = { G: 8, IC: 8, OC: 8, OH: 28, OW: 28, KH: 3, KW: 3 };
const made = (choices: Choices, target = inOrder) =>
  compileTask(opTask("conv2d", dims, target), target, { choices });
const finishing = (target = inOrder) =>
  Object.fromEntries(
    taskKnobs(opTask("conv2d", dims, target), target).map(({ name, options }) => [name, options]),
  );
/** Statements in no order. */
const statements = (c: string): readonly string[] =>
  c
    .split("\n")
    .filter((line) => !line.includes("*/"))
    .sort();

describe("how a scheduled kernel is finished", () => {
  test("has knobs beside the schedule's, behind them", () => {
    expect(Object.keys(finishing())).toEqual(["tile", "order", "asked", "ahead"]);
    expect(finishing().asked).toEqual(["usual", "+wide-order", "+keep-registers"]);
    expect(finishing().ahead).toEqual([8, 24]);
    expect(finishing(wide).asked).toBeUndefined();
    expect(finishing(wide).ahead).toEqual([0, 8, 24]);
  });

  test("is asked of the C compiler: the same C is another kernel", () => {
    const [usual, other] = [made({}), made({ asked: "+wide-order" })];
    expect(other.intents).toEqual([...usual.intents, "wide-order"]);
    expect(other.name).not.toBe(usual.name);
    expect(other.c.replaceAll(other.name, usual.name)).toBe(usual.c);
  });

  test("moves loads: the same statements in another order", () => {
    const [usual, other] = [made({}, wide), made({ ahead: 24 }, wide)];
    const named = other.c.replaceAll(other.name, usual.name);
    expect(named).not.toBe(usual.c);
    expect(statements(named)).toEqual(statements(usual.c));
  });

  test("is kept with the kernel where it is not as usual", () => {
    expect(made({ asked: "+wide-order", ahead: 24 }).knobs).toMatchObject({
      asked: "+wide-order",
      ahead: 24,
    });
    expect(Object.keys(made({ asked: "usual", ahead: 8 }).knobs)).toEqual(["tile", "order"]);
    expect(made({ asked: "usual", ahead: 8 }).name).toBe(made({}).name);
  });

  test("is no knob where there is no choice", () => {
    const task = opTask("conv2d", dims, wide);
    expect(() => compileChosen(task, wide, { choices: { asked: "+wide-order" } })).toThrow(
      "has no knob `asked`",
    );
  });

  test("is tried for the best of a search", () => {
    const task = opTask("conv2d", dims, inOrder);
    const { schedule, knobs } = made({});
    const near = [...neighbours(task, inOrder, { schedule, knobs })].map((point) => point.knobs);
    for (const other of [{ asked: "+wide-order" }, { asked: "+keep-registers" }, { ahead: 24 }])
      expect(near).toContainEqual({ ...knobs, ...other });
    const further = [...neighbours(task, inOrder, { schedule, knobs: { ...knobs, ahead: 24 } })];
    expect(further.map((point) => point.knobs)).toContainEqual({ ...knobs, ahead: 24, asked: "+wide-order" });
    expect(further.map((point) => point.knobs)).toContainEqual(knobs);
  });
});
