import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { compileStep } from "../../compiler/driver/decide/decided-plan.ts";
import { keptKernel } from "../../compiler/driver/decide/kept-kernels.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { smallPlan } from "./tune/layers.ts";

const folder = temporaryFolder("kept-kernels");
const { plan, target } = smallPlan();
const convolutions = plan.steps.filter(({ task }) => task.op === "conv2d");
const entries = (cache: string): string[] =>
  readdirSync(join(folder, cache, "kernels"), { recursive: true, encoding: "utf8" }).filter((name) =>
    /\.[0-9a-f]{16}$/.test(name),
  );

describe("kernels that were made before", () => {
  test("are what is made", async () => {
    for (const step of plan.steps) {
      const made = compileStep(step, target, undefined).kernel;
      for (let i = 0; i < 2; i++)
        expect(await keptKernel(step, target, undefined, join(folder, "all"))).toEqual(made);
    }
    expect(entries("all")).toHaveLength(new Set(plan.steps.map(({ task }) => JSON.stringify(task))).size);
  });

  test("are others by another decision, and on another target", async () => {
    const [step] = convolutions;
    const cache = join(folder, "others");
    const own = await keptKernel(step, target, undefined, cache);
    const wanted = { schedule: "gspc", knobs: {}, from: "user" } as const;
    expect((await keptKernel(step, target, wanted, cache)).schedule).toBe("gspc");
    expect(await keptKernel(step, { ...target, name: "other" }, undefined, cache)).toEqual(own);
    expect(entries("others")).toHaveLength(3);
  });

  test("are made anew where the disk damaged them", async () => {
    const [step] = convolutions;
    const cache = join(folder, "damaged");
    const made = await keptKernel(step, target, undefined, cache);
    for (const name of entries("damaged")) writeFileSync(join(cache, "kernels", name), "{}");
    expect(await keptKernel(step, target, undefined, cache)).toEqual(made);
  });

  test("are made where the cache is no folder", async () => {
    const cache = join(folder, "file");
    writeFileSync(cache, "");
    const [step] = convolutions;
    expect((await keptKernel(step, target, undefined, cache)).name).toMatch(/^conv2d_/);
  });
});
