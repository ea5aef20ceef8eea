import type { BoardState } from "../device/board-state.ts";
import type { BenchReport } from "../driver/bench-network.ts";
import { plainTable } from "./tables.ts";
import type { Terminal } from "./terminal.ts";

const ms = (ns: number): string => (ns / 1e6).toFixed(3);
const percent = (part: number): string => `${(100 * part).toFixed(1)} %`;

/** The report as a table of layers, the whole, and how they agree. */
export async function benchText(report: BenchReport, colors: Terminal["outColors"]): Promise<string> {
  const { whole, layers, layerSum, gap } = report;
  const unit = report.timing === "emulated" ? "ms (emulated)" : "ms";
  const rows = layers.map(({ name, op, schedule, times, gflops, share }) => [
    name,
    op,
    schedule,
    ms(times.median),
    ms(times.iqr),
    gflops === undefined ? "" : gflops.toFixed(2),
    percent(share),
  ]);
  const head = ["layer", "operator", "schedule", unit, "IQR", "GFLOP/s", "share"];
  const gflops = ((2 * report.macs) / whole.median).toFixed(2);
  const threads = `${report.threads} thread${report.threads === 1 ? "" : "s"}`;
  const lines = [
    await plainTable(head, rows, [3, 4, 5, 6]),
    "",
    colors.bold(
      `${report.network} on ${report.board}, ${threads}: median ${ms(whole.median)} ${unit}, IQR ${ms(whole.iqr)}, least ${ms(whole.min)}; ${gflops} GFLOP/s`,
    ),
    `${whole.ns.length} runs after ${report.warmup} of warm-up; layers add up to ${ms(layerSum)}, the whole is ${ms(Math.abs(gap))} (${percent(Math.abs(gap) / whole.median)}) ${gap >= 0 ? "more" : "less"}`,
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
