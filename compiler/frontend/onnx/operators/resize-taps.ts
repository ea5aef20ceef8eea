import { assertNever } from "../../../support/assert.ts";
import type { Along } from "./along.ts";
import {
  type Coordinates,
  type NearestMode,
  nearest,
  originalPlace,
  type ResizedAxis,
} from "./resize-coordinates.ts";

/** How a Resize computes elements between those there are. */
export interface Sampling {
  readonly mode: "nearest" | "linear" | "cubic";
  readonly coordinates: Coordinates;
  readonly nearestMode: NearestMode | "simple";
  readonly cubicA: number;
  readonly excludeOutside: boolean;
  readonly antialias: boolean;
}

/** An element of the input, which may lie outside, and its weight. */
interface Tap {
  readonly at: number;
  readonly weight: number;
}

/** Elements of an axis of the output from `first` on, `count` of them, as sums of elements of the input. */
export function sampled(how: Sampling, axis: ResizedAxis, first: number, count: number): Along {
  const places = Array.from({ length: count }, (_, i) => originalPlace(how.coordinates, first + i, axis));
  const inside = (i: number): number => Math.min(Math.max(i, 0), axis.from - 1);
  if (how.mode === "nearest") {
    const at = places.map((place) => inside(nearest(how.nearestMode, place, axis.scale < 1)));
    return { kind: "gather", axis: axis.axis, at };
  }
  const all = places.map((place) => {
    const taps = tapsAt(how, place, axis).filter(({ at }) => !how.excludeOutside || at === inside(at));
    return merged(normalized(taps).map(({ at, weight }) => ({ at: inside(at), weight })));
  });
  const taps = all.reduce((most, list) => Math.max(most, list.length), 1);
  const full = all.flatMap((list) => filled(list, taps));
  return {
    kind: "resample",
    axis: axis.axis,
    taps,
    at: full.map(({ at }) => at),
    weights: full.map(({ weight }) => weight),
  };
}

/** Neighbours that are one element, as those beyond an edge are, together. */
function merged(taps: readonly Tap[]): readonly Tap[] {
  const found: Tap[] = [];
  for (const tap of taps) {
    const last = found.at(-1);
    if (last?.at === tap.at) found[found.length - 1] = { at: tap.at, weight: last.weight + tap.weight };
    else found.push(tap);
  }
  return found;
}

/** As many taps as others have: the last one in parts, halves of halves, which change neither its sum nor what is infinite. */
function filled(taps: readonly Tap[], count: number): readonly Tap[] {
  const full = [...taps];
  for (let last = full.at(-1) ?? { at: 0, weight: 0 }; full.length < count; ) {
    last = { at: last.at, weight: last.weight / 2 };
    full[Math.max(0, full.length - 1)] = last;
    full.push(last);
  }
  return full;
}

function normalized(taps: readonly Tap[]): readonly Tap[] {
  const sum = taps.reduce((all, { weight }) => all + weight, 0);
  return sum === 0 || Math.abs(sum - 1) < 1e-12
    ? taps
    : taps.map(({ at, weight }) => ({ at, weight: weight / sum }));
}

function tapsAt(how: Sampling, place: number, { scale }: ResizedAxis): readonly Tap[] {
  const floor = Math.floor(place);
  const filter = filterOf(how);
  if (!how.antialias) {
    const { reach } = filter;
    return Array.from({ length: 2 * reach }, (_, i) => {
      const at = floor + 1 - reach + i;
      return { at, weight: filter.weight(at - place) };
    });
  }
  // a smaller output takes each element from as many more as it is smaller
  const wider = Math.max(1, 1 / scale);
  const from = Math.floor(place - filter.reach * wider + 1);
  const to = Math.floor(place + filter.reach * wider + 1);
  return Array.from({ length: to - from }, (_, i) => ({
    at: from + i,
    weight: filter.weight((from + i - place) / wider),
  }));
}

interface Filter {
  /** How far it reaches to either side. */
  readonly reach: number;
  readonly weight: (distance: number) => number;
}

function filterOf({ mode, cubicA: a }: Sampling): Filter {
  switch (mode) {
    case "linear":
      return { reach: 1, weight: (d) => Math.max(0, 1 - Math.abs(d)) };
    case "cubic":
      return { reach: 2, weight: (d) => cubic(Math.abs(d), a) };
    case "nearest":
      return { reach: 1, weight: (d) => (d === 0 ? 1 : 0) };
    default:
      return assertNever(mode);
  }
}

/** Keys' cubic convolution. */
function cubic(d: number, a: number): number {
  if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
}
