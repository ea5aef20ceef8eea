import type { Sizes } from "../../language/kernel.ts";
import type { Schedule } from "../../schedule/schedule.ts";
import { dims } from "../memory-dims.ts";
import type { NamedSchedule, Scheduled } from "../op.ts";
import { upTo } from "../tiles.ts";

type ImageAxes = "n" | "c" | "h" | "iw" | "kh" | "w" | "kw";
type LineAxes = "m" | "k" | "l" | "t";

/** More products than these are not written out. */
const WRITTEN_OUT = 8;

/** The largest divisor of an extent up to 4: columns written out. */
function columnTile(extent: number): number {
  return upTo(4).reduce((best, t) => (extent % t === 0 ? t : best), 1);
}

/** Channels in lanes, a line of vectors between rows and columns (resample). */
export const resampleInLanes: NamedSchedule<Sizes<"IW W KH KW">> = (generic, d, target): Scheduled => {
  const { lanes } = target.isa;
  const lines = (generic as Schedule<ImageAxes>)
    .split("c", lanes, ["co", "ci"])
    .reorder("n", "co", "h", "ci")
    .stage("line", { at: "h", memory: "stack" })
    .pack("line", dims(1, 0))
    .fission("ci")
    .reorder("iw", "ci")
    .reorder("w", "ci")
    .split("iw", columnTile(d.IW), ["iwo", "iwi"])
    .split("w", columnTile(d.W), ["wo", "wi"])
    .stage("sum", "iwo")
    .stage("acc", "wo")
    .fission("iwi", "ci")
    .fission("wi", "ci")
    .reorder("kh", "iwi", "ci")
    .reorder("kw", "wi", "ci");
  const small = (
    [
      ["kh", d.KH],
      ["kw", d.KW],
    ] as const
  ).flatMap(([axis, taps]) => (taps <= WRITTEN_OUT ? [axis] : []));
  const schedule = lines
    .unroll("iwi", "wi", ...small)
    .vectorize("ci")
    .parallel("n", "co", "h");
  return { schedule, choice: `${lanes} channels in lanes` };
};

/** Whatever lies behind the dimension in lanes (resample-axis). */
export const resampleRuns: NamedSchedule<Sizes<"L T">> = (generic, d, target): Scheduled => {
  const { lanes } = target.isa;
  const s = generic as Schedule<LineAxes>;
  if (d.L < lanes) return { schedule: s.parallel("m", "k"), choice: "element by element" };
  const split = s.split("l", lanes, ["lo", "li"], "cut").stage("acc", "lo").fission("li").reorder("t", "li");
  const schedule = (d.T <= WRITTEN_OUT ? split.unroll("t") : split).vectorize("li").parallel("m", "k");
  return { schedule, choice: `${lanes} neighbours in lanes` };
};

/** Lines are sums of rows in lanes, columns one after another (resample of planar images). */
export const resampleRows: NamedSchedule<Sizes<"IW KH">> = (generic, d, target): Scheduled => {
  const { lanes } = target.isa;
  const s = generic as Schedule<ImageAxes>;
  if (d.IW < lanes) return { schedule: s.parallel("n", "c", "h"), choice: "element by element" };
  const lines = s
    .split("iw", lanes, ["iwo", "iwi"], "cut")
    .stage("sum", "iwo")
    .fission("iwi")
    .reorder("kh", "iwi");
  const schedule = (d.KH <= WRITTEN_OUT ? lines.unroll("kh") : lines)
    .vectorize("iwi")
    .parallel("n", "c", "h");
  return { schedule, choice: `${lanes} columns of a line in lanes` };
};
