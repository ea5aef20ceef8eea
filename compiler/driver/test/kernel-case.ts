import type { CaseResult, Check, Figures } from "../../results/results.schema.ts";
import { namedNumber } from "../../support/named-numbers.ts";
import { outputBounds, randomData, runInNode } from "../kernel/kernel-reference.ts";
import { withKernel } from "../kernel/schedule-kernel.ts";
import { compileUserKernel, type UserKernel } from "../kernel/user-kernel.ts";
import type { CasePlace, Found } from "./case-place.ts";
import { failureIn, notCompared } from "./check-network.ts";
import { codeBytes } from "./code-bytes.ts";
import { found, unlessImpossible, writeReproducer } from "./explain-failure.ts";
import { culpritText, locateKernel } from "./locate/locate-kernel.ts";
import { keepStages, type Stage } from "./locate/stages.ts";
import type { KernelSubject, TestCase } from "./test-cases.ts";
import { someTimes, timeCase } from "./time-case.ts";

/** A kernel of the user's own, with its schedule: compared with the function run in Node. Throws K, S, L, C31x and R142. */
export async function runKernelCase(
  { threads, seed, measure }: TestCase,
  { file, kernelFunction, schedule, scheduleFunction, sizes, set }: KernelSubject,
  { runner, target, timeoutSeconds, signal, reproducers }: CasePlace,
): Promise<Found> {
  const { onStage, stages } = keepStages();
  const user = await compileUserKernel({
    dump: onStage,
    kernelFile: file,
    kernel: kernelFunction,
    scheduleFile: schedule,
    schedule: scheduleFunction,
    dims: sizes,
    choices: set,
    target,
  });
  const { name, kernel } = user;
  const checks: Check[] = [];
  let whole: Figures = {};
  let steadiness: CaseResult["steadiness"];
  for (const [i, count] of threads.entries()) {
    const options = { seed, threads: count, timeoutSeconds, signal };
    await withKernel(user, target, runner, options, async (checked) => {
      checks.push(...checked.checks.map((check) => checkOf(check, count, kernel.name)));
      if (i > 0) return;
      const timed = measure.includes("time") && checked.checks.every(({ ok }) => ok);
      const times = timed
        ? await timeCase(checked.network, runner, { timeoutSeconds, signal, threads: count })
        : undefined;
      steadiness = times?.steadiness;
      whole = {
        codeBytes: await codeBytes(checked.network.program),
        ...(times && { ns: someTimes(times.report.whole.ns) }),
      };
    });
  }
  const at = checks.findIndex(({ ok }) => !ok);
  if (at >= 0)
    checks[at] = await explained(
      checks[at],
      { user, stages, seed },
      { runner, target, timeoutSeconds, signal },
      reproducers,
    );
  const { schedule: chosen, choice, macs } = kernel;
  const figures: Figures = {
    ofBound: namedNumber(Math.max(0, ...checks.map(({ ofBound }) => Number(ofBound)))),
  };
  const layer = { name, op: name, kernel: kernel.name, schedule: chosen, choice, macs, figures };
  return { isa: target.isa.name, checks, whole, layers: [layer], ...(steadiness && { steadiness }) };
}

interface WrongKernel {
  readonly user: UserKernel;
  readonly stages: readonly Stage[];
  readonly seed: number;
}

/** A check that failed, with the step, pass or flag that made the kernel wrong, and a C file that shows it. */
async function explained(
  check: Check,
  { user, stages, seed }: WrongKernel,
  {
    runner,
    target,
    timeoutSeconds,
    signal,
  }: Pick<CasePlace, "runner" | "target" | "timeoutSeconds" | "signal">,
  folder: string | undefined,
): Promise<Check> {
  if (check.failure === undefined) return check;
  const tensors = randomData(user, seed);
  const data = { tensors, wanted: runInNode(user, tensors), bounds: outputBounds(user, tensors) };
  const culprit = await unlessImpossible(() =>
    locateKernel({
      data,
      threads: check.threads,
      compile: (onStage) => {
        for (const { name, proc } of stages) onStage(name, proc);
        return user;
      },
      isWrongOnBoard: (kernel, threads) =>
        withKernel(
          { ...user, kernel },
          target,
          runner,
          { seed, threads, timeoutSeconds, signal },
          async ({ checks }) => checks.some(({ ok }) => !ok),
        ),
    }),
  );
  const text = culprit && culpritText(culprit);
  const notes = {
    network: user.name,
    layer: user.kernel.schedule,
    ...(text !== undefined && { culprit: text }),
  };
  const file = await writeReproducer(user.kernel, data, target, notes, folder);
  return { ...check, failure: { ...check.failure, ...found(text, file) } };
}

type KernelCheck = Parameters<Parameters<typeof withKernel>[4]>[0]["checks"][number];

function checkOf(check: KernelCheck, threads: number, kernel: string): Check {
  return {
    ...{ inputs: "random", threads, reference: "the function in Node", ok: check.ok },
    ofBound: namedNumber(check.worst?.ofBound ?? 0),
    ...notCompared([[check.output, check]]),
    ...(!check.ok && { failure: { ...failureIn(check.output, check), kernel } }),
  };
}
