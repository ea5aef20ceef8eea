import type { Schedule } from "../../schedule/schedule.ts";
import type { NamedSchedule, Scheduled } from "../op.ts";

type Axes = "n" | "h" | "w" | "c" | "k";

/** Channels in lanes: the squares of a pixel lie side by side, and vectors of neighbours begin anywhere among them. */
export const neighboursInLanes: NamedSchedule = (generic, _d, target): Scheduled => {
  const schedule = (generic as Schedule<Axes>)
    .split("c", target.isa.lanes, ["co", "ci"])
    .stage("sum", "co")
    .fission("ci")
    .reorder("k", "ci")
    .unroll("k")
    .vectorize("ci")
    .parallel("n", "h");
  return { schedule, choice: `${target.isa.lanes} channels in lanes` };
};
