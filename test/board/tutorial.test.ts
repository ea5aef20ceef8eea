import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { opTask } from "../../compiler/driver/decide/op-task.ts";
import { PACKAGE_ROOT } from "../../compiler/support/paths.ts";
import { compileTask } from "../../compiler/task/compile-task.ts";
import { countKernel } from "../examples/count.ts";
import { type Counted, compileConv, compileMatmul, TARGET } from "../examples/tutorial.ts";
import { STEPS } from "../examples/tutorial-steps.ts";
import { sample } from "../support/amount.ts";

const FILE = join(PACKAGE_ROOT, "test/examples/counted.json");
const WRITE = process.env.TILEWRIGHT_COUNT === "1";

const STATED = JSON.parse(readFileSync(FILE, "utf8")) as Counted;
/** Steps that are counted, the last always: every day some. */
const COUNTED = [...sample([...STEPS.keys()], WRITE ? 1 : 3), STEPS.length - 1];

/** The built-in pointwise convolution of the matrix multiply's size: 28x28 pixels, 64 to 64 channels. */
const pointwise = () => compileTask(opTask("conv2d", { OC: 64, IC: 64, OH: 28, OW: 28 }, TARGET), TARGET);

async function count(): Promise<Counted> {
  const steps: number[] = [];
  for (const [i, { schedule }] of STEPS.entries())
    steps.push(
      COUNTED.includes(i) ? await countKernel((await compileConv(schedule)).kernel, TARGET) : STATED.steps[i],
    );
  return {
    steps,
    matmul: await countKernel((await compileMatmul()).kernel, TARGET),
    pointwise: await countKernel(pointwise(), TARGET),
  };
}

/** TILEWRIGHT_COUNT=1 writes the figures anew (format them); another gcc may differ a little, a schedule that changed differs a lot. */
test("the instructions that the tutorial states are those that are executed", async () => {
  const found = await count();
  if (WRITE) writeFileSync(FILE, `${JSON.stringify(found, null, 2)}\n`);
  const stated = WRITE ? found : STATED;
  found.steps.forEach((n, i) => {
    expect(n / stated.steps[i], `step ${i + 1}`).toBeGreaterThan(0.9);
    expect(n / stated.steps[i], `step ${i + 1}`).toBeLessThan(1.1);
  });
  expect(Math.min(...found.steps)).toBe(found.steps.at(-1));
  // a newcomer's matrix multiply against the built-in kernel
  expect(found.matmul / found.pointwise).toBeLessThan(1.1);
});
