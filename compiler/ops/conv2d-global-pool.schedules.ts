import type { Dims } from "../language/kernel.ts";
import type { Schedule } from "../schedule/schedule.ts";
import type { Target } from "../target/target.schema.ts";
import type { ConvAxes } from "./conv2d.schedules.ts";
import { dims, inner, outer } from "./memory-dims.ts";
import type { NamedSchedule, Scheduled } from "./op.ts";
import { choosePointwiseTile } from "./pointwise-tile.ts";
import { blockedBy, KEEP_ORDER, KEEP_TILE } from "./tiles.ts";

/** The pointwise schedule, with the totals of a block of channels in registers over the whole map. */
export const pooledPointwise: NamedSchedule = (generic, d, target): Scheduled => {
  const { lanes } = target.isa;
  const { oh, ow, ocv, ic, blocks } = choosePointwiseTile(d, target, 1);
  const oct = ocv * lanes;
  const schedule = (generic as Schedule<ConvAxes>)
    .pack("w", [...dims(0), outer(1, oct), outer(2, ic), ...dims(3, 4), inner(2, ic), inner(1, oct)])
    .split("oc", oct, ["oco", "oct"])
    .split("oct", lanes, ["ocv", "oci"])
    .stage("total", "oco")
    .fission("ocv", "oci")
    .reorder("oh", "ow", "ocv", "oci")
    .split("oh", oh, ["oho", "ohi"], "cut")
    .reorder("ow", "ohi")
    .split("ow", ow, ["owo", "owi"], "cut")
    .reorder("ocv", "ohi", "owi", "oci")
    .stage("acc", "owo")
    .fission("ocv", "ohi", "owi", "oci")
    .split("ic", ic, ["icb", "ici"])
    .split("icb", blocks, ["ico", "icu"])
    .reorder("kh", "kw", "ico", "icu", "ici", "ocv", "ohi", "owi", "oci")
    .unroll("kh", "kw", "icu", "ici", "ocv", "ohi", "owi")
    .vectorize("oci")
    .parallel("n", "g", "oco");
  const choice = `${oh} rows x ${ow} columns x ${oct} channels in registers, and the channels' totals`;
  return { schedule, choice, cflags: oh * ow > 1 ? KEEP_TILE : KEEP_ORDER };
};

/** In lanes where channels are, and the kernel is one pixel. */
export function pickPooled(s: Schedule, d: Dims, target: Target): string {
  const y = s.proc.params.find((p) => p.name === "y")?.storage;
  return blockedBy(y, 2) && d.OC % target.isa.lanes === 0 && d.KH * d.KW === 1 ? "pointwise" : "plain";
}
