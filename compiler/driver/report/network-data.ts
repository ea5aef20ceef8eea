import { type Analysis, analyzeNetwork } from "../../analyze/analyze-network.ts";
import { roofsOf } from "../../analyze/roofline.ts";
import type { Graph } from "../../graph/graph.ts";
import { membersOf } from "../../graph/passes/merge-siblings.ts";
import { type Certainty, halfWidth } from "../../results/steadiness/judge-blocks.ts";
import type { BuiltNetwork } from "../build-network.ts";
import type { BenchReport } from "../run/bench-network.ts";
import { type ModelReport, peakMacs } from "../run/model-report.ts";
import { kindText } from "./figures.ts";
import { kernelEntries, type MoreTexts } from "./kernel-entries.ts";
import { memoryMap } from "./memory-map.ts";
import type {
  CostKind,
  Fact,
  GroupCost,
  ReportData,
  ReportLayer,
  ReportSection,
  Roofline,
  TuneCurve,
  WholeFigures,
} from "./report-data.ts";

/** A network that a report is written of. */
export interface ReportedNetwork {
  readonly built: Pick<BuiltNetwork, "compiled" | "metadata" | "toolchain" | "target"> & {
    /** As it was read, before anything was folded. */
    readonly source: Graph;
  };
  /** What was found of it on a board; absent: it was compiled only. */
  readonly found?:
    | { readonly kind: "modelled"; readonly report: ModelReport; readonly board: string }
    | { readonly kind: "timed"; readonly report: BenchReport };
  readonly tuning?: readonly TuneCurve[];
  readonly moreTexts?: MoreTexts;
}

/** What a report shows of a compiled network. Compiles its kernels once more, for the steps of their schedules. */
export async function networkData(network: ReportedNetwork): Promise<ReportData> {
  const { compiled, metadata, target } = network.built;
  const { core } = target;
  const place = placeOf(network);
  return {
    title: metadata.name,
    subtitle: `${place} · ${core.name} · ${metadata.isa}`,
    facts: factsOf(network, place),
    sections: [sectionOf(network, place)],
    kernels: await kernelEntries(compiled, network.moreTexts),
  };
}

function placeOf({ found, built }: ReportedNetwork): string {
  if (found === undefined) return built.metadata.target;
  return found.kind === "modelled" ? found.board : found.report.board;
}

function factsOf({ built, found }: ReportedNetwork, place: string): readonly Fact[] {
  const { metadata, toolchain, target } = built;
  const timed = found?.kind === "timed" ? found.report : undefined;
  const facts: Fact[] = [
    { label: "Board", value: place },
    { label: "Target", value: `${metadata.target}: ${target.board.summary}` },
    { label: "Core", value: `${target.core.name}, at most ${peakMacs(target)} MACs a cycle` },
    { label: "C compiler", value: toolchain?.version ?? "" },
    { label: "Threads", value: found === undefined ? "" : String(timed?.threads ?? 1) },
    {
      label: "Runs",
      value: timed === undefined ? "" : `${timed.runs} after ${timed.warmup} of warm-up, the median`,
    },
    { label: "Certainty", value: timed?.certainty === undefined ? "" : certaintyText(timed.certainty) },
    { label: "Tilewright", value: [metadata.tilewright, metadata.build].filter(Boolean).join(", build ") },
    { label: "Model", value: `sha256 ${metadata.modelSha256.slice(0, 16)}` },
  ];
  return facts.filter(({ value }) => value !== "");
}

function certaintyText({ verdict, interval, reasons }: Certainty): string {
  const within = interval === undefined ? "" : `, within ${(100 * halfWidth(interval)).toFixed(1)} %`;
  return [`${verdict}${within}`, ...reasons].join("; ");
}

function kindOf({ found, built }: ReportedNetwork): CostKind {
  if (found === undefined) return roofsOf(built.target) === undefined ? "none" : "bound";
  return found.kind === "modelled" ? "modelled" : found.report.timing;
}

function sectionOf(network: ReportedNetwork, place: string): ReportSection {
  const { built, found } = network;
  const { metadata, compiled, source } = built;
  const kind = kindOf(network);
  const analysis = analyzeNetwork(source, { target: compiled.target, steps: new Map() });
  const layers = layersOf(network, analysis);
  const whole = wholeOf(network, layers);
  const roofline = found === undefined ? undefined : rooflineOf(network, analysis, layers);
  return {
    title: metadata.name,
    subtitle: place,
    kind,
    kindText: kindText(kind).about,
    facts: [],
    whole: { ...whole, arenaBytes: metadata.arenaBytes, weightBytes: metadata.weightBytes },
    layers,
    problems: [],
    memory: memoryMap(compiled.plan, compiled.kernels),
    ...(roofline && { roofline }),
    groups: found === undefined ? [] : groupsOf(network, analysis, layers),
    tuning: network.tuning ?? [],
    ...(found?.kind === "timed" && found.report.course && { course: found.report.course }),
  };
}

