import { BYTES } from "../../ir/dtype.ts";
import { floatBytes } from "../../machine/isa-rows.ts";
import { divisors } from "../../schedule/choose.ts";
import type { AlgorithmLimits, ConvCandidate, ConvDims } from "../conv2d/algorithm.ts";
import { ESTIMATE } from "../estimate/estimate-constants.ts";
import { LINE_BYTES } from "../estimate/memory-waits.ts";
import { fittingProducts } from "../product-tiles.ts";
import { cheapest, upTo } from "../tiles.ts";
import {
  F4,
  F6,
  isLarge,
  productsOf,
  type TileLimits,
  type Winograd,
  winogradsFor,
} from "./winograd-tiles.ts";

/** How a map is cut into tiles: RB x CB blocks of TR x TC tiles, the last ones hanging over. */
export interface WinogradBlocks {
  readonly RB: number;
  readonly TR: number;
  readonly CB: number;
  readonly TC: number;
}

/** Input channels of a group as they lie in memory. */
function heldChannels({ IC, HELD }: Pick<ConvDims, "IC" | "HELD">): number {
  return HELD ?? IC;
}

/** Of these, those that products are summed over. */
function summedChannels({ op }: Winograd, d: Pick<ConvDims, "IC" | "HELD">): number {
  return isLarge(op) ? d.IC : heldChannels(d);
}

/** Points that lie a multiple of so many bytes apart fall into few sets of a first cache. */
const CROWDED = 4 * LINE_BYTES;

/** Channels that there is room for in the points of a block's inputs: one more vector where all points of a tile would fall into few sets. */
export function roomFor(channels: number, tiles: number, lanes: number): number {
  return (channels * tiles * 4) % CROWDED === 0 ? channels + lanes : channels;
}

/** Rows of a map computed by one algorithm: `rows` of them from row `from` on. */
export interface WinogradPart {
  readonly winograd: Winograd;
  /** Input channels of a group that are summed; absent: all there are in memory. */
  readonly channels?: number;
  readonly blocks: WinogradBlocks;
  readonly from: number;
  readonly rows: number;
}

/** Parts from top to bottom; only the last may hang over in rows. */
export interface WinogradPlan {
  readonly parts: readonly WinogradPart[];
}

/** What candidates hang on. */
export type WinogradLimits = TileLimits & Pick<AlgorithmLimits, "registers">;

/** A way to compute a map, beside the direct convolution of one group. */
export interface WinogradCandidate extends WinogradPlan, Omit<ConvCandidate, "parts"> {}

/**
 * The ways to compute a map by Winograd's algorithm, each with its best blocks, cheapest first: all rows by one tile, or, of 3x3
 * weights, the upper rows by F(6x6) and the others by F(4x4), where 6 does not divide them. None where Winograd does not apply
 * (windows that no tile is for, channels that are no whole vectors).
 */
export function winogradCandidates(
  d: ConvDims,
  lanes: number,
  { registers, numerics, floats }: WinogradLimits,
): readonly WinogradCandidate[] {
  const limits = { registers, numerics, floats };
  const key = JSON.stringify([d, lanes, limits]);
  const known = found.get(key) ?? candidatesOf(d, lanes, limits);
  found.set(key, known);
  return known;
}

/** By what they hang on: layers of a network are often alike, and each is asked for when rooms are wanted and when it is planned. */
const found = new Map<string, readonly WinogradCandidate[]>();

function candidatesOf(d: ConvDims, lanes: number, limits: WinogradLimits): readonly WinogradCandidate[] {
  const allowed = winogradsFor(d, limits);
  if (heldChannels(d) % lanes !== 0 || d.OC % lanes !== 0 || allowed.length === 0) return [];
  const plainWeights = d.KH * d.KW * d.IC * d.OC;
  const direct = (d.OH * d.OW * plainWeights * ESTIMATE.winograd.directOverhead) / lanes;
  const part = (winograd: Winograd, from: number, rows: number): CostedPart =>
    cheapestPart(winograd, d, { from, rows }, lanes, limits);
  const whole = allowed.map((winograd) => costed([part(winograd, 0, d.OH)]));
  const best = cheapest(whole);
  const split = (allowed.includes(F4) && allowed.includes(F6) ? upperRows(d.OH) : []).map((rows) =>
    costed([part(F6, 0, rows), part(F4, rows, d.OH - rows)]),
  );
  const worthTwo = ({ cost, time }: Costs): boolean =>
    cost < ESTIMATE.winograd.worthTwo * best.cost && time < ESTIMATE.winograd.worthTwo * best.time;
  const limit = worth(d, lanes);
  const saves = (way: Costs): boolean =>
    way.cost < limit * direct &&
    (d.SH === 1 || taken(way) < limit * Math.max(direct, fetchTime(plainWeights, limits)));
  return [...whole, ...split]
    .map((plan, i) => ({
      parts: plan.parts,
      algorithm: algorithmOf(plan),
      cost: taken(plan) / direct,
      weights: plan.parts.reduce(
        (sum, { winograd }) => sum + productsOf(winograd) * d.G * summedChannels(winograd, d) * d.OC,
        0,
      ),
      pays: saves(plan) && (i < whole.length || worthTwo(plan)),
    }))
    .sort((a, b) => a.cost - b.cost);
}

