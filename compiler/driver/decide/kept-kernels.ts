import { readFile, writeFile } from "node:fs/promises";
import { setImmediate } from "node:timers/promises";
import type { Kernel } from "../../artifact/kernel.ts";
import type { Step } from "../../graph/plan.ts";
import { loadTsMorph } from "../../language/ts-morph.ts";
import type { Target } from "../../machine/target.schema.ts";
import { defaultCacheDir } from "../../support/cache-folder.ts";
import { compilerBuild } from "../../support/compiler-build.ts";
import { UserError } from "../../support/diagnostic.ts";
import { contentKey } from "../../support/stable.ts";
import { checksAll } from "../../task/check-stage.ts";
import { operator, parseTask } from "../../task/compile-task.ts";
import { cached, store } from "../../toolchain/cache.ts";
import { compileStep } from "./decided-plan.ts";
import type { StepDecision } from "./decisions.ts";

/**
 * The kernel of a step as this build of the compiler made it before, else made now and kept in the user's cache: under all
 * that it hangs on, the compiler's own code among it. Throws what `compileStep` does.
 */
export async function keptKernel(
  step: Step,
  target: Target,
  decision: StepDecision | undefined,
  cacheDir: string = defaultCacheDir(),
): Promise<Kernel> {
  if (checksAll()) return compileStep(step, target, decision).kernel;
  const key = contentKey({
    build: compilerBuild(),
    target: targetKey(target),
    task: step.task,
    decision,
  });
  const path = await cached(cacheDir, "kernels", key);
  if (path !== undefined) return JSON.parse(await readFile(path, "utf8")) as Kernel;
  // parsed tasks are kept: each part for itself is short enough for ctrl-C
  loadTsMorph();
  await setImmediate();
  parseTask(operator(step.task.op), step.task);
  await setImmediate();
  const { kernel } = compileStep(step, target, decision);
  await store(cacheDir, "kernels", key, (to) => writeFile(to, JSON.stringify(kernel))).catch(
    unlessUnwritable,
  );
  return kernel;
}

/** A cache that cannot be written, on a full disk for instance, costs time, and nothing else. */
function unlessUnwritable(error: unknown): void {
  const isSystems = error instanceof Error && "code" in error;
  if (!(error instanceof UserError) && !isSystems) throw error;
}

const keys = new WeakMap<Target, string>();

function targetKey(target: Target): string {
  const key = keys.get(target) ?? contentKey(target);
  keys.set(target, key);
  return key;
}
