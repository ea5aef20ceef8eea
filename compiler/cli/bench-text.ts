import { stateOfCores } from "../device/board-cores.ts";
import type { BoardState } from "../device/board-state.ts";
import type { BenchReport } from "../driver/run/bench-network.ts";
import { halfWidth } from "../results/steadiness/judge-blocks.ts";
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
  // One run has no spread.
  const hasSpread = whole.iqr !== undefined;
  const rows = layers.map(({ name: layer, op, schedule, chosen, times, gflops, share }) => [
    layer,
    op,
    chosen === undefined ? schedule : `${schedule} (${chosen})`,
    time(times.median),
    ...(hasSpread ? [time(times.iqr ?? 0)] : []),
    gflops === undefined ? "" : gflops.toFixed(2),
    percent(share),
  ]);
  const head = ["layer", "operator", "schedule", unit, ...(hasSpread ? ["IQR"] : []), "GFLOP/s", "share"];
  const gflops = ((2 * report.macs) / whole.median).toFixed(2);
  const threads = `${counted(report.threads, "thread")}${onCores(report)}`;
  const spread = whole.iqr === undefined ? "" : `, IQR ${time(whole.iqr)}, least ${time(whole.min)}`;
  const lines = [
    await plainTable(head, rows, [3, 4, 5, 6]),
    "",
    colors.bold(
      `${report.network} on ${report.board}, ${threads}: median ${time(whole.median)} ${unit}${spread}; ${gflops} GFLOP/s`,
    ),
    `${counted(report.runs, "run")} after ${report.warmup} of warm-up; layers add up to ${time(layerSum)} ${name}, the whole is ${time(Math.abs(gap))} ${name} (${percent(Math.abs(gap) / whole.median)}) ${gap >= 0 ? "more" : "less"}`,
    ...certaintyLines(report, (ns) => `${time(ns)} ${name}`, colors),
    ...stateLines(report),
    ...energyLines(report),
  ];
  if (report.timing === "emulated") {
    lines.push(colors.yellow("emulated: these times are the emulator's; they say nothing about a board's"));
  }
  if (report.timing === "unknown") {
    lines.push(colors.yellow("the board does not say which machine it is: these times may be an emulator's"));
  }
  return lines.join("\n");
}

function onCores({ cores }: BenchReport): string {
  return cores === undefined ? "" : ` on core${cores.length === 1 ? "" : "s"} ${cores.join(", ")}`;
}

/** How sure the time is, and why not. */
function certaintyLines(
  { certainty }: BenchReport,
  time: (ns: number) => string,
  colors: Terminal["outColors"],
): string[] {
  if (certainty === undefined) return [];
  const { verdict, reasons, interval, counted: blocks, clockMHz } = certainty;
  const between =
    interval === undefined
      ? []
      : [`between ${time(interval.low)} and ${time(interval.high)} (±${percent(halfWidth(interval))})`];
  const clock = clockMHz === undefined ? [] : [`clock ${clockMHz.toFixed(0)} MHz`];
  const line = `${verdict}: ${[...between, counted(blocks, "block"), ...clock].join(", ")}`;
  return [verdict === "steady" ? line : colors.yellow(line), ...reasons.map((reason) => `  ${reason}`)];
}

function energyLines({ energy }: BenchReport): string[] {
  if (energy === undefined) return [];
  if (energy === "not measured") return ["energy: not measured (no sensor can be read)"];
  const { mJ_per_frame: mJ, low_mJ: low, high_mJ: high, watts, idle_watts: idle, sensors } = energy;
  const cost = percent(energy.reading_share);
  return [
    `energy: ${mJ.toPrecision(3)} mJ an inference (${low.toPrecision(3)} to ${high.toPrecision(3)}); ${watts.toFixed(2)} W, idle ${idle.toFixed(2)} W`,
    `  by ${sensors.join(", ")}; reading them took ${cost} of a core`,
  ];
}

function stateLines({ certainty, cores, before, after }: BenchReport): string[] {
  if (after === undefined) return [];
  const throttled = [before, after].some((state) => (state?.throttling?.now ?? 0) !== 0);
  return [
    stateLine(after, cores),
    ...(throttled && certainty === undefined
      ? ["warning: the board was throttled (heat or too little power): these times are too long"]
      : []),
  ];
}

function stateLine(state: BoardState, cores: readonly number[] | undefined): string {
  const { governors, frequencyMHz, maxFrequencyMHz, temperatureC } = stateOfCores(state, cores);
  const most = maxFrequencyMHz === undefined ? "" : ` of ${maxFrequencyMHz}`;
  const parts = [
    state.model ?? state.machine ?? "",
    governors.length === 0 ? "" : `governor ${governors.join(", ")}`,
    frequencyMHz === undefined ? "" : `${frequencyMHz}${most} MHz`,
    temperatureC === undefined ? "" : `${temperatureC.toFixed(0)} °C`,
    state.load === undefined ? "" : `load ${state.load.toFixed(2)}`,
    state.kernel === undefined ? "" : `Linux ${state.kernel}`,
  ];
  return parts.filter((part) => part !== "").join(", ");
}

/** Numbers of threads side by side: what each gains over the first. */
export async function threadsText(
  reports: readonly BenchReport[],
  colors: Terminal["outColors"],
): Promise<string> {
  const [first] = reports;
  const said = first.timing === "measured" ? "" : ` (${first.timing})`;
  const rows = reports.map(({ threads, whole, macs, certainty }) => {
    const gain = first.whole.median / whole.median;
    const half = certainty?.interval === undefined ? "" : `±${percent(halfWidth(certainty.interval))}`;
    return [
      ...[String(threads), (whole.median / 1e6).toFixed(3), half, certainty?.verdict ?? ""],
      ...[((2 * macs) / whole.median).toFixed(2), gain.toFixed(2)],
      percent((gain * first.threads) / threads),
    ];
  });
  const head = ["threads", `ms${said}`, "", "", "GFLOP/s", "speed", "of each thread"];
  const doubts = reports.flatMap(({ threads, certainty }) =>
    certainty === undefined || certainty.verdict === "steady"
      ? []
      : [colors.yellow(`${counted(threads, "thread")}: ${certainty.reasons.join("; ")}`)],
  );
  const place = colors.bold(`${first.network} on ${first.board}`);
  const energy = reports.flatMap((report) => {
    const [line, ...more] = energyLines(report);
    return line === undefined ? [] : [`${counted(report.threads, "thread")}: ${line}`, ...more];
  });
  return [await plainTable(head, rows, [0, 1, 2, 4, 5, 6]), "", place, ...doubts, ...energy].join("\n");
}
