import { qemuRunner } from "../../device/qemu.ts";
import type { Runner } from "../../device/runner.ts";
import { emulatorOf } from "../../machine/load.ts";
import type { Target } from "../../machine/target.schema.ts";
import { defaultCacheDir } from "../../support/cache-folder.ts";
import { UserError } from "../../support/diagnostic.ts";
import { findToolchain } from "../../toolchain/toolchain.ts";
import { openCoreModel } from "../decide/model-kernel.ts";
import { madeWith } from "../run/made-with.ts";
import { coreName } from "./core-name.ts";
import { type Meter, measuredMeter, modelledMeter } from "./meter.ts";
import type { Place } from "./tune-record.ts";

export interface MeterOptions {
  /** What kernels are compiled for, with the instruction set that was chosen. */
  readonly target: Target;
  /** The board; absent: the model of the target's core. */
  readonly runner?: Runner | undefined;
  readonly threads: number;
  /** The cores that threads are tied to, one each; absent: whichever the board gives. */
  readonly cores?: readonly number[] | undefined;
  readonly jobs: number;
  readonly signal: AbortSignal;
  readonly cacheDir?: string;
}

/**
 * What costs of kernels are found with, and what they belong to: times of a board that runs programs itself, else cycles of the
 * model of its core. Throws C341 for a model and several threads, C406 and C407 where there is no model, and what finding
 * a compiler or an emulator throws.
 */
export async function openMeter(
  options: MeterOptions,
): Promise<{ readonly meter: Meter; readonly place: Place }> {
  const { target, threads, cores, jobs, signal, cacheDir = defaultCacheDir() } = options;
  const kind = options.runner?.timing === "measured" ? "measured" : "modelled";
  if (kind === "modelled" && threads > 1) throw modelsOneThread(target);
  const cycles = kind === "modelled" ? await openCoreModel(target, cacheDir) : undefined;
  const runner = options.runner ?? qemuRunner(target.name, emulatorOf(target), target.core.mcpu);
  const toolchain = await findToolchain(target);
  const race = { target, runner, toolchain, cacheDir, threads, cores, jobs, signal };
  const place: Place = {
    board: runner.board,
    target: target.name,
    core: coreName(target),
    isa: target.isa.name,
    threads,
    made: await madeWith(target),
    kind,
  };
  return { meter: cycles === undefined ? measuredMeter(race) : modelledMeter(race, cycles), place };
}

function modelsOneThread(target: Target): UserError {
  return new UserError({
    code: "C341",
    exit: "usage",
    title: `\`${target.name}\` can only be tuned for one thread`,
    why: "the model of its core knows nothing of threads",
    help: ["leave --threads out, or tune on a board: --board user@host"],
  });
}
