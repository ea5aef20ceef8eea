import type { Dims } from "../language/kernel.ts";
import { type Choose, preferred } from "../schedule/choose.ts";
import type { Schedule } from "../schedule/schedule.ts";
import type { Target } from "../target/target.schema.ts";
import { dims, inner, outer } from "./memory-dims.ts";
import type { NamedSchedule, Scheduled } from "./op.ts";
import { chosenTile, KEEP_CHAINS, KEEP_IN_PLACE, KEEP_LOOPS, KEEP_ORDER, registerBudget } from "./tiles.ts";
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
  | "ky"
  | "kx"
  | "mr"
  | "mc"
  | "oc"
  | "ic"
  | "qr"
  | "qc"
  | "co"
  | "s"
  | "l"
  | "t";

/** F(6x6, 3x3): 64 points are more than the registers hold, so each transform goes through memory once. */
export const winograd6InLanes: NamedSchedule = (generic, d, target, choose = preferred): Scheduled =>
  inLanes(generic, d, target, choose, "stack");

/** F(2x2, 3x3): both transforms work on the 16 points in registers. */
export const winograd2InLanes: NamedSchedule = (generic, d, target, choose = preferred): Scheduled => {
  const scheduled = inLanes(generic, d, target, choose, "register");
  return { ...scheduled, cflags: [...scheduled.cflags, ...KEEP_LOOPS] };
};

/** Channels in lanes throughout; the products are those of F(4x4, 3x3). `place`: where the points of half a transform are. */
function inLanes(
  generic: Schedule,
  d: Dims,
  target: Target,
  choose: Choose,
  place: "stack" | "register",
): Required<Scheduled> {
  const { lanes } = target.isa;
  const tiles = productTiles(d.TR, d.TC, d.OC, lanes, registerBudget(target));
  const { rows, columns, ocv } = chosenTile(choose, tiles, productLabel);
  const oct = ocv * lanes;
  const schedule = (generic as Schedule<Axes>)
    .pack("u", [...dims(0, 1, 2), outer(3, oct), ...dims(4), inner(3, oct)])
    .pack("v", [...dims(3, 4), outer(2, lanes), ...dims(0, 1), inner(2, lanes)])
    .pack("m", [...dims(3, 4), outer(2, oct), ...dims(0, 1), inner(2, oct)])
    .split("ci", lanes, ["cio", "cii"])
    .stage("p", "cio", place)
    .pack("p", dims(2, 1, 0))
    .fission("cii")
    .reorder("j", "i", "cii")
    .split("oc", oct, ["oco", "oct"])
    .split("oct", lanes, ["ocv", "oci"])
    .split("mr", rows, ["mro", "mri"])
    .split("mc", columns, ["mco", "mci"])
    .reorder("ky", "kx", "oco", "mro", "mco", "mri", "mci", "ocv", "oci")
    .stage("acc", "mco")
    .fission("mri", "mci", "ocv", "oci")
    .split("ic", lanes, ["icb", "ici"])
    .split("icb", writtenOut(d.IC / lanes, target), ["ico", "icu"])
    .reorder("ico", "icu", "ici", "mri", "mci", "ocv", "oci")
    .split("co", oct, ["coo", "cot"])
    .split("cot", lanes, ["cov", "coi"])
    .stage("q", "cov", place)
    .pack("q", dims(2, 1, 0))
    .fission("coi")
    .reorder("s", "l", "coi")
    .stage("column", "cov")
    .fission("coi")
    .reorder("t", "coi")
    .unroll("j", "i", "s", "l", "t", "mri", "mci", "ocv", "icu", "ici")
    .vectorize("cii")
    .vectorize("oci")
    .vectorize("coi")
    .parallel("n", "g", "rb", "cb");
  return {
    schedule,
    choice: `blocks of ${d.TR} x ${d.TC} tiles, products ${rows * columns} tiles x ${oct} channels`,
    cflags: [...KEEP_ORDER, ...KEEP_CHAINS, ...KEEP_IN_PLACE],
  };
}
