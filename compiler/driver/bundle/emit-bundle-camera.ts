import type { CameraView } from "../../codegen/views.ts";
import { FRAME_TASKS } from "../../graph/node-task/frame-task.ts";
import { arenaBytes, type BundleParts } from "./emit-bundle-views.ts";

/** Channels of a picture. */
const RGB = 3;

/** Examples of a network whose one input is a picture as a camera gives it, [1, H, W, 3] of bytes; undefined for others. */
export function cameraView({ plan, kernels, names }: BundleParts): CameraView | undefined {
  const [input, ...more] = plan.inputs;
  const [n, height, width, channels] = input.shape;
  const [scores, ...others] = names.outputs;
  // of several outputs, as --top-k has them, nobody knows what they mean
  const picture = input.shape.length === 4 && input.dtype === "u8" && n === 1 && channels === RGB;
  const read = plan.steps.some(({ task, args }) => FRAME_TASKS.has(task.op) && args.x.kind === "input");
  if (more.length > 0 || others.length > 0 || !picture || !read || scores.dtype !== "f32") return undefined;
  return {
    net: names.net,
    macro: names.macro,
    ...{ width, height },
    inputMacro: names.inputs[0].macro,
    scoresMacro: scores.macro,
    scores: scores.floats,
    arenaBytes: arenaBytes({ plan, kernels }),
  };
}
