import type { KernelTrial } from "../driver/kernel/schedule-kernel.ts";
import type { UserKernel } from "../driver/kernel/user-kernel.ts";
import type { Target } from "../machine/target.schema.ts";
import type { Terminal } from "./terminal.ts";
import { timingNote } from "./timing-note.ts";

/** What became of a kernel: its schedule, whether it is right, how long it takes. */
export function scheduleText(
  { name, kernel, schedule, dims, lostThreads }: UserKernel,
  target: Target,
  trial: KernelTrial | undefined,
  output: string | undefined,
  colors: Terminal["outColors"],
): string {
  const sizes = Object.entries(dims).map(([dim, value]) => ` ${dim}=${value}`);
  const lines = [
    `${name}${sizes.join("")} for ${target.name}`,
    `  schedule  ${kernel.schedule}: ${kernel.choice} (${schedule.trace.length} steps)`,
    `  C         ${kernel.c.split("\n").length - 1} lines${output === undefined ? "" : ` in ${output}`}`,
  ];
  for (const { axis, why } of lostThreads) {
    lines.push(`  ${colors.yellow("warning")}   no threads share the parallel loop \`${axis}\`: ${why}`);
  }
  if (trial === undefined) return [...lines, "  run       not here: name a --board"].join("\n");
  for (const { output: tensor, worst, allZero, undecided, count } of trial.checks) {
    const said = allZero ? ": all zero, which says little" : "";
    const over =
      undecided === 0 ? "" : `, ${undecided} of ${count} values may overflow and were not compared`;
    const figures = `${tensor} within ${(worst?.ofBound ?? 0).toPrecision(2)} of its rounding bound${over}${said}`;
    lines.push(`  ${colors.green("right")}     ${figures}`);
  }
  const { median, iqr } = trial.times;
  const speed =
    trial.timing === "measured" && kernel.macs > 0
      ? `, ${((2 * kernel.macs) / median).toFixed(2)} GFLOP/s`
      : "";
  const spread = iqr === undefined ? "" : ` ± ${milliseconds(iqr / 2)}`;
  const said = timingNote(trial.timing);
  lines.push(`  time      ${milliseconds(median)} ms${spread} on ${trial.board}${speed}${said}`);
  return lines.join("\n");
}

/** Three digits that count, at least one of a nanosecond. */
function milliseconds(ns: number): string {
  return ns >= 1e5 ? (ns / 1e6).toFixed(3) : (ns / 1e6).toFixed(6);
}
