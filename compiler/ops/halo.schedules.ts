import type { Schedule } from "../schedule/schedule.ts";
import type { NamedSchedule, Scheduled } from "./op.ts";

const STRIPS = [
  ["ht", "wt"],
  ["hl", "wl"],
  ["hr", "wr"],
  ["hb", "wb"],
] as const;

/** Channels in lanes, the strips of the border one after another (fill-halo). */
export const haloInLanes: NamedSchedule = (generic: Schedule, d, target): Scheduled => {
  let s = generic.split("c", target.isa.lanes, ["co", "ci"]).fission("ci");
  for (const [h, w] of STRIPS) {
    if (s.extent(h) > 0 && s.extent(w) > 0) s = s.reorder(h, w, "ci");
  }
  for (const [h, w] of STRIPS) {
    if (s.extent(h) > 0 && s.extent(w) > 0 && s.extent(w) <= 4) s = s.unroll(w);
  }
  const chunks = d.N * (d.C / target.isa.lanes);
  return { schedule: s.vectorize("ci").parallel("n", "co"), choice: `${chunks} blocks of channels` };
};
