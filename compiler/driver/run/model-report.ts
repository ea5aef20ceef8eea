import type { ChosenBy } from "../../artifact/kernel.ts";
import type { ModelledCycles } from "../../device/model-cycles.ts";
import type { Dims } from "../../language/kernel.ts";
import type { Core, Target } from "../../machine/target.schema.ts";
import { operator } from "../../task/compile-task.ts";
import { targetOf } from "../../task/halves.ts";
import type { BuiltNetwork } from "../build-network.ts";
import { type BoardTime, boardTime } from "./board-time.ts";
import type { ModelledNetwork } from "./model-network.ts";

/** Cycles of a network and of its layers on a modelled core, and what each layer loses. */
export interface ModelReport extends Partial<BoardTime> {
  readonly network: string;
  readonly target: string;
  readonly core: string;
  /** Not measured, and not of a board: a model's. */
  readonly timing: "modelled";
  readonly threads: 1;
  readonly macs: number;
  /** The most multiply-accumulates the core does in a cycle, of the floats of any layer. */
  readonly peak: number;
  readonly whole: ModelledCycles;
  readonly layers: readonly ModelledLayer[];
  /** Cycles of all layers; the whole has some more between them. */
  readonly layerSum: number;
}
export interface ModelledLayer extends ModelledCycles {
  readonly name: string;
  readonly op: string;
  readonly schedule: string;
  readonly choice: string;
  /** What the schedule chose it chose by the core's model; absent: by estimate. */
  readonly chosen?: ChosenBy;
  /** Multiply-accumulates that the network asks for; Winograd does with fewer. */
  readonly macs: number;
  readonly macsPerCycle: number;
  /** Cycles beyond those that what it multiplies takes at the core's peak, that of its floats. */
  readonly lost: number;
  /** Part of the core's peak, 0 to 1. */
  readonly ofPeak: number;
  /** Part of the layers' sum, 0 to 1. */
  readonly share: number;
}

/** What a core does at most: multiply-accumulates of whole vectors. */
export function peakMacs({ core, isa }: Pick<Target, "core" | "isa">): number {
  return core.fmaPerCycle * isa.lanes;
}

/** Channels that only fill vectors are no use; what an algorithm leaves out need not be done; its transforms are a loss. */
function leastProducts(op: string, d: Dims, macs: number): number {
  return Math.min(macs, operator(op).executes?.(d).products ?? macs);
}

/** The figures of a network, with what its layers are and what they could do. */
export function modelReport(
  { metadata, compiled, target }: BuiltNetwork,
  { whole, steps }: ModelledNetwork,
  core: Core = target.core,
): ModelReport {
  const peaks = compiled.plan.steps.map(({ task }) =>
    peakMacs({ core, isa: targetOf(task, compiled.target).isa }),
  );
  const layerSum = steps.reduce((sum, { cycles }) => sum + cycles, 0);
  return {
    network: metadata.name,
    target: metadata.target,
    core: core.name,
    timing: "modelled",
    threads: 1,
    macs: metadata.layers.reduce((sum, { macs }) => sum + macs, 0),
    peak: peaks.reduce((most, peak) => Math.max(most, peak), 0),
    ...boardTime(target.board, whole),
    whole,
    layers: metadata.layers.map(({ name, op, schedule, choice, chosen, macs }, i) => {
      const { dims } = compiled.plan.steps[i].task;
      const { cycles } = steps[i];
      const least = leastProducts(op, dims, macs) / peaks[i];
      return {
        ...{ name, op, schedule, choice },
        ...(chosen && { chosen }),
        macs,
        ...steps[i],
        macsPerCycle: cycles > 0 ? macs / cycles : 0,
        lost: cycles - least,
        ofPeak: cycles > 0 ? least / cycles : 0,
        share: layerSum > 0 ? cycles / layerSum : 0,
      };
    }),
    layerSum,
  };
}
