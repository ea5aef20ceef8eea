import { z } from "zod";
import type { Primitive } from "../primitive.ts";
import { type FissionStep, fission } from "./fission.ts";
import { parallel, unroll, vectorize } from "./mode.ts";
import { type PackStep, pack } from "./pack.ts";
import { type ReorderStep, reorder } from "./reorder.ts";
import { type SplitStep, split } from "./split.ts";
import { type StageStep, stage } from "./stage.ts";

type ModeStep<O extends string> = { readonly op: O; readonly axis: string };

/** One step of a schedule, as data. */
export type Step =
  | SplitStep
  | ReorderStep
  | FissionStep
  | StageStep
  | PackStep
  | ModeStep<"unroll">
  | ModeStep<"vectorize">
  | ModeStep<"parallel">;
export type StepOf<O extends Step["op"]> = Extract<Step, { readonly op: O }>;

/** Every primitive by name; a step without one does not compile. */
export const primitives: { readonly [O in Step["op"]]: Primitive<StepOf<O>> } = {
  split,
  reorder,
  fission,
  stage,
  pack,
  unroll,
  vectorize,
  parallel,
};

export const stepSchema: z.ZodType<Step> = z.union(
  Object.values(primitives).map((p) => p.schema) as unknown as [z.ZodType<Step>, z.ZodType<Step>],
);
