import type { Dims } from "../language/kernel.ts";
import type { Target } from "../machine/target.schema.ts";
import type { Schedule } from "../schedule/schedule.ts";
import type { NamedSchedule, Scheduled } from "./op.ts";
import { inWholeBlocks, laneWidth, upTo } from "./tiles.ts";

const AXES = ["n", "c", "h", "w"] as const;
type MapAxes = (typeof AXES)[number];

/** Channels in lanes, element by element (add, mul, clamp, activation, prelu). */
export const mapInLanes: NamedSchedule = (generic, d, target): Scheduled => {
  const tile = upTo(8).reduce((best, t) => (d.W % t === 0 ? t : best), 1);
  const schedule = (generic as Schedule<MapAxes>)
    .split("c", target.isa.lanes, ["co", "ci"])
    .reorder("n", "co", "h", "w", "ci")
    .split("w", tile, ["wo", "wi"])
    .unroll("wi")
    .vectorize("ci")
    .parallel("n", "co");
  return { schedule, choice: `${target.isa.lanes} channels in lanes` };
};

/** The last axis of more than one element: what lies side by side in row-major tensors. */
function rowAxis(d: Dims): number {
  return AXES.findLastIndex((axis) => d[axis.toUpperCase()] > 1);
}

/** Neighbours along the last axis in lanes, element by element, and what is left of a row behind that (row-major tensors). */
export const mapInRows: NamedSchedule = (generic, d, target): Scheduled => {
  const at = rowAxis(d);
  const width = laneWidth(d[AXES[at].toUpperCase()], target.isa.lanes);
  const along = AXES[at];
  const others = AXES.filter((axis) => axis !== along);
  const schedule = (generic as Schedule<MapAxes>)
    .reorder(...others, along)
    .split(along, width, ["block", "lane"], "cut")
    .vectorize("lane");
  return {
    schedule: at > 0 ? (schedule as Schedule).parallel(...AXES.slice(0, at)) : schedule,
    choice: `${width} neighbours of a row in lanes`,
  };
};

/** By what is written: channels in lanes where they are blocked, else rows in lanes where they are long enough. */
export function pickMap(s: Schedule, d: Dims, target: Target): "in-lanes" | "in-rows" | "plain" {
  const { lanes } = target.isa;
  const written = s.proc.params.find((p) => p.role === "output")?.storage;
  if (inWholeBlocks(written, 1, d.C, lanes)) return "in-lanes";
  const at = rowAxis(d);
  return at >= 0 && d[AXES[at].toUpperCase()] >= lanes ? "in-rows" : "plain";
}