function layersOf({ built, found }: ReportedNetwork, analysis: Analysis): readonly ReportLayer[] {
  const { metadata } = built;
  const bounds = new Map(analysis.layers.map(({ name, bound_ms }) => [name, bound_ms]));
  const sum = analysis.total.bound_ms ?? 0;
  const boundOf = (layer: string): number | undefined => {
    const known = membersOf(built.compiled.graph, layer).map((member) => bounds.get(member));
    return known.every((bound) => bound !== undefined)
      ? known.reduce((all, bound) => all + bound, 0)
      : undefined;
  };
  return metadata.layers.map(({ name, op, kernel, schedule, choice, chosen, macs }, i) => {
    const what = { name, op, kernel, schedule: chosen ? `${schedule} (${chosen})` : schedule, choice, macs };
    if (found === undefined) {
      const bound = boundOf(name);
      return bound === undefined ? what : { ...what, cost: 1e6 * bound, share: sum > 0 ? bound / sum : 0 };
    }
    if (found.kind === "timed") {
      const timed = found.report.layers.find((layer) => layer.name === name);
      return timed === undefined ? what : { ...what, cost: timed.times.median, share: timed.share };
    }
    const { cycles, lost, share, ofPeak, l2Stalls, memoryStalls } = found.report.layers[i];
    const peak = cycles - lost;
    const other = Math.max(0, lost - l2Stalls - memoryStalls);
    return {
      ...{ ...what, cost: cycles, share },
      ...(macs > 0 && { ofPeak }),
      parts: { peak, secondCache: l2Stalls, memory: memoryStalls, other },
    };
  });
}

function wholeOf({ found }: ReportedNetwork, layers: readonly ReportLayer[]): WholeFigures {
  const macs = layers.reduce((sum, layer) => sum + layer.macs, 0);
  if (found?.kind === "timed") return { macs, cost: found.report.whole.median };
  if (found === undefined) {
    const known = layers.some(({ cost }) => cost !== undefined);
    return { macs, ...(known && { cost: layers.reduce((sum, { cost = 0 }) => sum + cost, 0) }) };
  }
  const { whole, ms, msWithin, clockMHz, layers: modelled } = found.report;
  const off = msWithin === undefined ? {} : { msWithin };
  const least = modelled.reduce((sum, { cycles, lost }) => sum + cycles - lost, 0);
  return {
    ...{ macs, cost: whole.cycles, instructions: whole.instructions, ofPeak: least / whole.cycles },
    ...(ms !== undefined && clockMHz !== undefined && { time: { ms, clockMHz, ...off } }),
  };
}

/** Costs of the steps that work for each layer of the network as it was read: of those computed as one, by their products. */
function costsByLayer(
  { built }: ReportedNetwork,
  analysis: Analysis,
  layers: readonly ReportLayer[],
): Map<string, number> {
  const { plan, graph } = built.compiled;
  const macs = new Map(analysis.layers.map((layer) => [layer.name, layer.macs]));
  const costs = new Map<string, number>();
  for (const [i, { layer }] of plan.steps.entries()) {
    const { cost } = layers[i];
    if (cost === undefined) continue;
    const members = membersOf(graph, layer);
    const all = members.reduce((sum, member) => sum + (macs.get(member) ?? 0), 0);
    for (const member of members) {
      const part = members.length === 1 ? 1 : (macs.get(member) ?? 0) / all;
      costs.set(member, (costs.get(member) ?? 0) + part * cost);
    }
  }
  return costs;
}

/** Every layer with products below the roofs of one core; none where the board's clock or memory is not known. */
function rooflineOf(
  network: ReportedNetwork,
  analysis: Analysis,
  layers: readonly ReportLayer[],
): Roofline | undefined {
  const { target } = network.built;
  const roofs = roofsOf({ ...target, isa: network.built.compiled.target.isa });
  const { clockMHz } = target.board;
  if (roofs === undefined || clockMHz === undefined || network.found?.report.timing === "emulated") return;
  const perSecond = network.found?.kind === "modelled" ? clockMHz * 1e6 : 1e9;
  const costs = costsByLayer(network, analysis, layers);
  return {
    macsPerSecond: roofs.macsPerSecond,
    bytesPerSecond: roofs.bytesPerSecond,
    points: analysis.layers.flatMap(({ name, macs, bytes }) => {
      const cost = costs.get(name) ?? 0;
      if (macs === 0 || cost === 0) return [];
      return [{ layer: name, macsPerByte: macs / bytes, macsPerSecond: (macs * perSecond) / cost }];
    }),
  };
}

function groupsOf(
  network: ReportedNetwork,
  analysis: Analysis,
  layers: readonly ReportLayer[],
): readonly GroupCost[] {
  const costs = costsByLayer(network, analysis, layers);
  return analysis.layers.flatMap(({ name, macs, groups = 1, group_size: groupSize = 0 }) => {
    const cost = costs.get(name);
    if (groups === 1 || macs === 0 || cost === undefined) return [];
    return [{ layer: name, groups, groupSize, costPerKiloMac: (1000 * cost) / macs }];
  });
}
