import type { Sizes } from "../language/kernel.ts";
import type { Target } from "../machine/target.schema.ts";
import type { Schedule } from "../schedule/schedule.ts";
import type { NamedSchedule, Scheduled } from "./op.ts";
import { inWholeBlocks, laneWidth, upTo } from "./tiles.ts";

const AXES = ["n", "c", "h", "w"] as const;
const EXTENTS = ["N", "C", "H", "W"] as const;
type MapAxes = (typeof AXES)[number];
type MapSizes = Sizes<"N C H W">;

/** Channels in lanes, element by element (add, mul, clamp, activation, prelu). */
export const mapInLanes: NamedSchedule<MapSizes> = (generic, d, target): Scheduled => {
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
function rowAxis(d: MapSizes): number {
  return EXTENTS.findLastIndex((extent) => d[extent] > 1);
}

/** Neighbours along the last axis in lanes, element by element, and what is left of a row behind that (row-major tensors). */
export const mapInRows: NamedSchedule<MapSizes> = (generic, d, target): Scheduled => {
  const at = rowAxis(d);
  const width = laneWidth(d[EXTENTS[at]], target.isa.lanes);
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
export function pickMap(s: Schedule, d: MapSizes, target: Target): "in-lanes" | "in-rows" | "plain" {
  const { lanes } = target.isa;
  const written = s.proc.params.find((p) => p.role === "output")?.storage;
  if (inWholeBlocks(written, 1, d.C, lanes)) return "in-lanes";
  const at = rowAxis(d);
  return at >= 0 && d[EXTENTS[at]] >= lanes ? "in-rows" : "plain";
}
