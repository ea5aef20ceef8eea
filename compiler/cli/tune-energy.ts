import { join } from "node:path";
import type { Runner } from "../device/runner.ts";
import type { NetworkRequest } from "../driver/build-network.ts";
import type { Network } from "../driver/read-network.ts";
import type { TunedEnergy } from "../driver/tune/tuned-energy.ts";
import type { Target } from "../machine/target.schema.ts";
import type { Numerics } from "../ops/numerics.ts";
import { inTemporaryFolder } from "../support/temporary-folder.ts";
import type { Context } from "./command.ts";
import { compileWithSteps } from "./network-steps.ts";
import { makeSteps } from "./steps.ts";
import { NO_RECORDS, withRecords } from "./with-records.ts";

/** What was asked of energy; "not measured" where no sensor can be read. */
export type EnergyAnswer = TunedEnergy | "not measured";

export interface TuneEnergy {
  readonly network: Network;
  readonly target: Target;
  readonly numerics: Numerics | undefined;
  /** The records that the tune has written. */
  readonly log: string;
  readonly runner: Runner | undefined;
  readonly threads: number;
  readonly cores?: readonly number[] | undefined;
  readonly jobs: number;
  readonly meter: string | undefined;
}

/** Builds a network as it is estimated and as it was tuned, and measures the energy of both. */
export async function energyOfTune(
  { network, target, numerics = "fast", log, runner, threads, cores, jobs, meter }: TuneEnergy,
  { terminal, signal }: Context,
): Promise<EnergyAnswer> {
  const { tellsEnergy } = await import("../driver/run/measure-energy.ts");
  const { tunedEnergy } = await import("../driver/tune/tuned-energy.ts");
  if (runner === undefined || !(await tellsEnergy(runner, { meter, signal }))) return "not measured";
  const steps = makeSteps(terminal);
  const request = { jobs, dumpIr: undefined, numerics, signal };
  const tuned = await withRecords(network, { records: [log, NO_RECORDS], target }, request, terminal);
  const onLack = ({ error }: { readonly error: Error }): never => {
    throw error;
  };
  return inTemporaryFolder("build", async (folder) => {
    const build = (name: string, wanted: NetworkRequest) =>
      compileWithSteps(network, target, join(folder, name), wanted, steps, onLack);
    const programs = { estimated: await build("estimated", request), tuned: await build("tuned", tuned) };
    const options = { threads, cores, timeoutSeconds: 600, signal, meter };
    const found = await steps.run("measuring energy", (say) => tunedEnergy(programs, runner, options, say));
    return found ?? "not measured";
  });
}

const SHORT = "a candidate alone runs too short for a power sensor";

/** The energy of the winners beside that of what is estimated. */
export function tuneEnergyText(energy: EnergyAnswer | undefined): readonly string[] {
  if (energy === undefined) return [];
  if (energy === "not measured") return ["energy: not measured (no sensor can be read)"];
  const { estimated, tuned, saved, saved_low: low, saved_high: high } = energy;
  const percent = (part: number): string => `${(100 * part).toFixed(1)} %`;
  const mJ = (amount: number): string => amount.toPrecision(3);
  const verdict =
    low <= 0 && high >= 0
      ? `${percent(Math.abs(saved))} ${saved < 0 ? "more" : "less"}, within the noise`
      : `${percent(saved)} saved (${percent(low)} to ${percent(high)})`;
  return [
    `energy: ${mJ(tuned.mJ_per_frame)} mJ an inference with the winners, ${mJ(estimated.mJ_per_frame)} as estimated: ${verdict}`,
    `  by ${tuned.sensors.join(", ")}, of the whole network in two turns each: ${SHORT}`,
  ];
}
