import type { Kernel } from "../../../artifact/kernel.ts";
import { shortJson } from "../../../support/text.ts";
import type { CompiledProc, OnStage } from "../../../task/compile-proc.ts";
import { firstWrongStage, keepStages, type StageData } from "./stages.ts";

/** A kernel that may be wrong: how it is made, what it must compute, and how it is tried on the board that it was wrong on. */
export interface Suspect {
  readonly compile: (onStage: OnStage) => CompiledProc;
  readonly data: StageData;
  /** Whether a kernel, built alone with its own flags, computes something else there. */
  readonly isWrongOnBoard: (kernel: Kernel, threads: number) => Promise<boolean>;
  readonly threads: number;
}

/** Where a kernel went wrong. */
export type Culprit =
  /** Alone it is right. */
  | { readonly kind: "none" }
  | { readonly kind: "step"; readonly index: number; readonly step: string }
  | { readonly kind: "pass"; readonly pass: string }
  /** What was lowered is right, what is printed and compiled without optimisation is not. */
  | { readonly kind: "c" }
  /** A flag without which the same C is right, or the optimisation itself. */
  | { readonly kind: "flag"; readonly flag: string }
  /** Only where several threads share the work. */
  | { readonly kind: "threads"; readonly threads: number };

/** Multiply-accumulates that are interpreted in about a minute. */
const MOST_MACS = 2e7;

/**
 * Finds the first step of the schedule, pass of lowering, or flag of the C compiler after which a kernel computes something else.
 * Loops and vectors are interpreted (ir/), what comes after them is built and run.
 */
export async function locateKernel({ compile, data, isWrongOnBoard, threads }: Suspect): Promise<Culprit> {
  const { onStage, stages } = keepStages();
  const { kernel, schedule } = compile(onStage);
  if (kernel.macs <= MOST_MACS) {
    const at = firstWrongStage(stages, data);
    if (at !== undefined) {
      const { name, proc } = stages[at];
      const steps = schedule.trace.length;
      if (proc.stage === "loop" && at <= steps)
        return {
          kind: "step",
          index: at,
          step: at === 0 ? "the kernel as it is read" : shortJson(schedule.trace[at - 1]),
        };
      return { kind: "pass", pass: name };
    }
  }
  if (await isWrongOnBoard(kernel, 1)) return inC(kernel, (other) => isWrongOnBoard(other, 1));
  if (threads > 1 && (await isWrongOnBoard(kernel, threads))) return { kind: "threads", threads };
  return { kind: "none" };
}

/** What comes after lowering: the C that is printed, and what the C compiler does with it. */
async function inC(kernel: Kernel, isWrong: (kernel: Kernel) => Promise<boolean>): Promise<Culprit> {
  const plain = { ...kernel, intents: [], cflags: ["-O0"] };
  if (await isWrong(plain)) return { kind: "c" };
  for (const intent of kernel.intents) {
    const without = kernel.intents.filter((other) => other !== intent);
    if (!(await isWrong({ ...kernel, intents: without }))) return { kind: "flag", flag: intent };
  }
  for (const flag of kernel.cflags) {
    const without = kernel.cflags.filter((other) => other !== flag);
    if (!(await isWrong({ ...kernel, cflags: without }))) return { kind: "flag", flag };
  }
  return { kind: "flag", flag: "-O, optimisation as such" };
}

/** For a person. */
export function culpritText(culprit: Culprit): string | undefined {
  switch (culprit.kind) {
    case "none":
      return undefined;
    case "step":
      return culprit.index === 0 ? culprit.step : `step ${culprit.index} of the schedule, ${culprit.step}`;
    case "pass":
      return `the lowering pass ${culprit.pass}`;
    case "c":
      return "the C: what was lowered is right when interpreted, and wrong when compiled, even with -O0";
    case "flag":
      return `the C compiler: the same C is right without ${culprit.flag}`;
    case "threads":
      return `work shared by ${culprit.threads} threads: on one it is right`;
  }
}
