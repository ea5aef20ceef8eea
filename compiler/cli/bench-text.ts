import type { BoardState } from "../device/board-state.ts";
import type { BenchReport } from "../driver/run/bench-network.ts";
import { counted } from "../support/text.ts";
import { plainTable } from "./tables.ts";
import type { Terminal } from "./terminal.ts";

const percent = (part: number): string => `${(100 * part).toFixed(1)} %`;

/** The report as a table of layers, the whole, and how they agree. */
export async function benchText(report: BenchReport, colors: Terminal["outColors"]): Promise<string> {
  const { whole, layers, layerSum, gap } = report;
  // Small networks take microseconds.
  const [scale, name] = whole.median < 1e6 ? [1e3, "us"] : [1e6, "ms"];
  const unit = report.timing === "emulated" ? `${name} (emulated)` : name;
  const time = (ns: number): string => (ns / scale).toFixed(scale === 1e3 ? 2 : 3);
  const rows = layers.map(({ name: layer, op, schedule, chosen, times, gflops, share }) => [
    layer,
    op,
    chosen === undefined ? schedule : `${schedule} (${chosen})`,
    time(times.median),
    time(times.iqr),
    gflops === undefined ? "" : gflops.toFixed(2),
    percent(share),
  ]);
  const head = ["layer", "operator", "schedule", unit, "IQR", "GFLOP/s", "share"];
  const gflops = ((2 * report.macs) / whole.median).toFixed(2);
  const threads = counted(report.threads, "thread");
  const lines = [
    await plainTable(head, rows, [3, 4, 5, 6]),
    "",
    colors.bold(
      `${report.network} on ${report.board}, ${threads}: median ${time(whole.median)} ${unit}, IQR ${time(whole.iqr)}, least ${time(whole.min)}; ${gflops} GFLOP/s`,
    ),
    `${whole.ns.length} runs after ${report.warmup} of warm-up; layers add up to ${time(layerSum)} ${name}, the whole is ${time(Math.abs(gap))} ${name} (${percent(Math.abs(gap) / whole.median)}) ${gap >= 0 ? "more" : "less"}`,
    ...stateLines(report),
  ];
  if (report.timing === "emulated") {
    lines.push(colors.yellow("emulated: these times are the emulator's; they say nothing about a board's"));
  }
  return lines.join("\n");
}

function stateLines({ before, after }: BenchReport): string[] {
  if (after === undefined) return [];
  const throttled = before?.throttled === true || after.throttled === true;
  return [
    stateLine(after),
    ...(throttled
      ? ["warning: the board was throttled (heat or too little power): these times are too long"]
      : []),
  ];
}

function stateLine(state: BoardState): string {
  const clock =
    state.frequencyMHz === undefined
      ? ""
      : `${state.frequencyMHz}${state.maxFrequencyMHz === undefined ? "" : ` of ${state.maxFrequencyMHz}`} MHz`;
  const parts = [
    state.model ?? state.machine ?? "",
    state.governor === undefined ? "" : `governor ${state.governor}`,
    clock,
    state.temperatureC === undefined ? "" : `${state.temperatureC.toFixed(0)} °C`,
    state.load === undefined ? "" : `load ${state.load.toFixed(2)}`,
    state.kernel === undefined ? "" : `Linux ${state.kernel}`,
  ];
  return parts.filter((part) => part !== "").join(", ");
}
