import type { Schedule } from "../../schedule/schedule.ts";
import type { NamedSchedule, Scheduled } from "../op.ts";

/** Rows in 16 places each (softmax-rows). */
export const softmaxPlaces: NamedSchedule = (generic, _d, target): Scheduled => {
  const s = generic as Schedule<"m" | "t" | "e" | "f" | "i" | "j">;
  const { lanes } = target.isa;
  const halves = (["e", "f"] as const).filter((axis) => s.extent(axis) % lanes === 0);
  const wide = halves.reduce((each, axis) => each.vectorize(axis), s.vectorize("t"));
  const short = (["e", "f", "i", "j"] as const).filter(
    (axis) => s.extent(axis) > 0 && !halves.some((h) => h === axis),
  );
  return { schedule: wide.unroll(...short).parallel("m"), choice: "16 places of a row in lanes" };
};
