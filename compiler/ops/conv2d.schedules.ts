import type { Dims } from "../language/kernel.ts";
import type { Schedule } from "../schedule/schedule.ts";
import type { Target } from "../target/target.schema.ts";
import { chooseDirectTile, chooseGroupTile } from "./conv2d-tile.ts";
import type { NamedSchedule, Scheduled } from "./op.ts";
import { blockedBy, KEEP_ORDER } from "./tiles.ts";

type ConvAxes = "n" | "g" | "oc" | "oh" | "ow" | "ic" | "kh" | "kw";

/** Fewer chunks than this leave threads idle at the end: then rows are handed out too. */
const ENOUGH_CHUNKS = 16;

/**
 * Output channels in lanes, a tile of columns x channel vectors in registers, input channels by lane.
 * x and y are blocked by channels; needs OC divisible by the lanes.
 */
export const direct: NamedSchedule = (generic, d, target): Scheduled => {
  const s0 = generic as Schedule<ConvAxes>;
  const { lanes } = target.isa;
  const tile = chooseDirectTile(d, target);
  const oct = tile.ocv * lanes;
  const icBlocked = d.IC % lanes === 0;
  const rows = d.N * d.G * (d.OC / oct) < ENOUGH_CHUNKS;
  const tiled = s0
    .pack("w", [
      { part: "whole", dim: 0 },
      { part: "outer", dim: 1, factor: oct },
      ...(icBlocked ? [{ part: "outer", dim: 2, factor: lanes } as const] : []),
      { part: "whole", dim: 3 },
      { part: "whole", dim: 4 },
      icBlocked ? { part: "inner", dim: 2, factor: lanes } : { part: "whole", dim: 2 },
      { part: "inner", dim: 1, factor: oct },
    ])
    .split("oc", oct, ["oco", "oct"])
    .split("oct", lanes, ["ocv", "oci"])
    .reorder("n", "g", "oco", "oh", "ow", "ocv", "oci")
    .split("ow", tile.ow, ["owo", "owi"], "cut")
    .stage("acc", "owo")
    .fission("owi", "ocv", "oci");
  const blocked = icBlocked
    ? tiled
        .split("ic", lanes, ["ico", "ici"])
        .reorder("ico", "kh", "kw", "ici", "owi", "ocv", "oci")
        .unroll("ici")
    : tiled.reorder("kh", "kw", "ic", "owi", "ocv", "oci").unroll("ic");
  const unrolled = blocked.unroll(
    "owi",
    "ocv",
    ...(tile.unrollKw ? (["kw"] as const) : []),
    ...(tile.unrollKh ? (["kh"] as const) : []),
  );
  const grid = rows ? (["n", "g", "oco", "oh"] as const) : (["n", "g", "oco"] as const);
  return {
    schedule: unrolled.vectorize("oci").parallel(...grid),
    choice: `${tile.ow} columns x ${oct} channels in registers, kernel ${written(tile)}`,
    cflags: KEEP_ORDER,
  };
};

function written(tile: { readonly unrollKw: boolean; readonly unrollKh: boolean }): string {
  if (tile.unrollKh) return "written out";
  return tile.unrollKw ? "columns written out" : "in loops";
}

/**
 * Neighbouring groups in lanes: every lane works on a group of its own, so groups of 1, 2, 3 channels fill
 * the vectors. x and y are blocked by groups; needs G divisible by the lanes.
 */
export const groupsInLanes: NamedSchedule = (generic, d, target): Scheduled => {
  const s0 = generic as Schedule<ConvAxes>;
  const { lanes } = target.isa;
  const tile = chooseGroupTile(d, target);
  const rows = d.N * Math.ceil(d.G / lanes) * (d.OC / tile.oc) < ENOUGH_CHUNKS;
  const packed = d.BIAS
    ? s0.pack("b", [
        { part: "outer", dim: 0, factor: lanes },
        { part: "whole", dim: 1 },
        { part: "inner", dim: 0, factor: lanes },
      ])
    : s0;
  const tiled = packed
    .pack("w", [
      { part: "outer", dim: 0, factor: lanes },
      { part: "outer", dim: 1, factor: tile.oc },
      { part: "whole", dim: 2 },
      { part: "whole", dim: 3 },
      { part: "whole", dim: 4 },
      { part: "inner", dim: 1, factor: tile.oc },
      { part: "inner", dim: 0, factor: lanes },
    ])
    .split("g", lanes, ["go", "gi"])
    .split("oc", tile.oc, ["oco", "oci"])
    .reorder("n", "go", "oco", "oh", "ow", "oci", "gi")
    .split("oh", tile.oh, ["oho", "ohi"], "cut")
    .reorder("ow", "ohi")
    .split("ow", tile.ow, ["owo", "owi"], "cut")
    .stage("acc", "owo")
    .fission("owi", "ohi", "oci", "gi")
    .reorder("ic", "kh", "kw", "ohi", "owi", "oci", "gi");
  const unrolled = tile.unrollAll
    ? tiled.unroll("owi", "ohi", "oci", "ic", "kh", "kw")
    : tiled.unroll("owi", "ohi", "oci", "kw");
  const grid =
    rows && d.OH % tile.oh === 0 ? (["n", "go", "oco", "oho"] as const) : (["n", "go", "oco"] as const);
  return {
    schedule: unrolled.vectorize("gi").parallel(...grid),
    choice: `${lanes} groups in lanes, ${tile.oh} rows x ${tile.ow} columns x ${tile.oc} channels in registers`,
    cflags: KEEP_ORDER,
  };
};

/** Nothing blocked: columns in lanes where the stride allows it. Right for any shape, fast for none. */
export const planar: NamedSchedule = (generic, d, target): Scheduled => {
  const s0 = generic as Schedule<ConvAxes>;
  const { lanes } = target.isa;
  if (d.SW !== 1 || d.OW < lanes) return { schedule: s0.parallel("n", "g"), choice: "plain loops" };
  const schedule = s0
    .split("ow", lanes, ["owo", "owi"], "cut")
    .stage("acc", "owo")
    .fission("owi")
    .reorder("ic", "kh", "kw", "owi")
    .vectorize("owi")
    .parallel("n", "g");
  return { schedule, choice: `${lanes} columns in lanes` };
};

/** The schedule that the layout of y asks for. */
export function pickConv2d(s: Schedule, d: Dims, target: Target): string {
  const y = s.proc.params.find((p) => p.name === "y")?.storage;
  const { lanes } = target.isa;
  if (blockedBy(y, 2) && d.OC % lanes === 0) return "direct";
  if (blockedBy(y, 1) && d.G % lanes === 0) return "groups-in-lanes";
  return "planar";
}
