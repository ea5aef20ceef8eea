import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { loopCosts } from "../../analyze/loop-costs.ts";
import { FLAG_RULE, isCompilerFlag } from "../../artifact/compiler-flag.ts";
import { INTENTS, type Intent, isIntent } from "../../artifact/intent.ts";
import type { LoopProc } from "../../ir/proc.ts";
import type { Dims } from "../../language/kernel.ts";
import { dimensionsOf, type KernelParameter } from "../../language/kernel-parameters.ts";
import { forgetKernelFiles, kernelParameters, parseKernelText } from "../../language/parse-kernel.ts";
import type { Target } from "../../machine/target.schema.ts";
import type { Scheduled } from "../../ops/op.ts";
import { type Choices, type Choose, chosen, recording, refuseUnknownKnobs } from "../../schedule/choose.ts";
import { Schedule } from "../../schedule/schedule.ts";
import { InternalError, UserError } from "../../support/diagnostic.ts";
import { shownPath } from "../../support/shown-path.ts";
import { didYouMean, shortJson } from "../../support/text.ts";
import { checked } from "../../task/check-stage.ts";
import { type CompiledProc, compileProc, type Made, type OnStage } from "../../task/compile-proc.ts";
import { placeIn, userFunction } from "./user-module.ts";

/** What a schedule function is told besides the schedule it starts from. */
export interface ScheduleContext {
  readonly dims: Dims;
  readonly target: Target;
  readonly choose: Choose;
}
/** A user's schedule: gives the steps taken, and may say in a line what it chose. */
export type ScheduleFunction = (
  s: Schedule,
  context: ScheduleContext,
) =>
  | Schedule
  | {
      readonly schedule: Schedule;
      readonly choice?: string;
      /** What it asks of whatever C compiler there is. */
      readonly intents?: readonly Intent[];
      /** Flags, for the one C compiler that it is for. */
      readonly cflags?: readonly string[];
    };

export interface UserKernelRequest {
  readonly kernelFile: string;
  /** Absent: the only function the file exports. */
  readonly kernel?: string | undefined;
  /** Absent: the loops as they are written. */
  readonly scheduleFile?: string | undefined;
  readonly schedule?: string | undefined;
  readonly dims: Dims;
  readonly choices: Choices;
  readonly target: Target;
  readonly dump?: OnStage | undefined;
}
/** A user's kernel, compiled, and as the function it is. */
export interface UserKernel extends CompiledProc {
  readonly name: string;
  readonly parsed: LoopProc;
  /** The function itself, as Node runs it. */
  readonly run: (...args: readonly unknown[]) => unknown;
  /** Its parameters in order; those the compiled kernel dropped included. */
  readonly parameters: readonly KernelParameter[];
  readonly dims: Dims;
}

/**
 * A user's kernel and schedule, compiled for a target. Throws C311 to C315 (files, functions, sizes), K codes
 * (outside the language), S codes (a step is refused; with its line) and L codes.
 */
export async function compileUserKernel(request: UserKernelRequest): Promise<UserKernel> {
  const { kernelFile, scheduleFile, dims, target } = request;
  forgetKernelFiles();
  const { name, run } = await userFunction(kernelFile, "kernel", request.kernel);
  const text = readFileSync(kernelFile, "utf8");
  const parameters = kernelParameters(text, resolve(kernelFile), name);
  checkDims(dims, parameters, name);
  const parsed = parseKernelText(text, dims, { fileName: resolve(kernelFile), name });
  const { choose, knobs, taken } = recording(chosen(request.choices));
  const schedule =
    scheduleFile === undefined ? undefined : await userFunction(scheduleFile, "schedule", request.schedule);
  const make = (start: Schedule): Made => {
    if (schedule === undefined || scheduleFile === undefined) {
      refuseUnknownKnobs(request.choices, knobs, "as written");
      return { schedule: start, choice: "loops as they are written", name: "as written", knobs, taken };
    }
    const scheduled = takeSteps(scheduleFile, () => schedule.run(start, { dims, target, choose }));
    refuseUnknownKnobs(request.choices, knobs, schedule.name);
    return { ...scheduled, name: schedule.name, knobs, taken };
  };
  const macs = Math.round(loopCosts(parsed, target.isa.lanes).macs);
  const compiled = compileProc(
    parsed,
    make,
    target,
    { name, dims, macs },
    { onStage: checked(request.dump) },
  );
  return { ...compiled, name, parsed, run, parameters, dims };
}

/** Runs a schedule function; a refused step is shown with its line. Throws C314 when it gives no schedule. */
function takeSteps(file: string, run: () => unknown): Scheduled & Pick<Made, "cflags"> {
  let result: unknown;
  try {
    result = run();
  } catch (error) {
    if (error instanceof InternalError) throw error;
    const place = placeIn(error, file, readFileSync(file, "utf8"));
    if (error instanceof UserError) {
      const { where } = error.diagnostic;
      const both = [place, where].filter((part) => part !== undefined).join("\n");
      throw new UserError({ ...error.diagnostic, ...(both === "" ? {} : { where: both }) }, { cause: error });
    }
    const why = error instanceof Error ? error.message : String(error);
    throw badSchedule("the schedule failed", why, place ?? shownPath(file));
  }
  if (result instanceof Schedule) return { schedule: result, choice: "as the file says" };
  if (
    typeof result === "object" &&
    result !== null &&
    "schedule" in result &&
    result.schedule instanceof Schedule
  ) {
    const {
      choice = "as the file says",
      intents = [],
      cflags = [],
    } = result as {
      choice?: string;
      intents?: readonly string[];
      cflags?: readonly string[];
    };
    const unknown = intents.find((intent) => !isIntent(intent));
    if (unknown !== undefined)
      throw badSchedule(
        `the schedule asks the C compiler for ${shortJson(unknown)}`,
        `what can be asked for is ${INTENTS.join(", ")}`,
        shownPath(file),
      );
    const odd = cflags.find((flag) => !isCompilerFlag(flag));
    if (odd !== undefined)
      throw badSchedule(`the schedule has the compiler flag ${shortJson(odd)}`, FLAG_RULE, shownPath(file));
    return { schedule: result.schedule, choice, intents: intents.filter(isIntent), cflags };
  }
  throw badSchedule(
    "the schedule function returns no schedule",
    "it has to return what its last step gave",
    shownPath(file),
  );
}

function badSchedule(title: string, why: string, where: string): UserError {
  return new UserError({ code: "C314", exit: "badInput", title, where, why });
}

/** Throws C315 for a size that the kernel does not have. One that is missing is found when the kernel is read. */
function checkDims(dims: Dims, parameters: readonly KernelParameter[], name: string): void {
  const known = dimensionsOf(parameters);
  const odd = Object.keys(dims).find((dim) => !known.includes(dim));
  if (odd === undefined) return;
  const close = didYouMean(
    odd,
    known.filter((n) => !(n in dims)),
  );
  throw new UserError({
    code: "C315",
    exit: "usage",
    title: `the kernel \`${name}\` has no dimension \`${odd}\``,
    why: known.length === 0 ? "it has no dimensions" : `its dimensions are ${known.join(", ")}`,
    ...(close === undefined ? {} : { help: [`did you mean \`${close}\`?`] }),
  });
}
