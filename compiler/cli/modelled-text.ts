import type { ModelledLayer, ModelReport } from "../driver/run/model-report.ts";
import { plainTable } from "./tables.ts";
import type { Terminal } from "./terminal.ts";

const percent = (part: number): string => `${(100 * part).toFixed(1)} %`;
/** Layers named as those that lose the most. */
const NAMED = 3;

/** The report as a table of layers and what each loses, the whole, and where most is lost. */
export async function modelledText(report: ModelReport, colors: Terminal["outColors"]): Promise<string> {
  const { whole, layers, layerSum, macs, peak } = report;
  // Small networks take some hundred thousand.
  const [scale, unit] = whole.cycles < 1e7 ? [1e3, "thousand"] : [1e6, "million"];
  const cycles = (n: number): string => (n / scale).toFixed(2);
  const lost = layers.reduce((sum, layer) => sum + layer.lost, 0);
  return [
    await layerTable(report, cycles),
    "",
    colors.bold(
      `${report.network} on the ${report.core} of ${report.target} as modelled, 1 thread: ${cycles(whole.cycles)} ${unit} cycles${timeText(report)}; ${(macs / whole.cycles).toFixed(2)} MACs a cycle of ${peak}`,
    ),
    `cycles, ${unit}; lost: beyond those that the multiplications take at the core's peak; waits are for the second cache and behind it, and for memory`,
    `layers add up to ${cycles(layerSum)} and lose ${cycles(lost)}; ${cycles(whole.l2Stalls)} and ${cycles(whole.memoryStalls)} are waits; most is lost by ${losers(layers, lost)}`,
    colors.yellow(honesty(report)),
  ].join("\n");
}

function layerTable({ layers }: ModelReport, cycles: (n: number) => string): Promise<string> {
  const head = [
    ...["layer", "operator", "schedule", "cycles (modelled)", "lost", "MACs/cycle", "of peak"],
    ...["L1 misses", "L2 misses", "waits", "for memory", "share"],
  ];
  const rows = layers.map((layer) => [
    layer.name,
    layer.op,
    layer.chosen === undefined ? layer.schedule : `${layer.schedule} (${layer.chosen})`,
    cycles(layer.cycles),
    cycles(layer.lost),
    ...(layer.macs > 0 ? [layer.macsPerCycle.toFixed(2), percent(layer.ofPeak)] : ["", ""]),
    String(layer.l1Misses),
    String(layer.l2Misses),
    cycles(layer.l2Stalls),
    cycles(layer.memoryStalls),
    percent(layer.share),
  ]);
  return plainTable(
    head,
    rows,
    head.map((_, i) => i).filter((i) => i > 2),
  );
}

function timeText({ ms, msWithin, clockMHz }: ModelReport): string {
  if (ms === undefined) return "";
  const off = msWithin === undefined ? "" : `, ±${(100 * msWithin).toFixed(0)} %`;
  return `, ${ms.toFixed(3)} ms (modelled${off}) at ${clockMHz} MHz`;
}

/** What the time is worth. */
function honesty({ ms, msWithin }: ModelReport): string {
  const model =
    "modelled: cycles of a model of the core and its caches under qemu, the same each time; nothing was measured";
  if (ms === undefined || msWithin === undefined) return `${model}, and no board has confirmed them`;
  return `${model}; published times of ncnn's networks on this board were up to ${(100 * msWithin).toFixed(0)} % off (make fit-boards)`;
}

function losers(layers: readonly ModelledLayer[], lost: number): string {
  const worst = [...layers].sort((a, b) => b.lost - a.lost).slice(0, NAMED);
  return worst.map((layer) => `${layer.name} (${percent(layer.lost / lost)})`).join(", ");
}
