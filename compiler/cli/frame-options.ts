import type { FrameOptions } from "../frontend/frames.ts";
import { badValue } from "./usage-errors.ts";

/** Frames of a camera in place of a network's input of images (frontend/frames.ts), for every command that compiles one. */
export const FRAMES = {
  "input-u8": {
    type: "boolean",
    default: false,
    describe: "the input of images is given as bytes, 0 to 255",
  },
  "input-layout": {
    type: "string",
    choices: ["nchw", "nhwc"],
    describe: "how frames lie: nchw as the model has it (default), nhwc as cameras do",
  },
  "input-order": {
    type: "string",
    choices: ["rgb", "bgr"],
    describe: "bgr: the channels of frames are the model's in reverse",
  },
  "input-size": {
    type: "string",
    requiresArg: true,
    describe: "H,W: rows and columns of frames, which are resized to the model's input",
  },
  mean: {
    type: "string",
    requiresArg: true,
    describe: "(x - mean) * scale of frames: one number, or one for each channel of the model",
  },
  scale: { type: "string", requiresArg: true, describe: "the same: 1/255 is 0.00392157" },
  labels: {
    type: "string",
    requiresArg: true,
    describe: "a file with a name for each class, one a line: the header has them",
  },
  "top-k": {
    type: "number",
    requiresArg: true,
    describe: "give the K greatest scores and their classes for all scores",
  },
} as const;

export interface FrameValues {
  readonly "input-u8"?: boolean | undefined;
  readonly "input-layout"?: string | undefined;
  readonly "input-order"?: string | undefined;
  readonly "input-size"?: string | undefined;
  readonly mean?: string | undefined;
  readonly scale?: string | undefined;
}

/** What the options ask for; undefined where none is given. Throws C205. */
export function frameOptions(values: FrameValues): FrameOptions | undefined {
  const { "input-u8": bytes = false, "input-layout": layout, "input-order": order } = values;
  const { "input-size": size, mean, scale } = values;
  if (!bytes && [layout, order, size, mean, scale].every((value) => value === undefined)) return undefined;
  return {
    bytes,
    layout: layout === "nhwc" ? "nhwc" : "nchw",
    order: order === "bgr" ? "bgr" : "rgb",
    size: sizeOf(size),
    mean: numbersOf("mean", mean, 0),
    scale: numbersOf("scale", scale, 1),
  };
}

function sizeOf(text: string | undefined): readonly [number, number] | undefined {
  if (text === undefined) return undefined;
  const match = /^([1-9]\d{0,4}),([1-9]\d{0,4})$/.exec(text);
  if (match === null) throw badValue("input-size", text, "rows and columns, such as 480,640");
  return [Number(match[1]), Number(match[2])];
}

function numbersOf(option: "mean" | "scale", text: string | undefined, absent: number): readonly number[] {
  if (text === undefined) return [absent];
  const values = text.split(",").map((word) => (word.trim() === "" ? Number.NaN : Number(word)));
  if (values.every((value) => Number.isFinite(value) && Number.isFinite(Math.fround(value)))) return values;
  throw badValue(
    option,
    text,
    "a number, or one for each channel with commas between, such as 123.7,116.3,103.5",
  );
}
