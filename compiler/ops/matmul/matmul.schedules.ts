import { preferred } from "../../schedule/choose.ts";
import type { Schedule } from "../../schedule/schedule.ts";
import type { NamedSchedule, Scheduled } from "../op.ts";
import { chosenTile, keepTile, storageOf } from "../tiles.ts";
import type { MatmulSizes } from "./matmul.kernel.ts";
import { type MatmulTile, matmulLabel, matmulTiles } from "./matmul-tile.ts";

/** Loops of the kernel; `nt` are the last columns, which fill no vector. */
type Axes = "p" | "q" | "m" | "n" | "nt" | "k";
/** Panels of columns, vectors and lanes of one; the same of the last columns; tiles of rows, a tile's rows. */
type TiledAxes = "p" | "q" | "no" | "nv" | "nl" | "nto" | "ntv" | "ntl" | "mo" | "mi" | "k";

/** A panel of b is copied where at least so many tiles of rows read it: then the copy costs little beside what it saves. */
const WORTH_PACKING = 3;

/**
 * Vectors along the rows of b, a tile of rows x vectors in registers. A panel of b, the columns of a tile, is copied into one
 * sequence of addresses before the rows pass by; the columns that fill no vector are computed as if they did, in copies.
 */
export const matmulPanels: NamedSchedule<MatmulSizes> = (
  generic,
  d,
  target,
  choose = preferred,
): Scheduled => {
  const { lanes } = target.isa;
  const tile = chosenTile(choose, matmulTiles(d, target), matmulLabel);
  const together = columnsTogether(generic);
  const often = Math.ceil(d.M / tile.rows) >= WORTH_PACKING;
  const panels = choose("panels", !together ? ["packed"] : often ? ["packed", "read"] : ["read", "packed"]);
  const nests = panelNests(generic as Schedule<Axes>, d, tile, lanes);
  const whole = d.N >= lanes && panels === "packed" ? packedPanels(nests, together) : nests;
  const all = d.N % lanes === 0 ? whole : lastColumns(whole, d);
  const schedule = products(all, d, tile, lanes);
  const choice = `${tile.rows} rows x ${tile.vectors * lanes} columns in registers, panels ${panels}`;
  return { schedule, choice, intents: tile.rows > 1 ? keepTile(target) : ["keep-order"] };
};

/** Panels of columns, then tiles of rows; a nest of their own for the columns that fill no vector. */
function panelNests(
  s: Schedule<Axes>,
  d: MatmulSizes,
  { rows, vectors }: MatmulTile,
  lanes: number,
): Schedule<TiledAxes> {
  const rest = d.N % lanes;
  const peeled = s.peel("n", { tail: rest, into: ["n0", "nt"] }) as Schedule;
  const whole =
    d.N < lanes
      ? peeled
      : peeled.split("n", vectors * lanes, ["no", "ni"], "cut").split("ni", lanes, ["nv", "nl"]);
  const last =
    rest === 0 ? whole : whole.split("nt", rest, ["nto", "ntb"]).split("ntb", rest, ["ntv", "ntl"]);
  const apart = last.fission("p", "q", "m");
  const panels = d.N < lanes ? apart : apart.reorder("p", "q", "no", "m", "nv", "nl");
  const ordered = rest === 0 ? panels : panels.reorder("p", "q", "nto", "m", "ntv", "ntl");
  return ordered.split("m", rows, ["mo", "mi"], "cut") as Schedule<TiledAxes>;
}

/** `together`: neighbours of a row of b lie side by side. */
function packedPanels(s: Schedule<TiledAxes>, together: boolean): Schedule<TiledAxes> {
  const packed = s.stage("b", { at: "no", as: "bp" });
  return (together ? packed.vectorize("bp_3") : packed.unroll("bp_3")) as Schedule<TiledAxes>;
}

/** Columns that fill no vector, with others of zeros beside them: what is read and written of them are copies. */
function lastColumns(s: Schedule<TiledAxes>, d: MatmulSizes): Schedule<TiledAxes> {
  const copied = s.stage("b", { at: "nto", as: "bt" }).stage("y", { at: "nto", as: "yt" });
  return (d.RES && d.RN ? copied.stage("r", { at: "nto", as: "rt" }) : copied) as Schedule<TiledAxes>;
}

function products(s: Schedule<TiledAxes>, d: MatmulSizes, { terms }: MatmulTile, lanes: number): Schedule {
  const has = (axis: string): axis is TiledAxes => s.extent(axis as TiledAxes) > 0;
  const inner = (["mi", "nv", "nl", "ntv", "ntl"] as const).filter(has);
  const staged = s.stage("acc", "mo").fission(...inner);
  const padded = d.N % lanes === 0 ? staged : staged.pad("ntl", lanes);
  return padded
    .reorder("k", ...inner)
    .split("k", terms, ["ko", "ki"], "cut")
    .unroll("ki", ...inner.filter((axis) => axis !== "nl" && axis !== "ntl"))
    .vectorize(inner.includes("nl") ? "nl" : "ntl")
    .vectorize(inner.includes("ntl") ? "ntl" : "nl")
    .parallel("p", "q", ...(["no", "nto"] as const).filter(has));
}

/** Whether neighbours of a row of b lie side by side: a vector is loaded as it is. */
function columnsTogether(s: Schedule): boolean {
  const last = storageOf(s, "b")?.dims.at(-1);
  return last?.part === "whole" && last.dim === 3;
}
