import { flexNumbers } from "../flexbuffer.ts";
import type { TfliteModel, TfliteOperator } from "../model.ts";

/** A custom operator of TensorFlow's object detection: from what a network says of each anchor to the boxes that it has found. */
export const DETECTION = "TFLite_Detection_PostProcess";

/** Its options, as tensorflow/lite/kernels/detection_postprocess.cc reads them. */
export interface DetectionOptions {
  /** Boxes that are given at most; all classes together. */
  readonly maxDetections: number;
  /** Classes of one box, from the greatest score on; `perClass`: always one. */
  readonly classesPerBox: number;
  /** Boxes of each class hide one another; else a box hides those of all classes. */
  readonly perClass: boolean;
  readonly mostPerClass: number;
  /** Without the background, which may come before them. */
  readonly classes: number;
  /** The least score that counts. */
  readonly least: number;
  /** A share of the area of two boxes, beyond which one hides the other. */
  readonly overlap: number;
  /** What boxes are given in units of, by their anchor's: y, x, height, width. */
  readonly scales: readonly [y: number, x: number, h: number, w: number];
}

/** Of each class, where a file does not say it. */
const MOST_PER_CLASS = 100;

/** Throws F121. */
export function detectionOptions({ custom }: TfliteOperator): DetectionOptions {
  const given = flexNumbers(custom);
  const whole = (name: string, missing = 0): number => Math.trunc(given.get(name) ?? missing);
  const real = (name: string): number => Math.fround(given.get(name) ?? 0);
  return {
    maxDetections: whole("max_detections"),
    classesPerBox: whole("max_classes_per_detection"),
    perClass: whole("use_regular_nms") !== 0,
    mostPerClass: whole("detections_per_class", MOST_PER_CLASS),
    classes: whole("num_classes"),
    least: real("nms_score_threshold"),
    overlap: real("nms_iou_threshold"),
    scales: [real("y_scale"), real("x_scale"), real("h_scale"), real("w_scale")],
  };
}

/** Places of results: each class of a box has one. */
export function detectionSlots({ maxDetections, classesPerBox }: DetectionOptions): number {
  return maxDetections * classesPerBox;
}

/** The model with the shapes of what such operators give, which files leave open. Throws F121. */
export function withDetectionShapes(model: TfliteModel): TfliteModel {
  const shapes = new Map<number, readonly number[]>();
  for (const op of model.operators) {
    if (op.name !== DETECTION) continue;
    const slots = Math.max(detectionSlots(detectionOptions(op)), 1);
    [[1, slots, 4], [1, slots], [1, slots], [1]].forEach((shape, i) => {
      shapes.set(op.outputs[i] ?? -1, shape);
    });
  }
  const tensors = model.tensors.map((of, i) => ({ ...of, shape: shapes.get(i) ?? of.shape }));
  return shapes.size === 0 ? model : { ...model, tensors };
}
