import type { NamedSchedule, Scheduled } from "../op.ts";

/** Rows and columns of the four strips of a border, as the kernel names them. */
const STRIPS = [
  ["ht", "wt"],
  ["hl", "wl"],
  ["hr", "wr"],
  ["hb", "wb"],
] as const;
/** Narrow strips are written out. */
const NARROW = 4;

/** Channels in lanes, the strips of the border one after another (fill-halo). */
export const haloInLanes: NamedSchedule = (generic, _d, target): Scheduled => {
  const split = generic.split("c", target.isa.lanes, ["co", "ci"]).fission("ci");
  const strips = STRIPS.filter(([h, w]) => split.extent(h) > 0 && split.extent(w) > 0);
  const ordered = strips.reduce((s, [h, w]) => s.reorder(h, w, "ci"), split);
  const narrow = strips.map(([, w]) => w).filter((w) => split.extent(w) <= NARROW);
  return {
    schedule: ordered
      .unroll(...narrow)
      .vectorize("ci")
      .parallel("n", "co"),
    choice: `${target.isa.lanes} channels in lanes`,
  };
};
