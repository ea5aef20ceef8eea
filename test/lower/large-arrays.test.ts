import { expect, test } from "vitest";
import { stepsOf } from "../../compiler/ir/steps.ts";
import type { VBlock, VStmt } from "../../compiler/ir/vector.ts";
import { STACK_BYTES, takeLargeArrays } from "../../compiler/lower/large-arrays.ts";

const array = (name: string, size: number): VStmt => ({ kind: "array", name, size, dtype: "f32" });
const shared = (axis: string, body: VBlock): VStmt => ({ kind: "for", axis, extent: 4, shared: true, body });
/** Two steps, what lies between them, and an array of the second one's iterations. */
const inSteps = (size: number): VBlock => [
  array("between", 16),
  shared("i", []),
  shared("j", [array("own", size)]),
];

test("threads share the iterations of a step whose own arrays are on each thread's stack", () => {
  const { block, scratch } = takeLargeArrays(inSteps(16));
  expect(scratch.map(({ name }) => name)).toEqual(["between"]);
  expect(stepsOf(block)?.steps.map(({ loops }) => loops.length)).toEqual([1, 1]);
});

test("one thread has a step alone whose own arrays are handed over: all threads are handed the same", () => {
  const { block, scratch } = takeLargeArrays(inSteps(STACK_BYTES));
  expect(scratch.map(({ name }) => name)).toEqual(["own", "between"]);
  expect(stepsOf(block)?.steps.map(({ loops }) => loops.length)).toEqual([1, 0]);
});
