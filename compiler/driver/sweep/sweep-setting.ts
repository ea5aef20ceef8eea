import { countLayers, type LayerCost, sumCosts } from "../../analyze/count-network.ts";
import { executedMacs } from "../../analyze/lanes.ts";
import { boundOf, roofsOf } from "../../analyze/roofline.ts";
import type { CostKind, Setting, SweepLayer, SweepRecord } from "../../analyze/sweep-record.ts";
import type { Runner } from "../../device/runner.ts";
import type { Graph } from "../../graph/graph.ts";
import type { Target } from "../../machine/target.schema.ts";
import { compilerBuild } from "../../support/compiler-build.ts";
import { UserError } from "../../support/diagnostic.ts";
import { contentKey } from "../../support/stable.ts";
import { type BuiltNetwork, buildBinary, compileToBundle, type NetworkRequest } from "../build-network.ts";
import type { Say } from "../progress.ts";
import { type BenchOptions, type BenchReport, benchNetwork } from "../run/bench-network.ts";
import { countSteps } from "../run/count-network.ts";
import { measureEnergy } from "../run/measure-energy.ts";
import { nsPerCycle } from "../run/modelled-board.ts";

/** Where and how the settings of a network are measured. */
export interface SweepPlace extends Omit<BenchOptions, "signal" | "say"> {
  readonly target: Target;
  /** Absent: nothing runs, and costs are the target's roofline bounds. */
  readonly runner?: Runner;
  /** On an emulated board: cycles of its core as modelled, at its clock, instead of instructions. */
  readonly modelled?: boolean;
  /** C compiler and flags, where something is built: `madeWith()`. */
  readonly made?: string;
  /** Tells the board from others, whatever it is called; absent where it does not say. */
  readonly machine?: string;
  readonly request: NetworkRequest;
}
/** What of a place tells settings apart. */
type SettingPlace = Pick<
  SweepPlace,
  "target" | "runner" | "modelled" | "made" | "machine" | "threads" | "cores" | "repeats"
>;

export interface SweepJob {
  readonly graph: Graph;
  /** Content key of the network before its setting. */
  readonly model: string;
  readonly setting: Setting;
  /** Names of the layers that settings change. */
  readonly variable: ReadonlySet<string>;
}
/** Instructions or modelled cycles of kernels. */
export interface KernelCounts {
  readonly known: ReadonlyMap<string, number>;
  readonly onKernel: (kernel: string, count: number) => Promise<void>;
}

/** What the costs of a place are: times of a processor, of its model, of an emulator over ssh, instructions under qemu, or bounds. */
export function costKind({
  runner,
  target,
  modelled,
}: Pick<SweepPlace, "runner" | "target" | "modelled">): CostKind {
  if (runner === undefined) return "bound";
  if (modelled) return "modelled";
  if (runner.timing !== "emulated") return runner.timing;
  return target.board.run === "qemu" ? "instructions" : "emulated";
}

function isTime(kind: CostKind): boolean {
  return kind === "measured" || kind === "emulated" || kind === "unknown";
}

/** A setting of the same key was compiled by the same build, made by the same C compiler and measured in the same way. */
export function settingKey(
  { model, setting }: Pick<SweepJob, "model" | "setting">,
  place: SettingPlace,
): string {
  const { target, runner, machine, threads, cores, repeats, made } = place;
  const kind = costKind(place);
  const board = machine ?? runner?.board ?? target.name;
  const how = isTime(kind) ? { threads, cores, repeats: typeof repeats === "number" ? repeats : "sure" } : {};
  const by = { build: compilerBuild(), made };
  return contentKey({ model, setting, board, target, kind, ...by, ...how }).slice(0, 16);
}

/** Builds one setting in `folder` and measures it. */
export async function sweepSetting(
  job: SweepJob,
  place: SweepPlace,
  folder: string,
  counts: KernelCounts,
  say: Say,
): Promise<SweepRecord> {
  const costs = countLayers(job.graph);
  return recordOf(job, place, costs, await measure(job, place, costs, folder, counts, say));
}

/** One setting by the target's roofline bounds. Throws C401 where it has none. */
export function boundSetting(job: SweepJob, target: Target): SweepRecord {
  const place = { target, threads: 1, repeats: 1 };
  const costs = countLayers(job.graph);
  return recordOf(job, place, costs, bounds(target, costs));
}

