import { availableParallelism } from "node:os";
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
import { type Meter, type MeterPlace, measuredMeter, modelledMeter } from "./meter.ts";
import type { Watch } from "./race-kernels.ts";
import { BESIDE, type Place } from "./tune-record.ts";

export interface MeterOptions {
  /** What kernels are compiled for, with the instruction set that was chosen. */
  readonly target: Target;
  /** The board, or several equal ones; none: the model of the target's core. */
  readonly boards: readonly TuneBoard[];
  readonly threads: number;
  readonly watch?: Watch | undefined;
  /** Told what a user should know: a board that is left out. */
  readonly notice?: ((text: string) => void) | undefined;
  readonly jobs: number;
  readonly signal: AbortSignal;
  readonly cacheDir?: string;
}

export interface TuneBoard {
  readonly runner: Runner;
  /** The cores that threads are tied to, one each; absent: whichever the board gives. */
  readonly cores?: readonly number[] | undefined;
}

/**
 * What costs of kernels are found with, and what they belong to: times of a board that runs programs itself, else cycles of the
 * model of its core. Throws C341 for a model and several threads, C406 and C407 where there is no model, and what finding
 * a compiler or an emulator throws.
 */
export async function openMeter(
  options: MeterOptions,
): Promise<{ readonly meter: Meter; readonly place: Place }> {
  const { target, threads, jobs, signal, watch, notice, cacheDir = defaultCacheDir() } = options;
  const kind = options.boards[0]?.runner.timing === "measured" ? "measured" : "modelled";
  if (kind === "modelled" && threads > 1) throw modelsOneThread(target);
  const cycles = kind === "modelled" ? await openCoreModel(target, cacheDir) : undefined;
  const boards =
    options.boards.length > 0
      ? options.boards
      : [{ runner: qemuRunner(target.name, emulatorOf(target), target.core.mcpu) }];
  const toolchain = await findToolchain(target);
  const places = boards.map((board) => ({ ...board, threads, watch, signal }));
  // this machine builds the next batch beside what it measures: the cores that are measured on are left to that
  const isHere = kind === "measured" && boards.some(({ runner }) => runner.board === target.name);
  const builders = isHere ? Math.max(1, Math.min(jobs, availableParallelism() - threads)) : jobs;
  const race: MeterPlace = { target, toolchain, cacheDir, jobs: builders, signal, boards: places, notice };
  const place: Place = {
    board: boards
      .map(({ runner }) => runner.board)
      .sort()
      .join(BESIDE),
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
