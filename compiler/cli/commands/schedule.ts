import type { OpenBoardOptions } from "../../device/open-board.ts";
import type { Runner } from "../../device/runner.ts";
import type { KernelTrial } from "../../driver/kernel/schedule-kernel.ts";
import type { UserKernel } from "../../driver/kernel/user-kernel.ts";
import { type Repetition, usualRepetition } from "../../driver/run/repetition.ts";
import type { Target } from "../../machine/target.schema.ts";
import { writeWhole } from "../../support/write-whole.ts";
import { boardAccess } from "../board-access.ts";
import { type Context, defineCommand } from "../command.ts";
import { reportFailure } from "../failure.ts";
import { wholeNumber } from "../numbers.ts";
import { checkOutputs } from "../outputs.ts";
import { scheduleText } from "../schedule-text.ts";
import { BOARD_ACCESS, DUMP_IR, JSON_OUTPUT, SET_KNOB, TARGET, THREADS, TIMEOUT } from "../shared-options.ts";
import { parseKnobs, parseSizes } from "../sizes.ts";
import { runOnSave } from "../watch.ts";

export const schedule = defineCommand({
  name: "schedule",
  summary: "Compile a kernel and schedule of your own to C, check it against Node, and time it",
  positionals: [
    { name: "KERNEL", describe: "TypeScript file that exports the kernel", required: true },
    {
      name: "SCHEDULE",
      describe: "file that exports the schedule (default: the loops as written)",
      required: false,
    },
  ],
  options: {
    shape: { type: "string", array: true, describe: "the kernel's dimensions, as N=1,C=64" },
    target: { ...TARGET, describe: `${TARGET.describe} (default: the board's, else host)` },
    board: { type: "string", describe: "where to run (default: the target, if it runs here)" },
    kernel: { type: "string", describe: "function of the kernel file (default: its only one)" },
    schedule: {
      type: "string",
      describe: "function of the schedule file (default: `schedule`, or its only one)",
    },
    set: SET_KNOB,
    output: { alias: "o", type: "string", describe: "file for the C" },
    "dump-ir": DUMP_IR,
    watch: { type: "boolean", default: false, describe: "again whenever a file beside them is saved" },
    seed: { type: "number", describe: "seed of the random inputs (default 1)" },
    warmup: { type: "number", describe: "runs before the first that counts (default 3, emulated 1)" },
    repeats: { type: "number", describe: "runs that count (default 30, emulated 3)" },
    threads: THREADS,
    timeout: TIMEOUT,
    ...BOARD_ACCESS,
    json: JSON_OUTPUT,
  },
  examples: [
    [
      "tilewright schedule my.kernel.ts my.schedule.ts --shape M=64,N=64,K=64 --board BOARD",
      "right and how fast?",
    ],
    ["tilewright schedule my.kernel.ts my.schedule.ts --shape N=64 --watch", "again on every save"],
  ],
  run: async (values, context) => {
    const { terminal, signal } = context;
    const { targetOf } = await import("../../driver/run/board-target.ts");
    const { loadTarget } = await import("../../machine/load.ts");
    const target =
      values.board === undefined
        ? loadTarget(values.target ?? "host")
        : await targetOf(values.board, values.target, {
            ...boardAccess(values),
            notice: terminal.note,
            signal,
          });
    const board = values.board ?? (target.board.run === "ssh" ? undefined : target.name);
    const seconds = wholeNumber("timeout", values.timeout, 1, 600);
    const request = {
      kernelFile: values.words.KERNEL ?? "",
      kernel: values.kernel,
      scheduleFile: values.words.SCHEDULE,
      schedule: values.schedule,
      dims: parseSizes("shape", values.shape),
      choices: parseKnobs(values.set),
      target,
    };
    const options = (usual: Repetition) => ({
      seed: wholeNumber("seed", values.seed, 0, 1),
      warmup: wholeNumber("warmup", values.warmup, 0, usual.warmup),
      repeats: wholeNumber("repeats", values.repeats, 1, usual.repeats),
      threads: wholeNumber("threads", values.threads, 1, 1),
      timeoutSeconds: seconds,
      signal,
    });
    options(usualRepetition("measured"));
    await checkOutputs("schedule", filesOf(request), [{ option: "-o", path: values.output }]);
    const once = async (runner: Runner | undefined): Promise<void> => {
      const user = await compile(request, values["dump-ir"]);
      const { output } = values;
      if (output !== undefined) {
        await writeWhole(output, user.kernel.c);
      }
      const trial =
        runner === undefined
          ? undefined
          : await trialOf(user, target, runner, options(usualRepetition(runner.timing)));
      if (values.json) terminal.out(JSON.stringify(jsonOf(user, target, trial), null, values.watch ? 0 : 2));
      else terminal.out(scheduleText(user, target, trial, output, terminal.outColors));
    };
    const runner = board === undefined ? undefined : await open(board, target, boardAccess(values), context);
    try {
      if (!values.watch) return await once(runner);
      await again(filesOf(request), () => once(runner), context);
    } finally {
      await runner?.close();
    }
  },
});

