import type { Sizes } from "../../language/kernel.ts";
import type { Schedule } from "../../schedule/schedule.ts";
import type { NamedSchedule, Scheduled } from "../op.ts";

/** Boxes that are compared with the one selected last side by side in lanes. */
export const othersInLanes: NamedSchedule<Sizes<"S">> = (generic, d, target): Scheduled => {
  const { lanes } = target.isa;
  if (d.S < lanes) return { schedule: generic, choice: "plain loops" };
  const schedule = (generic as Schedule<"n" | "c" | "other">)
    .split("other", lanes, ["block", "lane"], "cut")
    .vectorize("lane");
  return { schedule: schedule.parallel("n", "c"), choice: `${lanes} boxes in lanes` };
};
