import type { Intent } from "../../artifact/intent.ts";
import { floatBytes, placesFactors, vectorBytes } from "../../machine/isa-rows.ts";
import type { Target } from "../../machine/target.schema.ts";
import { type Choose, preferred } from "../../schedule/choose.ts";
import type { Schedule } from "../../schedule/schedule.ts";
import { residualAhead } from "../conv2d/conv2d.schedules.ts";
import { LINE_BYTES } from "../estimate/memory-waits.ts";
import { dims, inner, outer } from "../memory-dims.ts";
import type { NamedSchedule, Scheduled } from "../op.ts";
import { type ProductTile, productLabel, productTiles } from "../product-tiles.ts";
import { chosenTile, isWidened, WRITTEN_OUT } from "../tiles.ts";
import type { PhasedSizes } from "./large-tiles.kernel.ts";
import { type ProductAxes, products, type Sums } from "./products.schedules.ts";
import type { PointCount } from "./winograd-weights.ts";
import type { WinogradSizes } from "./winograd2.kernel.ts";

/** A schedule of one of the three kernels. */
export type InLanes = NamedSchedule<WinogradSizes>;

/** Loops of the three kernels: blocks, those of the input transform, of the products, of the output transform. */
type Axes =
  | ("n" | "g" | "rb" | "cb")
  | ("tr" | "tc" | "py" | "px" | "ci" | "j" | "i" | "h")
  | ProductAxes
  | ("qr" | "qc" | "s" | "l" | "t");

/** F(4x4, 3x3): both transforms work on four channels of a tile at a time, columns in the order that fits the registers. */
export const winograd4InLanes: InLanes = (generic, d, target, choose = preferred): Scheduled => {
  const { lanes } = target.isa;
  const tile = productTile(d, target, choose);
  const oct = tile.ocv * lanes;
  const start = (generic as Schedule<Axes>)
    .pack("u", [...dims(0, 1), outer(2, oct), ...dims(3), inner(2, oct)])
    .pack("v", [...dims(2), outer(3, lanes), ...dims(0, 1), inner(3, lanes)])
    .pack("m", [outer(3, oct), ...dims(2), ...dims(0, 1), inner(3, oct)])
    .split("ci", lanes, ["cio", "cii"])
    .reorder("cio", "tr", "tc", "cii")
    .stage("p", "tc")
    .stage("more", "tc")
    .stage("less", "tc")
    .stage("first", "tc")
    .stage("last", "tc")
    .fission("cii")
    .reorder("j", "i", "h", "cii");
  const schedule = products(start, d, target, tile, ["k"], { phases: [], channels: d.IC })
    .reorder("coo", "qr", "qc", "cov", "coi")
    .stage("q", "cov")
    .fission("coi")
    .reorder("i", "l", "coi")
    .unroll("j", "i", "h", "l", "mri", "mci", "ocv", "icu", "ici")
    .vectorize("cii")
    .vectorize("oci")
    .vectorize("coi");
  return {
    schedule: blocks(schedule, d, target, choose, { count: 6, all: ["k"], points: "i", outputs: { cov: 1 } }),
    choice: choiceText(d, tile, lanes),
    intents: [
      ...WRITTEN_OUT,
      ...keepChains(d, tile, target),
      "no-sharing",
      ...keepInLoops(target),
      ...wideOrder(d, target),
    ],
  };
};

/** Input channels of a group whose products are a loop of few turns. */
const FEW_TURNS = 32;

/**
 * Sums that a loop of few turns goes over change registers before it where the values they take stay apart: on modelled A72 and A76
 * kernels of 16 channels a group take 10 and 15 % less without, of 32 channels 5 and 3 %; in tiles of four vectors of channels, of more
 * channels, and on a core in order up to 5 % more.
 */
function keepChains({ IC }: WinogradSizes, { ocv }: ProductTile, { core }: Target): readonly Intent[] {
  const movesSums = core.model !== undefined && !core.inOrder && IC <= FEW_TURNS && ocv <= 2;
  return movesSums ? [] : ["keep-chains"];
}

/**
 * Where few registers can be named for lanes, several vectors of channels in a tile whose sums are kept apart have gcc 12 copy factors: a third
 * of such layers' time on the modelled A76. Of one vector 3 to 5 % are lost without.
 */
function keepApart({ ocv }: ProductTile, target: Target): readonly Intent[] {
  const mayCopy = target.isa.laneRegisters !== undefined && ocv > 1;
  return mayCopy || placesFactors(target) ? [] : ["keep-chains"];
}

/** Where pointers walk a compiler would make all of a walk before its loop, and a core in order has no registers to spare for more. */
function keepInLoops({ isa, core }: Target): readonly Intent[] {
  return isa.postIncrement || core.inOrder ? ["no-hoisting"] : [];
}

/** With more input channels products are nearly all there is to do, and those lie in an order of their own. */
const FEW_CHANNELS = 64;

/** For transforms. */
function wideOrder({ IC }: WinogradSizes, target: Target): readonly Intent[] {
  return isWidened(target) && IC < FEW_CHANNELS ? ["wide-order"] : [];
}

/** Tiles of `count` inputs a side: more points than the registers hold, so each transform goes through memory once. */
export const winogradLargeInLanes =
  (count: PointCount): NamedSchedule<PhasedSizes> =>
  (generic, d, target, choose = preferred): Scheduled =>
    byPoints(generic, d, target, choose, {
      count,
      place: "stack",
      inputs: ["py", "px"],
      sums: { phases: ["f"], channels: d.RC },
    });

