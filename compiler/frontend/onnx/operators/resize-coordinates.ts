import { assertNever } from "../../../support/assert.ts";

/** One axis of a Resize: so many elements to so many; `scale` as the file has it, and the part of the input that is resized. */
export interface ResizedAxis {
  readonly axis: number;
  readonly from: number;
  readonly to: number;
  readonly scale: number;
  readonly roi: readonly [number, number];
}

export type Coordinates =
  | ("half_pixel" | "half_pixel_symmetric" | "pytorch_half_pixel" | "tf_half_pixel_for_nn")
  | ("align_corners" | "asymmetric" | "tf_crop_and_resize");

const f = Math.fround;

/**
 * Where in the input an element of the output lies (ONNX Resize-19, coordinate_transformation_mode). In float32, one operation after the
 * other, as ONNX Runtime computes it: which element is nearest may hang on the last bit.
 */
export function originalPlace(mode: Coordinates, o: number, { from, to, scale, roi }: ResizedAxis): number {
  const half = (): number => f(f(o + 0.5) / f(scale));
  switch (mode) {
    case "half_pixel":
      return f(half() - 0.5);
    case "tf_half_pixel_for_nn":
      return half();
    case "pytorch_half_pixel":
      return to > 1 ? f(half() - 0.5) : 0;
    case "half_pixel_symmetric": {
      const adjustment = f(to / f(f(scale) * from));
      const offset = f(f(from / 2) * f(1 - adjustment));
      return f(f(offset + half()) - 0.5);
    }
    case "align_corners":
      return to === 1 ? 0 : f(f(o * (from - 1)) / (to - 1));
    case "asymmetric":
      return f(o / f(scale));
    case "tf_crop_and_resize": {
      const [start, end] = [f(roi[0]), f(roi[1])];
      if (to === 1) return f(0.5 * f(start + end) * (from - 1));
      return f(f(start * (from - 1)) + f(f(f(o * f(end - start)) * (from - 1)) / (to - 1)));
    }
    default:
      return assertNever(mode);
  }
}

export type NearestMode = "round_prefer_floor" | "round_prefer_ceil" | "floor" | "ceil";

/** The element nearest to a place: before opset 11 the one on the left, or on the right where the output is smaller. */
export function nearest(mode: NearestMode | "simple", place: number, smaller: boolean): number {
  switch (mode) {
    case "simple":
      return smaller ? Math.ceil(place) : Math.trunc(place);
    case "round_prefer_floor":
      return place - Math.floor(place) === 0.5 ? Math.floor(place) : Math.round(place);
    case "round_prefer_ceil":
      return Math.round(place);
    case "floor":
      return Math.floor(place);
    case "ceil":
      return Math.ceil(place);
    default:
      return assertNever(mode);
  }
}
