import { expect, test } from "vitest";
import { opTask } from "../../compiler/driver/decide/op-task.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { defined } from "../../compiler/support/assert.ts";
import { compileTask, taskKnobs } from "../../compiler/task/compile-task.ts";
import { bothResults } from "./both-results.ts";

const target = loadTarget("qemu-rpi4");
const SIZES = { IC: 32, OC: 16, OH: 4, OW: 5, BIAS: 1, RES: 1 };
const BY_PIXEL = "kernel pixel after pixel";

const WINDOWS = [
  { KH: 2, KW: 2, SH: 2, SW: 2 },
  { KH: 2, KW: 1, SH: 2, SW: 3, G: 2 },
  { KH: 2, KW: 3, SH: 3, SW: 3, N: 2, IC: 36 },
];

test.each(WINDOWS)("a convolution by windows apart, %o, is right in each order", (window) => {
  const task = opTask("conv2d", { ...SIZES, ...window }, target);
  expect(compileTask(task, target).choice).toContain(BY_PIXEL);
  const orders = defined(
    taskKnobs(task, target).find(({ name }) => name === "order"),
    "the knob `order`",
  ).options;
  expect(orders).toContain("packed");
  for (const order of orders) {
    const [right, made] = bothResults(task, target, { order: String(order) });
    for (const [i, value] of made.entries()) expect(value).toBeCloseTo(right[i], 4);
  }
});

test.each([
  { KH: 3, KW: 3, SH: 2, SW: 2 },
  { KH: 2, KW: 2, SH: 2, SW: 2, DW: 2 },
  { KH: 2, KW: 2, SH: 2, SW: 2, IC: 16 },
])("windows of %o share pixels, or have few channels, and go through blocks of these", (window) => {
  expect(compileTask(opTask("conv2d", { ...SIZES, ...window }, target), target).choice).not.toContain(
    BY_PIXEL,
  );
});
