import type { NodeContext } from "../node-context.ts";
import type { ConstantValue, TensorValue } from "../value.ts";
import { biasAlone } from "./convolution-parts.ts";

// Volumes [N,C,D,H,W] as images of their depths, [D*N,C,H,W].

/** The images of all depths, those of a depth one after the other. */
export function asFrames(node: NodeContext, x: TensorValue): TensorValue {
  const [n, c, d, h, w] = x.shape;
  const turned = node.emitHelper(
    "depths",
    { kind: "transpose", perm: [2, 0, 1, 3, 4] },
    [x.name],
    [d, n, c, h, w],
  );
  return node.emitHelper("frames", { kind: "reshape" }, [turned.name], [d * n, c, h, w]);
}

/** The images at these depths, n at each. */
function takeFrames(
  node: NodeContext,
  frames: TensorValue,
  n: number,
  depths: readonly number[],
): TensorValue {
  const count = depths.length * n;
  const [first] = depths;
  if (depths.every((depth, i) => depth === first + i)) {
    if (count === frames.shape[0]) return frames;
    const op = { kind: "slice", axis: 0, start: first * n } as const;
    return node.emitHelper("taken", op, [frames.name], frames.shape.with(0, count));
  }
  const at = depths.flatMap((depth) => Array.from({ length: n }, (_, i) => depth * n + i));
  node.reserve(at.length);
  const op = { kind: "gather", axes: [{ axis: 0, at }] } as const;
  return node.emitHelper("taken", op, [frames.name], frames.shape.with(0, count));
}

function joinFrames(node: NodeContext, parts: readonly TensorValue[], part: string): TensorValue {
  if (parts.length === 1) return parts[0];
  const count = parts.reduce((sum, { shape }) => sum + shape[0], 0);
  const op = { kind: "concat", axis: 0 } as const;
  return node.emitHelper(
    part,
    op,
    parts.map(({ name }) => name),
    parts[0].shape.with(0, count),
  );
}

/** How a kernel moves along depths: at each of `places` some of its taps meet the input, at depth `source` or beyond its border. */
export interface DepthTaps {
  readonly places: number;
  readonly taps: number;
  /** Undefined, below 0 or too large where a tap meets nothing. */
  readonly source: (place: number, tap: number) => number | undefined;
  readonly bias: ConstantValue | undefined;
}

/** Beyond any network: each tap becomes nodes, and each place is looked at with each tap. */
const MOST_TAPS = 64;
const MOST_PLACES = 2 ** 14;

/**
 * The node's result: volumes [N,C,places,H,W], where `of` are channels, rows and columns. `make` computes the images of those places
 * at which the same taps meet the input, from images that have the channels of all of these taps.
 */
export function emitByDepths(
  node: NodeContext,
  x: TensorValue,
  groups: number,
  depths: DepthTaps,
  of: readonly number[],
  make: (images: TensorValue, taps: readonly number[]) => TensorValue,
): void {
  const { places, taps, source, bias } = depths;
  const [c, h, w] = of;
  if (taps > MOST_TAPS || places > MOST_PLACES) node.unsupported(`${taps} taps at each of ${places} depths`);
  const [n, , extent] = x.shape;
  const frames = asFrames(node, x);
  const runs = runsOf(depths, extent);
  const parts = runs.map(({ taps: own, places: at }) => {
    if (own.length === 0) return biasAlone(node, "bias", bias, [n * at.length, c, h, w]);
    const seen = own.map((tap) =>
      takeFrames(
        node,
        frames,
        n,
        at.map((place) => source(place, tap) ?? 0),
      ),
    );
    return make(sideBySide(node, seen, groups), own);
  });
  const order = runs.flatMap((run) => run.places);
  const joined = joinFrames(node, parts, "all");
  const sorted = takeFrames(
    node,
    joined,
    n,
    Array.from({ length: places }, (_, at) => order.indexOf(at)),
  );
  emitVolumes(node, sorted, [n, c, places, h, w], node.emit);
}

/** Frames as volumes of this shape. */
export function emitVolumes(
  node: NodeContext,
  frames: TensorValue,
  [n, c, d, h, w]: readonly number[],
  last: NodeContext["emit"],
): void {
  const split = node.emitHelper("split", { kind: "reshape" }, [frames.name], [d, n, c, h, w]);
  last({ kind: "transpose", perm: [1, 2, 0, 3, 4] }, [split.name], [n, c, d, h, w]);
}

interface Run {
  readonly taps: readonly number[];
  readonly places: number[];
}

/** Places at which the same taps meet the input. */
function runsOf({ places, taps, source }: DepthTaps, extent: number): readonly Run[] {
  const runs = new Map<string, Run>();
  for (let place = 0; place < places; place++) {
    const own = Array.from({ length: taps }, (_, tap) => tap).filter((tap) => {
      const at = source(place, tap);
      return at !== undefined && at >= 0 && at < extent;
    });
    const run = runs.get(own.join()) ?? { taps: own, places: [] };
    runs.set(own.join(), run);
    run.places.push(place);
  }
  return [...runs.values()];
}

/** Channels of several images as those of one, group by group. */
function sideBySide(node: NodeContext, seen: readonly TensorValue[], groups: number): TensorValue {
  const [first] = seen;
  if (seen.length === 1) return first;
  const [n, c, h, w] = first.shape;
  const names = seen.map(({ name }) => name);
  const deep = [n, c * seen.length, h, w];
  if (groups === 1) return node.emitHelper("taps", { kind: "concat", axis: 1 }, names, deep);
  const own = [n * groups, c / groups, h, w];
  const parts = names.map((name) => node.emitHelper("groups", { kind: "reshape" }, [name], own).name);
  const whole = own.with(1, own[1] * seen.length);
  const joined = node.emitHelper("taps", { kind: "concat", axis: 1 }, parts, whole);
  return node.emitHelper("channels", { kind: "reshape" }, [joined.name], deep);
}
