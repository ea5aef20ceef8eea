import type { Primitive } from "../primitive.ts";
import { type AnnotateStep, annotate } from "./annotate.ts";
import { type ComputeAtStep, computeAt } from "./compute-at.ts";
import { type FissionStep, fission } from "./fission.ts";
import { type FuseStep, fuse } from "./fuse.ts";
import { type InlineStep, inline } from "./inline.ts";
import { type PackStep, pack } from "./pack.ts";
import { type PadStep, pad } from "./pad.ts";
import { parallel } from "./parallel.ts";
import { type PeelStep, peel } from "./peel.ts";
import { type PrefetchStep, prefetch } from "./prefetch.ts";
import { type ReorderStep, reorder } from "./reorder.ts";
import { type SplitStep, split } from "./split.ts";
import { type StageStep, stage } from "./stage.ts";
import { type TensorizeStep, tensorize } from "./tensorize.ts";
import { type TileStep, tile } from "./tile.ts";
import { unroll } from "./unroll.ts";
import { type UnrollAndJamStep, unrollAndJam } from "./unroll-and-jam.ts";
import { vectorize } from "./vectorize.ts";

type ModeStep<O extends string> = { readonly op: O; readonly axis: string };

/** One step of a schedule, as data. */
export type Step =
  | SplitStep
  | TileStep
  | FuseStep
  | ReorderStep
  | FissionStep
  | PeelStep
  | PadStep
  | StageStep
  | PackStep
  | ComputeAtStep
  | InlineStep
  | UnrollAndJamStep
  | PrefetchStep
  | AnnotateStep
  | ModeStep<"unroll">
  | ModeStep<"vectorize">
  | TensorizeStep
  | ModeStep<"parallel">;
export type StepOf<O extends Step["op"]> = Extract<Step, { readonly op: O }>;

/** Every primitive by name; a step without one does not compile. */
export const primitives: { readonly [O in Step["op"]]: Primitive<StepOf<O>> } = {
  split,
  tile,
  fuse,
  reorder,
  fission,
  peel,
  pad,
  stage,
  pack,
  computeAt,
  inline,
  unrollAndJam,
  prefetch,
  annotate,
  unroll,
  vectorize,
  tensorize,
  parallel,
};