/** F(2x2, 3x3): both transforms work on the 16 points in registers. */
export const winograd2InLanes: InLanes = (generic, d, target, choose = preferred): Scheduled => {
  const scheduled = byPoints(generic, d, target, choose, {
    count: 4,
    place: "register",
    inputs: [],
    sums: { phases: [], channels: d.IC },
  });
  return { ...scheduled, intents: [...scheduled.intents, "keep-loops"] };
};

/** What kernels differ in whose transforms take rows, then columns. */
interface ByPoints {
  readonly count: PointCount;
  /** Where the points of half a transform are. */
  readonly place: "stack" | "register";
  /** Loops over the phases of a tile's inputs. */
  readonly inputs: readonly ("py" | "px")[];
  readonly sums: Sums;
}

function byPoints(
  generic: Schedule,
  d: WinogradSizes,
  target: Target,
  choose: Choose,
  { count, place, inputs, sums }: ByPoints,
): Required<Scheduled> {
  const { lanes } = target.isa;
  const tile = productTile(d, target, choose);
  const oct = tile.ocv * lanes;
  const start = (generic as Schedule<Axes>)
    .pack("u", [
      ...dims(0, 1, 2),
      outer(3, oct),
      ...(sums.phases.length === 0 ? dims(4) : dims(4, 5)),
      inner(3, oct),
    ])
    .pack("v", [...dims(3, 4), outer(2, lanes), ...dims(0, 1), inner(2, lanes)])
    .pack("m", [outer(2, oct), ...dims(3, 4), ...dims(0, 1), inner(2, oct)])
    .split("ci", lanes, ["cio", "cii"])
    .reorder("cio", "tr", "tc", ...inputs, "cii")
    .stage("p", inputs.at(-1) ?? "tc", place)
    .pack("p", dims(2, 1, 0))
    .fission("cii")
    .reorder("j", "i", "cii");
  const schedule = products(start, d, target, tile, ["ky", "kx"], sums)
    .reorder("coo", "qr", "qc", "cov", "coi")
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
    .vectorize("coi");
  return {
    schedule: blocks(schedule, d, target, choose, {
      count,
      all: ["ky", "kx"],
      points: "s",
      outputs: { cov: 1, t: 1 },
    }),
    choice: choiceText(d, tile, lanes),
    intents: [
      ...WRITTEN_OUT,
      ...keepApart(tile, target),
      "no-hoisting",
      "no-sharing",
      ...wideOrder(d, target),
    ],
  };
}

/** Loops over all points, and of the output transform: over rows of points, and around a vector of outputs, but for that over columns. */
interface BlockLoops {
  /** Points along a side of a tile. */
  readonly count: PointCount;
  readonly all: readonly ("k" | "ky" | "kx")[];
  readonly points: "i" | "s";
  readonly outputs: Readonly<Record<string, number>>;
}

/** Of so many blocks the last ones hardly keep a few threads waiting; finding one's part of a block costs some instructions. */
const ENOUGH_BLOCKS = 24;

/**
 * Threads share the blocks, and where there are few, of one block first the channels of the input transform, then the points, then
 * the channels of the output transform. Each transform goes over all tiles of a block of channels before it takes the next, and asks beside
 * each tile for what the next block has there: short runs of many rows, which no prefetcher follows.
 */
function blocks<A extends string>(
  s: Schedule<Axes | "cio" | "coo" | "cov" | A>,
  d: WinogradSizes,
  target: Target,
  choose: Choose,
  { count, all, points, outputs }: BlockLoops,
): Schedule {
  const line = LINE_BYTES / vectorBytes(target.isa);
  const prefetch = choose("prefetch", prefetches(d, target, count));
  const inputs = asksFor(prefetch, "inputs") ? s.prefetchIfFew("x", "cio", 1, over({ j: line }), "tc") : s;
  const sums = asksFor(prefetch, "sums")
    ? inputs.prefetchIfFew("m", "coo", 1, over({ [points]: 1, cov: line }), "qc")
    : inputs;
  const shared = residualAhead(sums, d, target, "coo", outputs, "l", "qc").parallel("n", "g", "rb", "cb");
  return d.N * d.G * d.RB * d.CB > ENOUGH_BLOCKS ? shared : shared.parallel("cio", ...all, "coo");
}

const PREFETCHES = ["none", "inputs", "sums", "both"] as const;
type Prefetch = (typeof PREFETCHES)[number];

function asksFor(prefetch: Prefetch, part: Prefetch): boolean {
  return prefetch === part || prefetch === "both";
}

/** What transforms may ask for ahead, first what lies beyond the first cache; a core that is not described is asked for nothing. */
function prefetches(d: WinogradSizes, { core, isa }: Target, count: PointCount): readonly Prefetch[] {
  if (core.model === undefined) return ["none"];
  const isFar = (elements: number): boolean => elements * floatBytes(isa) > core.l1dBytes;
  const inputs = isFar(d.N * d.G * d.IC * d.IH * d.IW);
  const sums = isFar(d.TR * d.TC * count ** 2 * d.OC);
  const estimated = inputs && sums ? "both" : inputs ? "inputs" : sums ? "sums" : "none";
  return [estimated, ...PREFETCHES.filter((other) => other !== estimated)];
}

/** Loops by names that a generic schedule cannot know. */
function over<A extends string>(
  loops: Readonly<Record<string, number>>,
): Readonly<Partial<Record<A, number>>> {
  return loops as Readonly<Partial<Record<A, number>>>;
}

function productTile(d: WinogradSizes, target: Target, choose: Choose): ProductTile {
  return chosenTile(choose, productTiles(d, target), productLabel);
}

function choiceText(d: WinogradSizes, { rows, columns, ocv }: ProductTile, lanes: number): string {
  return `blocks of ${d.TR} x ${d.TC} tiles, products ${rows * columns} tiles x ${ocv * lanes} channels`;
}
