import type { Intent } from "../artifact/intent.ts";
import { physicalStrides, type Storage } from "../ir/storage.ts";
import type { Sizes } from "../language/kernel.ts";
import { floatBytes, placesFactors, vectorBytes } from "../machine/isa-rows.ts";
import type { Target } from "../machine/target.schema.ts";
import type { Choose } from "../schedule/choose.ts";
import type { Schedule } from "../schedule/schedule.ts";
import { defined } from "../support/assert.ts";

/** For a block of products that is written out: in its order, with all registers. */
export const WRITTEN_OUT: readonly Intent[] = ["keep-order", "spread-registers"];

/** For a tile that takes nearly every register, in blocks written out one after another. */
export function keepTile(target: Target): readonly Intent[] {
  return [...WRITTEN_OUT, "no-hoisting", "no-sharing", ...keepSums(target)];
}

/**
 * The same for a tile of so many pixels of 1x1 kernels, whose weights are the same for all tiles: where a multiply-add takes no lane, they
 * take registers. One pixel takes few.
 */
export function keepPixels(pixels: number, target: Target): readonly Intent[] {
  if (pixels === 1) return ["keep-order"];
  return target.isa.ops.fmaLane === undefined ? [...keepTile(target), "keep-loads"] : keepTile(target);
}

function keepSums(target: Target): readonly Intent[] {
  // pointers that walk are many values of few registers, which a compiler's usual allocator handles better, as it does what else there is
  // beside factors that have their registers
  if (target.isa.postIncrement === true || placesFactors(target)) return [];
  // loads that come early are values beside each other, for which its other allocator would move accumulators
  return target.core.inOrder ? ["keep-chains"] : ["keep-registers"];
}

/** A core in order that has the instructions of wider ones: what a C compiler knows of it is not always best for these. */
export function isWidened({ isa, core }: Target): boolean {
  return core.inOrder && isa.ops.fmaLane !== undefined && isa.postIncrement !== true;
}

/** Vector registers a tile may use: the architecture's, less what addresses and the compiler need. */
export function registerBudget(target: Target): number {
  return target.isa.registers - (target.isa.spareRegisters ?? 4);
}

/** The same for a block short enough that gcc can use two registers more. */
export function shortBlockBudget(target: Target): number {
  return Math.min(registerBudget(target) + 2, target.isa.registers - 2);
}

/**
 * Sums that hide the latency of multiply-adds on a core without lane operands: of latency 4 on two ports 8 would do; measured on a Zen 5,
 * tiles of 8 took 1.4 times as long as those of 12 and 14, of 10 1.1 times.
 */
export const SUMS_UNDER_WAY = 11;

/**
 * What a multiply-add into one of so many sums costs. Without lane operands the processor is one that runs other
 * instructions beside multiply-adds, and waits for sums instead.
 */
export function productCost(sums: number, target: Target): number {
  return target.isa.ops.fmaLane ? 1 : Math.max(1, SUMS_UNDER_WAY / sums);
}

/**
 * What else such a core's tiles cost, in multiply-adds: a vector of weights, as tiles of few pixels take longer; and each multiply-add of a
 * tile of more sums than are enough, for each sum more, which makes longer bursts of outputs and leaves fewer registers. Fitted by hand
 * to twenty 1x1 layers in 18 tiles each, measured on a Zen 5.
 */
const BESIDE = { weights: 0.6, enough: 16, more: 0.01 };

/** What a block of products, `weights` vectors by the pixels of a tile of `sums`, costs beside what keeps such a core busy. */
export function besideProducts(sums: number, weights: number, products: number, target: Target): number {
  if (target.isa.ops.fmaLane) return 0;
  return BESIDE.weights * weights + BESIDE.more * Math.max(0, sums - BESIDE.enough) * products;
}

/**
 * What loading a vector costs that lies beside another one: half an instruction where one loads two. A core that does
 * nothing else beside a wide load waits for its port.
 */
export function loadCost({ isa, core: { inOrder, model } }: Target): number {
  if (inOrder && model?.ports.wideAlone) return vectorBytes(isa) / model.bytes.loadBytes;
  return isa.pairReach === undefined ? 1 : 1 / 2;
}

/** Pieces a loop of `extent` falls into when cut by `factor`: their lengths and how many of each. */
export function pieces(
  extent: number,
  factor: number,
): readonly { readonly length: number; readonly count: number }[] {
  const whole = Math.floor(extent / factor);
  const rest = extent % factor;
  return [
    ...(whole > 0 ? [{ length: factor, count: whole }] : []),
    ...(rest > 0 ? [{ length: rest, count: 1 }] : []),
  ];
}

/** Vectors of channels of the widest tile. */
const WIDEST = 6;

/**
 * How many vectors of output channels a tile may have: those that divide all of them; where these are one or five of more
 * (17, 25, 29 vectors), any, and the last tile has fewer. Two share what is loaded well enough: on the models of three cores
 * 14, 22 and 26 vectors in tiles of three and a rest took up to 2 % more cycles than in tiles of two.
 */
