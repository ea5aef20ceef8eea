import type { Sizes } from "../../language/kernel.ts";
import type { Target } from "../../machine/target.schema.ts";
import type { Schedule } from "../../schedule/schedule.ts";
import type { NamedSchedule, Scheduled } from "../op.ts";
import { rowBelow } from "../row-below.ts";
import { upTo } from "../tiles.ts";

type PoolAxes = "n" | "c" | "oh" | "ow" | "kh" | "kw";
type Tiled = Schedule<Exclude<PoolAxes, "c" | "ow"> | "co" | "ci" | "owo" | "owi">;
type MapAxes = "n" | "c" | "h" | "w";

/** Channels in lanes, a row of outputs in registers: windows wherever they lie. */
export const windowsInLanes: NamedSchedule<Sizes<"OW">> = (generic, d, target): Scheduled =>
  inLanes(generic, d, target, (tiled) => tiled);

/** The same for windows that move by a stride (max-pool, avg-pool). */
export const poolInLanes: NamedSchedule<Sizes<"N C IH IW OH OW KH SH SW">> = (
  generic,
  d,
  target,
): Scheduled =>
  inLanes(generic, d, target, (tiled) => rowBelow(tiled, d, { channels: d.N * d.C, target, rows: "oh" }));

function inLanes(
  generic: Schedule,
  { OW }: Sizes<"OW">,
  { isa: { lanes } }: Target,
  asked: (tiled: Tiled) => Tiled,
): Scheduled {
  const tile = upTo(8).reduce((best, t) => (OW % t === 0 ? t : best), 1);
  const tiled = (generic as Schedule<PoolAxes>)
    .split("c", lanes, ["co", "ci"])
    .reorder("n", "co", "oh", "ow", "ci")
    .split("ow", tile, ["owo", "owi"])
    .stage("acc", "owo")
    .fission("owi", "ci")
    .reorder("kh", "kw", "owi", "ci");
  const schedule = asked(tiled).unroll("owi", "kw").vectorize("ci").parallel("n", "co");
  return { schedule, choice: `${lanes} channels in lanes, ${tile} columns in registers` };
}

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
