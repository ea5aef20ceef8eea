import { expect, it } from "vitest";
import { beginsFromMemory, factorLanes, takesHalfVectors } from "../../compiler/machine/isa-rows.ts";
import { loadTarget } from "../../compiler/machine/load.ts";

/** A 64-bit target's cores that load half a vector in the time of one, and do nothing beside a whole one. */
const BY_HALVES = ["rpi3", "zero2w", "-mcpu=cortex-a55"];
const WHOLE = ["rpi4", "rpi5", "rpi2", "rpi3-32", "odroid-xu4", "host"];

it.each(BY_HALVES)("%s multiplies by lanes of halves", (name) => {
  const target = loadTarget(name);
  expect(factorLanes(target)).toBe(2);
  expect(takesHalfVectors(target)).toBe(true);
});

it.each(WHOLE)("%s multiplies by lanes of whole vectors, or by none", (name) => {
  const target = loadTarget(name);
  expect(factorLanes(target)).toBe(target.isa.lanes);
  expect(takesHalfVectors(target)).toBe(false);
});

it("an instruction set without rows for halves keeps to whole vectors", () => {
  const target = loadTarget("rpi3");
  const rows = target.isa.rows?.filter(({ op }) => op !== "mulLane");
  expect(factorLanes({ ...target, isa: { ...target.isa, rows } })).toBe(4);
});

it.each([
  ["rpi4", true],
  ["rpi5", true],
  ["rpi3", false],
  ["-mcpu=cortex-a55", false],
  ["rpi2", false],
  ["host", false],
])("%s loads vectors rather than copying them: %s", (name, loads) => {
  expect(beginsFromMemory(loadTarget(name))).toBe(loads);
});
