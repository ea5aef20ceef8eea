import { preferred } from "../schedule/choose.ts";
import type { Schedule } from "../schedule/schedule.ts";
import { dims, inner, outer } from "./memory-dims.ts";
import type { NamedSchedule, Scheduled } from "./op.ts";
import { chosenTile, KEEP_CHAINS, KEEP_ORDER, keepWalks, registerBudget } from "./tiles.ts";
import { productLabel, productTiles, writtenOut } from "./winograd-blocks.ts";

type Axes =
  | "n"
  | "g"
  | "rb"
  | "cb"
  | "tr"
  | "tc"
  | "ci"
  | "j"
  | "i"
  | "h"
  | "k"
  | "mr"
  | "mc"
  | "oc"
  | "ic"
  | "qr"
  | "qc"
  | "co"
  | "l";

/**
 * Channels in lanes throughout: both transforms work on four channels of a tile at a time in registers, the
 * products on a tile of tiles x channel vectors, input channels by lane.
 */
export const winogradInLanes: NamedSchedule = (generic, d, target, choose = preferred): Scheduled => {
  const { lanes } = target.isa;
  const tiles = productTiles(d.TR, d.TC, d.OC, lanes, registerBudget(target));
  const { rows, columns, ocv } = chosenTile(choose, tiles, productLabel);
  const oct = ocv * lanes;
  const schedule = (generic as Schedule<Axes>)
    .pack("u", [...dims(0, 1), outer(2, oct), ...dims(3), inner(2, oct)])
    .pack("v", [...dims(2), outer(3, lanes), ...dims(0, 1), inner(3, lanes)])
    .pack("m", [...dims(2), outer(3, oct), ...dims(0, 1), inner(3, oct)])
    .split("ci", lanes, ["cio", "cii"])
    .stage("p", "cio")
    .stage("more", "cio")
    .stage("less", "cio")
    .stage("first", "cio")
    .stage("last", "cio")
    .fission("cii")
    .reorder("j", "i", "h", "cii")
    .split("oc", oct, ["oco", "oct"])
    .split("oct", lanes, ["ocv", "oci"])
    .split("mr", rows, ["mro", "mri"])
    .split("mc", columns, ["mco", "mci"])
    .reorder("k", "oco", "mro", "mco", "mri", "mci", "ocv", "oci")
    .stage("acc", "mco")
    .fission("mri", "mci", "ocv", "oci")
    .split("ic", lanes, ["icb", "ici"])
    .split("icb", writtenOut(d.IC / lanes, target), ["ico", "icu"])
    .reorder("ico", "icu", "ici", "mri", "mci", "ocv", "oci")
    .split("co", oct, ["coo", "cot"])
    .split("cot", lanes, ["cov", "coi"])
    .stage("q", "cov")
    .fission("coi")
    .reorder("i", "l", "coi")
    .unroll("j", "i", "h", "l", "mri", "mci", "ocv", "icu", "ici")
    .vectorize("cii")
    .vectorize("oci")
    .vectorize("coi")
    .parallel("n", "g", "rb", "cb");
  return {
    schedule,
    choice: `blocks of ${d.TR} x ${d.TC} tiles, products ${rows * columns} tiles x ${oct} channels`,
    cflags: [...new Set([...KEEP_ORDER, ...KEEP_CHAINS, "-fno-gcse", ...keepWalks(target)])],
  };
};