/** The user's own files. */
function filesOf({
  kernelFile,
  scheduleFile,
}: {
  readonly kernelFile: string;
  readonly scheduleFile?: string | undefined;
}): string[] {
  return [kernelFile, ...(scheduleFile === undefined ? [] : [scheduleFile])];
}

/** Does the work whenever a file is saved; a failure is told, and the next save tries anew. */
async function again(
  watched: readonly string[],
  work: () => Promise<void>,
  { terminal, signal }: Context,
): Promise<void> {
  const once = async (): Promise<void> => {
    const began = performance.now();
    await work().catch((error: unknown) => {
      if (!signal.aborted) reportFailure(error, terminal, "");
    });
    const took = ((performance.now() - began) / 1000).toFixed(1);
    if (!signal.aborted) terminal.note(`${took} s; watching ${watched.join(", ")} (ctrl-C ends)`);
  };
  await runOnSave(watched, once, signal);
}

async function compile(
  request: Omit<
    Parameters<typeof import("../../driver/kernel/user-kernel.ts")["compileUserKernel"]>[0],
    "dump"
  >,
  dumpIr: string | undefined,
): Promise<UserKernel> {
  const { compileUserKernel } = await import("../../driver/kernel/user-kernel.ts");
  if (dumpIr === undefined) return compileUserKernel(request);
  const { dumpInto, kernelDump } = await import("../../driver/dump-ir.ts");
  const { dump, finish } = kernelDump("", request.target, dumpInto(dumpIr));
  const user = await compileUserKernel({ ...request, dump });
  finish();
  return user;
}

async function trialOf(
  user: UserKernel,
  target: Target,
  runner: Runner,
  options: Parameters<typeof import("../../driver/kernel/schedule-kernel.ts")["tryKernel"]>[3],
): Promise<KernelTrial> {
  const { tryKernel } = await import("../../driver/kernel/schedule-kernel.ts");
  return tryKernel(user, target, runner, options);
}

async function open(
  board: string,
  target: Target,
  access: OpenBoardOptions,
  { terminal, signal }: Context,
): Promise<Runner> {
  const { openBoard } = await import("../../device/open-board.ts");
  const { runner } = await openBoard(board, {
    target,
    notice: terminal.note,
    ...access,
    signal,
  });
  return runner;
}

function jsonOf(
  { name, kernel, schedule: { trace }, dims, lostThreads }: UserKernel,
  target: Target,
  trial: KernelTrial | undefined,
) {
  return {
    kernel: name,
    dims,
    target: target.name,
    schedule: kernel.schedule,
    choice: kernel.choice,
    trace,
    macs: kernel.macs,
    grid: kernel.grid,
    lostThreads,
    c: kernel.c,
    ...(trial === undefined ? {} : { trial }),
  };
}