export function vectorCounts(vectors: number): readonly number[] {
  const all = upTo(Math.min(vectors, WIDEST));
  const whole = all.filter((n) => vectors % n === 0);
  const isCut = vectors > WIDEST && whole.every((n) => n === 1 || n === 5);
  return isCut ? all : whole;
}

/** How many different input positions `outputs` neighbouring outputs touch along one dimension. */
export function touched(outputs: number, kernel: number, stride: number, dilation: number): number {
  const seen = new Set<number>();
  for (let o = 0; o < outputs; o++) for (let k = 0; k < kernel; k++) seen.add(o * stride + k * dilation);
  return seen.size;
}

/** Elements of a group's input that a convolution reads. */
export function inputElements(d: Sizes<"IC OH OW KH KW SH SW DH DW">): number {
  return d.IC * touched(d.OH, d.KH, d.SH, d.DH) * touched(d.OW, d.KW, d.SW, d.DW);
}

/** 1, 2, ..., n. */
export function upTo(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i + 1);
}

/** The candidate of least cost; the first of equals. */
export function cheapest<T extends { readonly cost: number }>(candidates: readonly T[]): T {
  return candidates.reduce((a, b) => (b.cost < a.cost ? b : a));
}

/** Options of a tile's knob at most: a tuner has time for some of them, and takes those first that come first. */
const MOST_OFFERED = 40;
/** Candidates estimated to cost more than this, beside the cheapest, are not worth a trial. */
const WORTH_TRYING = 1.6;

/**
 * The cheapest candidate, then the cheapest of every other kind, then what is next: a few that an estimate, wrong for one
 * kind, may have misjudged. Of equals the first comes first.
 */
export function offered<T extends { readonly cost: number }>(
  candidates: readonly T[],
  kind: (candidate: T) => string,
): readonly T[] {
  const ranked = candidates.toSorted((a, b) => a.cost - b.cost);
  const trying = ranked.filter(({ cost }) => cost <= WORTH_TRYING * ranked[0].cost);
  const firsts = trying.filter((c, i) => trying.findIndex((other) => kind(other) === kind(c)) === i);
  return [...firsts, ...trying.filter((c) => !firsts.includes(c))].slice(0, MOST_OFFERED);
}

/** Tiles whose numbers of sums are near each other are of one kind. */
export function sumsBand(sums: number): number {
  return Math.floor(sums / 8);
}

/** The candidate that the knob `tile` is set to; the first is preferred. */
export function chosenTile<T>(choose: Choose, candidates: readonly T[], label: (candidate: T) => string): T {
  const wanted = choose("tile", candidates.map(label));
  return defined(
    candidates.find((candidate) => label(candidate) === wanted),
    `a tile ${wanted}`,
  );
}

/** How a parameter of a schedule's kernel lies in memory; undefined for one that it no longer has. */
export function storageOf({ proc }: Pick<Schedule, "proc">, param: string): Storage | undefined {
  return proc.params.find((p) => p.name === param)?.storage;
}

/** Whether a parameter's dimension is blocked by the target's lanes in memory, the block contiguous. */
export function blockedBy(
  storage: { readonly dims: readonly { readonly part: string; readonly dim: number }[] } | undefined,
  dim: number,
): boolean {
  const last = storage?.dims[storage.dims.length - 1];
  return last?.part === "inner" && last.dim === dim;
}

/** Whether a dimension of `size` lies in blocks of so many lanes, all of them full: a product's last block may be a smaller one. */
export function inWholeBlocks(
  storage: Parameters<typeof blockedBy>[0],
  dim: number,
  size: number,
  lanes: number,
): boolean {
  return blockedBy(storage, dim) && size % lanes === 0;
}

/** Bytes from one block of a parameter's dimension to the next in memory, borders included; undefined without blocks. */
export function blockDistance(
  storage: Storage | undefined,
  dim: number,
  { isa }: Pick<Target, "isa">,
): number | undefined {
  const at = storage?.dims.findIndex((part) => part.part === "outer" && part.dim === dim) ?? -1;
  return storage === undefined || at < 0 ? undefined : physicalStrides(storage)[at] * floatBytes(isa);
}

/** Whether all blocks of a parameter's dimension lie inside what the dimensions behind it, its rows and columns, go over. */
export function pixelsBefore(
  storage: { readonly dims: readonly { readonly part: string; readonly dim: number }[] } | undefined,
  dim: number,
): boolean {
  const at = storage?.dims.findIndex((part) => part.part === "outer" && part.dim === dim) ?? -1;
  return at >= 0 && (storage?.dims.slice(0, at).some((part) => part.dim > dim) ?? false);
}

/** Vectors of one tensor that a loop takes at once, at most, where nothing is kept in registers. */
const MOST_VECTORS = 4;

/** Elements of a row that are taken at once: as many whole vectors as divide it, else one. */
export function laneWidth(extent: number, lanes: number): number {
  const wide = Array.from({ length: MOST_VECTORS }, (_, i) => (MOST_VECTORS - i) * lanes);
  return wide.find((width) => extent % width === 0) ?? lanes;
}
