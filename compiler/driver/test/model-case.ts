import type { Reading } from "../read-network.ts";
import type { ModelCase } from "./suite.schema.ts";

/** The case of a suite that reads a model so. */
export function modelCase(
  model: string,
  { inputShapes, inputValues = [], frames, topK }: Reading,
): ModelCase {
  return {
    model,
    ...(inputShapes.length > 0 && { inputShape: [...inputShapes] }),
    ...(inputValues.length > 0 && { inputValue: [...inputValues] }),
    ...(frames !== undefined && {
      frames: {
        u8: frames.bytes,
        layout: frames.layout,
        order: frames.order,
        ...(frames.size !== undefined && { size: [...frames.size] }),
        mean: [...frames.mean],
        scale: [...frames.scale],
      },
    }),
    ...(topK !== undefined && { topK }),
  };
}

/** How a case's model is read. */
export function readingOf({ inputShape = [], inputValue = [], frames, topK }: ModelCase): Reading {
  const list = (given: number | readonly number[]): readonly number[] =>
    typeof given === "number" ? [given] : given;
  return {
    inputShapes: inputShape,
    inputValues: inputValue,
    frames: frames && {
      bytes: frames.u8,
      layout: frames.layout,
      order: frames.order,
      size: frames.size,
      mean: list(frames.mean),
      scale: list(frames.scale),
    },
    topK,
  };
}
