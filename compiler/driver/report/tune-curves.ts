import { medianOf } from "../../results/median.ts";
import type { Trial, TuneLine } from "../tune/tune-record.ts";
import type { TuneCurve } from "./report-data.ts";

/** How the best of each task improved, trial after trial, as a log has them, of those that were run whole; tasks that were tried most come first. */
export function tuneCurves(lines: readonly TuneLine[]): readonly TuneCurve[] {
  const byTask = new Map<string, Trial[]>();
  for (const line of lines) {
    if (line.kind !== "trial" || line.stage === "part") continue;
    const key = JSON.stringify([line.workload, line.place]);
    const known = byTask.get(key);
    if (known === undefined) byTask.set(key, [line]);
    else known.push(line);
  }
  const curves = [...byTask.values()].map(curveOf).filter(({ best }) => best.length > 0);
  return curves.sort((a, b) => b.best.length - a.best.length);
}

function curveOf(trials: readonly Trial[]): TuneCurve {
  const reference = trials.find(
    ({ kernel, reference, cycles }) => kernel === reference && cycles !== undefined,
  );
  const best: number[] = [];
  for (const trial of trials) {
    const ratio = ratioTo(trial, reference?.cycles);
    const last = best.at(-1);
    if (ratio === undefined && last === undefined) continue;
    best.push(Math.min(last ?? 1, ratio ?? 1));
  }
  const [{ op, dims }] = trials;
  const sizes = Object.entries(dims)
    .filter(([, value]) => value !== 1)
    .slice(0, 5)
    .map(([name, value]) => `${name}=${value}`);
  return { task: [op, ...sizes].join(" "), best };
}

/** A trial's cost in parts of the reference's; undefined where it has none, or computed something wrong. */
function ratioTo({ outcome, cycles, ns, reference_ns: other }: Trial, reference: number | undefined) {
  if (outcome !== "ok") return undefined;
  if (cycles !== undefined) return reference ? cycles / reference : undefined;
  if (ns === undefined || other === undefined || ns.length === 0 || other.length === 0) return undefined;
  return medianOf(ns) / medianOf(other);
}