function algorithmOf({ parts }: WinogradPlan): string {
  const [only, ...others] = parts;
  if (others.length === 0) return algorithmName(only.winograd.tile);
  return parts.map(({ winograd, rows }) => `${algorithmName(winograd.tile)}:${rows}`).join("+");
}

/** By the outputs along a side of a tile. */
export function algorithmName(tile: number): string {
  return `winograd${tile}`;
}

/** Rows that F(6x6) may leave to F(4x4): of twelve more, either algorithm would rather have them all. */
function upperRows(rows: number): number[] {
  const most = Math.floor((rows - 1) / F6.tile) * F6.tile;
  return [most, most - F6.tile].filter((upper) => upper > 0);
}

interface Costs {
  /** Instructions. */
  readonly cost: number;
  /** The same, and what weights take to come from memory. */
  readonly time: number;
}
type CostedPart = WinogradPart & Costs;

function costed(parts: readonly CostedPart[]): WinogradPlan & Costs {
  const sum = (of: (part: CostedPart) => number): number => parts.reduce((all, part) => all + of(part), 0);
  return { parts, cost: sum(({ cost }) => cost), time: sum(({ time }) => time) };
}

/** Part of the direct convolution's instructions that must not be exceeded. */
function worth(d: ConvDims, lanes: number): number {
  const { worthIt, worthPhases, worthFew, narrow } = ESTIMATE.winograd;
  // most of what is copied into blocks and transformed would be empty
  if (heldChannels(d) > 2 * d.IC) return 0;
  if (d.SH === 1) return heldChannels(d) > d.IC ? worthFew : worthIt;
  return heldChannels(d) > d.IC || lanes > narrow ? worthFew : worthPhases;
}

/** Of so many weights, in instructions. Phases have several for each of the direct convolution's. */
function fetchTime(weights: number, limits: TileLimits): number {
  return (ESTIMATE.winograd.floatTime * weights * floatBytes({ float: limits.floats })) / BYTES.f32;
}

/** Weights come while the core computes, but no sooner than memory gives them. */
function taken({ cost, time }: Costs): number {
  return Math.max(cost, time - cost);
}

/** Rows that others follow are whole blocks: what hung over would be written into theirs. */
function cheapestPart(
  winograd: Winograd,
  d: ConvDims,
  { from, rows }: Pick<WinogradPart, "from" | "rows">,
  lanes: number,
  limits: WinogradLimits,
): CostedPart {
  const bytes = floatBytes({ float: limits.floats });
  const { tile } = winograd;
  const tileRows = Math.ceil(rows / tile);
  const columns = Math.ceil(d.OW / tile);
  const channels = summedChannels(winograd, d);
  const weights = productsOf(winograd) * channels * d.OC;
  const heights = from + rows < d.OH ? divisors(tileRows) : upTo(tileRows);
  const candidates = heights
    .filter((TR) => TR <= 4)
    .flatMap((TR) =>
      upTo(Math.min(columns, 14)).map((TC): CostedPart => {
        const blocks = { RB: Math.ceil(tileRows / TR), TR, CB: Math.ceil(columns / TC), TC };
        const loads = cheapest(fittingProducts(TR, TC, d.OC, lanes, limits.registers)).cost;
        const one = winogradInstructions(winograd, d, loads, lanes);
        const { count, stride } = winograd.window;
        const held = (heldChannels(d) * stride ** 2 + d.OC) * TR * TC * count ** 2;
        const large = held * bytes > ESTIMATE.winograd.blockBytes ? 10 : 1;
        const cost = blocks.RB * TR * blocks.CB * TC * one * large;
        const reads = weights * bytes > ESTIMATE.winograd.cacheBytes ? blocks.RB * blocks.CB : 1;
        return {
          winograd,
          channels,
          blocks,
          from,
          rows,
          cost,
          time: cost + fetchTime(weights * reads, limits),
        };
      }),
    );
  return cheapest(candidates);
}

/** Instructions for one tile of a group, its products with so many loads for each multiply-add. */
export function winogradInstructions(
  winograd: Winograd,
  d: Pick<ConvDims, "IC" | "OC" | "HELD">,
  loads: number,
  lanes: number,
): number {
  const { inputTransform, outputTransform, window } = winograd;
  const count = productsOf(winograd);
  const transforms = inputTransform * heldChannels(d) + (outputTransform + window.count ** 2) * d.OC;
  return (
    (transforms + count * summedChannels(winograd, d) * d.OC * (1 + loads + ESTIMATE.winograd.productLoops)) /
    lanes
  );
}
