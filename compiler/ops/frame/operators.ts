import { by } from "../families.ts";
import { operatorsIn } from "../operators-in.ts";
import { frame } from "./frame.kernel.ts";
import { linesOfRows, pixelsInRows } from "./frame.schedules.ts";
import { frameResize } from "./frame-resize.kernel.ts";

/** A camera's pictures as a network takes them. */
export const frames = operatorsIn("frame", {
  frame: { kernel: frame, ...by("pixels", pixelsInRows) },
  "frame-resize": { kernel: frameResize, ...by("lines", linesOfRows) },
});
