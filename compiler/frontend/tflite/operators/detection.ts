import { corners } from "../detection/boxes.ts";
import { type Found, findPerClass, findTogether } from "../detection/find.ts";
import { DETECTION, type DetectionOptions, detectionOptions, detectionSlots } from "../detection/options.ts";
import { columns, make, reshaped, type Site } from "../detection/site.ts";
import type { TfliteOperator } from "../model.ts";
import {
  int,
  numbersOf,
  operand,
  result,
  scalar,
  shapeOf,
  type Translate,
  type Translation,
  tensorOf,
  unsupported,
  wholes,
} from "../translation.ts";

/**
 * TFLite_Detection_PostProcess: boxes [1, M, 4] (y, x, y, x of two corners), classes [1, M], scores [1, M], how many [1]; where boxes may have
 * several classes, M is of boxes by classes. What is not found is zero.
 */
const detection: Translate = (t, op) => {
  const o = detectionOptions(op);
  const sizes = sizesOf(t, op);
  if (sizes === undefined) return unsupported(t, op, "inputs of other shapes");
  const why = refusal(t, op, o, sizes.C);
  if (why !== undefined) return unsupported(t, op, why);
  const site: Site = { t, o, ...sizes, name: tensorOf(t, op.outputs[0]).name };
  const [boxes, scores, anchors] = op.inputs;
  const given = reshaped(site, operand(t, boxes), [sizes.S, shapeOf(t, boxes)[2]]);
  const all = reshaped(site, operand(t, scores), [sizes.S, sizes.C]);
  // the background comes first
  const own = sizes.C === o.classes ? all : columns(site, all, sizes.C - o.classes, sizes.C);
  const find = o.perClass ? findPerClass : findTogether;
  give(site, op, find(site, corners(site, given, numbersOf(t, anchors) ?? []), own));
};

function sizesOf(t: Translation, { inputs, outputs }: TfliteOperator): Pick<Site, "S" | "C"> | undefined {
  if (inputs.length !== 3 || outputs.length !== 4 || inputs.some((i) => i < 0)) return undefined;
  const [boxes, scores, anchors] = inputs.map((i) => shapeOf(t, i));
  const [N, S, C] = scores;
  const fits = scores.length === 3 && N === 1 && boxes.length === 3 && boxes[2] >= 4;
  return fits && boxes[0] === 1 && boxes[1] === S && anchors.join() === `${S},4` ? { S, C } : undefined;
}

/** Why such an operator is not translated: mostly as TensorFlow Lite stops there, too. */
function refusal(
  t: Translation,
  { inputs }: TfliteOperator,
  o: DetectionOptions,
  C: number,
): string | undefined {
  const anchors = numbersOf(t, inputs[2]);
  if (anchors === undefined) return "anchors that are computed";
  if (anchors.some((a, i) => i % 4 >= 2 && !(a >= 0))) return "anchors of a negative size";
  const most = [o.maxDetections, o.classesPerBox, ...(o.perClass ? [o.mostPerClass] : [])];
  if (most.some((n) => n < 1)) return "no detections at most";
  if (o.classes < 1 || ![0, 1].includes(C - o.classes)) return `scores of ${C} for ${o.classes} classes`;
  if (!(o.overlap > 0 && o.overlap <= 1)) return `an overlap of ${o.overlap}`;
  if (Number.isNaN(o.least)) return "a least score that is no number";
  if (o.scales.some((s) => s === 0 || !Number.isFinite(s))) return `scales of ${o.scales.join(", ")}`;
  return undefined;
}

/** Results in the shapes that the operator gives them, zeros where nothing is found. */
function give(site: Site, { outputs }: TfliteOperator, found: Found): void {
  const { t, o } = site;
  const { M, N } = found;
  const [boxes, classes, scores, count] = outputs;
  const more = o.perClass ? [detectionSlots(o) - M, 0] : [o.maxDetections - M, o.classesPerBox - N];
  const put = (to: number, x: string, inner: readonly number[]): void => {
    const isFound = reshaped(site, found.isFound, [M, 1, ...inner.map(() => 1)]);
    const only = make(site, "Where", [isFound, x, scalar(t, 0)]);
    const none = inner.map(() => 0);
    const pads = [0, 0, ...none, ...more, ...none];
    const all = pads.every((n) => n === 0) ? only : make(site, "Pad", [only, wholes(t, pads)]);
    result(t, to, reshaped(site, all, shapeOf(t, to)));
  };
  const once = reshaped(site, found.boxes, [M, 1, 4]);
  put(boxes, N === 1 ? once : make(site, "Expand", [once, wholes(t, [M, N, 4])]), [4]);
  put(classes, found.classes, []);
  put(scores, found.scores, []);
  const ones = make(site, "Cast", [found.isFound], [int("to", 1)]);
  result(t, count, make(site, "ReduceSum", [ones, wholes(t, [0])]));
}

export const detectionOperators: Readonly<Record<string, Translate>> = { [DETECTION]: detection };
