import type { NodeOp } from "../../graph/graph.ts";
import type { ImportState } from "./import-state.ts";
import type { Rows } from "./value.ts";

// Some operators find as many rows as there are. Here they have a fixed number of them, as many as there may be: the first ones are
// used, what is computed of the others nobody sees. So nodes may work on each row for itself, and on nothing that rows have together.

type Shape = readonly number[];
interface Given {
  /** The axis of each operand's rows, if it has any. */
  readonly axes: readonly (number | undefined)[];
  readonly shapes: readonly Shape[];
  readonly to: Shape;
}
type Rule<K extends NodeOp["kind"]> = (
  op: Extract<NodeOp, { readonly kind: K }>,
  given: Given,
) => number | undefined;

/** Each image of a batch. */
const ofImages = (_: NodeOp, { axes: [x, ...others] }: Given): number | undefined =>
  x === 0 && others.every((axis) => axis === undefined) ? 0 : undefined;

/** Each element; operands without such rows are the same for all of them. */
const ofElements = (_: NodeOp, { axes, shapes, to }: Given): number | undefined => {
  const axis = axes.find((one) => one !== undefined) ?? 0;
  const fits = axes.every((own, i) =>
    own === undefined
      ? shapes[i].length === to.length && shapes[i][axis] === 1
      : own === axis && shapes[i][axis] === to[axis],
  );
  return fits ? axis : undefined;
};

const ofAxis = ({ axis }: { readonly axis: number }, { axes: [x] }: Given): number | undefined =>
  x === axis ? undefined : x;
const ofAxes = (
  { axes }: { readonly axes: readonly { readonly axis: number }[] },
  { axes: [x] }: Given,
): number | undefined => (axes.some(({ axis }) => axis === x) ? undefined : x);
const never = (): undefined => undefined;

/** The axis of a result's rows; undefined where a node does not work on each row for itself. */
const RULES: { readonly [K in NodeOp["kind"]]: Rule<K> } = {
  ...{
    conv2d: ofImages,
    "dynamic-conv2d": ofImages,
    "batch-norm": ofImages,
    prelu: ofImages,
    pool: ofImages,
    "global-avg-pool": ofImages,
  },
  ...{ "instance-norm": ofImages, lrn: ofImages, dense: ofImages, frame: ofImages },
  ...{ "depth-to-space": ofImages, "space-to-depth": ofImages },
  ...{ clamp: ofElements, activation: ofElements, add: ofElements, mul: ofElements },
  ...{ elementwise: ofElements, where: ofElements },
  ...{
    softmax: ofAxis,
    "arg-extreme": lost,
    "cum-sum": ofAxis,
    gather: ofAxes,
    resample: ofAxes,
    pad: ofAxes,
  },
  ...{ matmul: never, recurrent: never, constant: never, "scatter-at": never, "grid-taps": never },
  ...{ check: never, "used-rows": never, "non-max": never, places: never },
  "layer-norm": ({ axis }, { axes: [x = axis] }) => (x < axis ? x : undefined),
  reduce: ({ axes: gone }, { axes: [x = 0], shapes: [from], to }) => {
    if (gone.includes(x)) return undefined;
    return to.length === from.length ? x : x - gone.filter((axis) => axis < x).length;
  },
  reshape: (_, { axes: [x = 0], shapes: [from], to }) => reshapedAxis(from, x, to),
  transpose: ({ perm }, { axes: [x = 0] }) => perm.indexOf(x),
  concat: ({ axis }, { axes }) =>
    axes.every((own) => own === axes[0]) ? ofAxis({ axis }, { axes, shapes: [], to: [] }) : undefined,
  slice: (_, { axes: [x] }) => x,
  det: (_, { axes: [x = 0], to }) => (x < to.length ? x : undefined),
  "top-k": ({ axis }, { axes: [x = axis] }) => (x === axis ? undefined : x + 1),
  "gather-at": ({ axis, each }, { axes: [x, at], shapes }) => {
    if (each) return x === at && x !== axis ? x : undefined;
    if (x === undefined) return at === undefined ? undefined : axis + at;
    if (at !== undefined || x === axis) return undefined;
    return x < axis ? x : x + shapes[1].length - 1;
  },
  "roi-taps": (_, { axes: [rois] }) => (rois === 0 ? 1 : undefined),
  sample: (_, { axes: [x, taps, image] }) => (x === undefined && taps === 1 && image === 0 ? 0 : undefined),
};

function lost(
  { axis }: { readonly axis: number },
  { axes: [x = axis], shapes: [from], to }: Given,
): number | undefined {
  if (x === axis) return undefined;
  return to.length === from.length || x < axis ? x : x - 1;
}

/** Where an axis of a tensor lies in another shape of it. */
export function reshapedAxis(from: Shape, axis: number, to: Shape): number | undefined {
  const before = (shape: Shape, i: number): number => shape.slice(0, i).reduce((a, b) => a * b, 1);
  const found = to.findIndex((d, i) => d === from[axis] && before(to, i) === before(from, axis));
  return found < 0 ? undefined : found;
}

/** Nodes whose importers see to it that only rows count that are used. */
const SEEN: readonly NodeOp["kind"][] = ["check", "used-rows", "non-max"];

/** The rows of what a node computes; refused is what does not work on each row for itself. */
export function rowsAfter(
  { rows, tensors }: Pick<ImportState, "rows" | "tensors">,
  op: NodeOp,
  from: readonly string[],
  to: Shape,
  refuse: (why: string) => never,
): Rows | undefined {
  const given = from.map((name) => rows.get(name));
  const [first, ...others] = given.flatMap((one) => one ?? []);
  if (first === undefined || SEEN.includes(op.kind)) return undefined;
  const shapes = from.map((name) => tensors.get(name)?.shape ?? []);
  const most = tensors.get(first.used)?.shape[0];
  if (others.some(({ used }) => used !== first.used))
    return refuse("it combines rows of two selections, of which either may have more");
  const rule = RULES[op.kind] as (op: NodeOp, given: Given) => number | undefined;
  const axis = rule(op, { axes: given.map((one) => one?.axis), shapes, to });
  return axis === undefined
    ? refuse(
        `it works across rows that the network selects, up to ${most} of them: how many is not known before it runs`,
      )
    : { ...first, axis };
}
