import { FLOAT_LARGEST } from "../../../ir/dtype.ts";
import { OWN_DOMAIN } from "../../onnx/operators/own.ts";
import { emitTopK, float, int, ints, scalar, wholes } from "../translation.ts";
import { make, reshaped, type Site, whole } from "./site.ts";

/** M boxes by N classes of each: boxes [M, 4], classes [M, N], scores [M, N], and whether each box is one [M]. */
export interface Found {
  readonly boxes: string;
  readonly classes: string;
  readonly scores: string;
  readonly isFound: string;
  readonly M: number;
  readonly N: number;
}

/** Of each box the greatest score counts, whatever its class is. corners: [S, 4], scores: [S, classes]. */
export function findTogether(site: Site, corners: string, scores: string): Found {
  const { t, o, S } = site;
  const [M, N] = [o.maxDetections, Math.min(o.classesPerBox, o.classes)];
  const best = make(site, "ReduceMax", [scores, wholes(t, [1])], [int("keepdims", 0)]);
  const places = reshaped(site, nonMax(site, corners, reshaped(site, best, [1, 1, S]), M), [M]);
  const own = make(site, "Gather", [scores, held(site, places)], [int("axis", 0)]);
  const [values, indices] = greatest(site, own, N, 1);
  return {
    boxes: make(site, "Gather", [corners, held(site, places)], [int("axis", 0)]),
    classes: make(site, "Cast", [indices], [int("to", 1)]),
    scores: values,
    isFound: isPlace(site, places),
    M,
    N,
  };
}

/** Boxes are looked for in each class; the greatest scores of all of these count. corners: [S, 4], scores: [S, classes]. */
export function findPerClass(site: Site, corners: string, scores: string): Found {
  const { t, o, S } = site;
  const D = Math.min(o.mostPerClass, o.maxDetections, S);
  const M = Math.min(o.maxDetections, o.classes * D);
  const rows = make(site, "Transpose", [scores], [ints("perm", [1, 0])]);
  const list = nonMax(site, corners, reshaped(site, rows, [1, o.classes, S]), D);
  const places = reshaped(site, list, [o.classes, D]);
  const own = make(site, "GatherElements", [rows, held(site, places)], [int("axis", 1)]);
  const those = make(site, "Where", [isPlace(site, places), own, scalar(t, -FLOAT_LARGEST)]);
  const [values, indices] = greatest(site, reshaped(site, those, [o.classes * D]), M, 0);
  const all = reshaped(site, places, [o.classes * D]);
  const chosen = make(site, "Gather", [all, indices], [int("axis", 0)]);
  const classes = make(site, "Cast", [make(site, "Div", [indices, whole(site, D)])], [int("to", 1)]);
  return {
    boxes: make(site, "Gather", [corners, held(site, chosen)], [int("axis", 0)]),
    classes: reshaped(site, classes, [M, 1]),
    scores: reshaped(site, values, [M, 1]),
    isFound: isPlace(site, chosen),
    M,
    N: 1,
  };
}

/** The k greatest along an axis, and where they are. */
function greatest({ t, name }: Site, x: string, k: number, axis: number): readonly [string, string] {
  return emitTopK(t, [x, k], axis, [`${name}/topk`, `${name}/topk/indices`]);
}

/** Places [1, C, M] of boxes by the scores of C classes [1, C, S], -1 where there are no more. */
function nonMax(site: Site, corners: string, scores: string, M: number): string {
  const { overlap, least } = site.o;
  const boxes = reshaped(site, corners, [1, site.S, 4]);
  const above = least <= -FLOAT_LARGEST ? [] : [float("least", below(least))];
  const attributes = [int("most", M), float("overlap", overlap), ...above];
  return make(site, "NonMaxPlaces", [boxes, scores], attributes, OWN_DOMAIN);
}

/** Places of which those that are none are the first box's. */
function held(site: Site, places: string): string {
  return make(site, "Max", [places, whole(site, 0)]);
}
function isPlace(site: Site, places: string): string {
  return make(site, "GreaterOrEqual", [places, whole(site, 0)]);
}

/** The least float32 that all cores tell from 0. */
const SMALLEST = 2 ** -126;

/** What scores have to be above to be at least this. */
function below(score: number): number {
  if (score === 0) return -SMALLEST;
  const bits = new DataView(new ArrayBuffer(4));
  bits.setFloat32(0, score);
  bits.setInt32(0, bits.getInt32(0) + (score > 0 ? -1 : 1));
  return bits.getFloat32(0);
}