function recordOf(
  job: SweepJob,
  place: SettingPlace,
  costs: readonly LayerCost[],
  measured: Measured,
): SweepRecord {
  const { macs, params, activations, arithmetic_intensity, bytes } = sumCosts(costs);
  const { target, runner } = place;
  return {
    kind: "setting",
    key: settingKey(job, place),
    network: job.graph.name,
    board: runner?.board ?? target.name,
    target: target.name,
    setting: job.setting,
    ...{ macs, params, activations, arithmetic_intensity, bytes },
    cost_kind: costKind(place),
    cost: measured.cost,
    ...(measured.spread !== undefined && { spread: measured.spread }),
    ...measured.judged,
    ...(place.machine !== undefined && { machine: place.machine }),
    ...(measured.energy !== undefined && { energy: measured.energy }),
    layers: costs
      .filter((layer) => layer.macs > 0)
      .map((layer) => sweepLayer(layer, target, job.variable, measured.layers.get(layer.name) ?? 0)),
  };
}

/** What a time is worth; where too few blocks count to say, it lies between the least and the greatest that was measured. */
function judged({ certainty, whole }: BenchReport): Pick<SweepRecord, "verdict" | "interval"> {
  if (certainty === undefined) return {};
  const { low, high } = certainty.interval ?? { low: whole.min, high: whole.max };
  return { verdict: certainty.verdict, interval: { low, high } };
}

interface Measured {
  readonly cost: number;
  readonly spread?: number;
  readonly judged?: Pick<SweepRecord, "verdict" | "interval">;
  readonly energy?: NonNullable<SweepRecord["energy"]>;
  readonly layers: ReadonlyMap<string, number>;
}

async function measure(
  { graph, model }: SweepJob,
  place: SweepPlace,
  costs: readonly LayerCost[],
  folder: string,
  counts: KernelCounts,
  say: Say,
): Promise<Measured> {
  const { target, runner, request, threads, cores, timeoutSeconds } = place;
  const { signal, jobs } = request;
  if (runner === undefined) return bounds(target, costs);
  const compiled = await compileToBundle({ graph, sha256: model }, target, folder, request, say);
  const built = await buildBinary(compiled, target, folder, request, say);
  const kind = costKind(place);
  if (kind === "instructions" || kind === "modelled") {
    const what = kind === "modelled" ? "cycles" : "instructions";
    const found = await countSteps(built, { ...counts, what, jobs, timeoutSeconds, signal, say });
    const scale = kind === "modelled" ? nsPerCycle(target) : 1;
    const steps = found.map((count) => count * scale);
    return { cost: steps.reduce((a, b) => a + b, 0), layers: byLayer(built, steps) };
  }
  const report = await benchNetwork(built, runner, { ...place, signal, say });
  const times = report.layers.map(({ times: { median } }) => median);
  const energy = await measureEnergy(built, runner, { threads, cores, timeoutSeconds, signal });
  return {
    cost: report.whole.median,
    ...(report.whole.iqr !== undefined && { spread: report.whole.iqr }),
    judged: judged(report),
    ...(energy !== undefined && { energy: { ...energy, sensors: [...energy.sensors] } }),
    layers: byLayer(built, times),
  };
}

function bounds(target: Target, costs: readonly LayerCost[]): Measured {
  const roofs = roofsOf(target);
  if (roofs === undefined) {
    throw new UserError({
      code: "C401",
      exit: "usage",
      title: `\`${target.name}\` has no roofline to model times with`,
      why: "its file gives neither a clock nor the bandwidth of its memory",
      help: ["measure instead: add --board BOARD"],
    });
  }
  const layers = new Map(costs.map((layer) => [layer.name, 1e6 * boundOf(layer, roofs).bound_ms]));
  return { cost: [...layers.values()].reduce((a, b) => a + b, 0), layers };
}

/** Costs of steps given to the layers they work for. */
function byLayer({ compiled }: BuiltNetwork, steps: readonly number[]): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  compiled.plan.steps.forEach(({ layer }, i) => {
    sums.set(layer, (sums.get(layer) ?? 0) + (steps[i] ?? 0));
  });
  return sums;
}

function sweepLayer(
  layer: LayerCost,
  target: Target,
  variable: ReadonlySet<string>,
  cost: number,
): SweepLayer {
  const { name, groups = 1, group_size = layer.input[1] ?? 1, macs, params, activations, bytes } = layer;
  return {
    ...{ name, groups, group_size, macs, params, activations, bytes },
    executed_macs: executedMacs(layer, target.isa.lanes),
    variable: variable.has(name),
    cost,
  };
}
