import type { Dims } from "../language/kernel.ts";
import type { Target } from "../machine/target.schema.ts";
import type { Schedule } from "../schedule/schedule.ts";
import type { NamedSchedule, Scheduled } from "./op.ts";
import { blockedBy, upTo } from "./tiles.ts";

type PoolAxes = "n" | "c" | "oh" | "ow" | "kh" | "kw";
type MapAxes = "n" | "c" | "h" | "w";

/** Loops as they are written, the outermost ones divided among threads. */
export const plain: NamedSchedule = (s): Scheduled => ({ schedule: s, choice: "plain loops" });

/** Channels in lanes, a row of outputs in registers (max-pool, avg-pool). */
export const poolInLanes: NamedSchedule = (generic, d, target): Scheduled => {
  const tile = upTo(8).reduce((best, t) => (d.OW % t === 0 ? t : best), 1);
  const schedule = (generic as Schedule<PoolAxes>)
    .split("c", target.isa.lanes, ["co", "ci"])
    .reorder("n", "co", "oh", "ow", "ci")
    .split("ow", tile, ["owo", "owi"])
    .stage("acc", "owo")
    .fission("owi", "ci")
    .reorder("kh", "kw", "owi", "ci")
    .unroll("owi", "kw")
    .vectorize("ci")
    .parallel("n", "co");
  return { schedule, choice: `${target.isa.lanes} channels in lanes, ${tile} columns in registers` };
};

/** Channels in lanes, one sum a block and one a row (global-avg-pool). */
export const globalPoolInLanes: NamedSchedule = (generic, _d, target): Scheduled => {
  const schedule = (generic as Schedule<MapAxes>)
    .split("c", target.isa.lanes, ["co", "ci"])
    .stage("acc", "co")
    .fission("ci")
    .reorder("h", "ci")
    .stage("row", "h")
    .fission("ci")
    .reorder("w", "ci")
    .vectorize("ci")
    .parallel("n", "co");
  return { schedule, choice: `${target.isa.lanes} channels in lanes` };
};

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

/** `in-lanes` when the channels of what is read (or, with nothing read, written) are blocked, else the plain loops. */
export function pickByChannels(s: Schedule, d: Dims, target: Target): "in-lanes" | "plain" {
  const channels = s.proc.params.find((p) => p.role !== "weight")?.storage;
  return blockedBy(channels, 1) && d.C % target.isa.lanes === 0 ? "in-lanes" : "plain";
}
