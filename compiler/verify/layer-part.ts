import type { Plan } from "../graph/plan.ts";
import { algorithmRows } from "../ops/conv2d/algorithms.ts";
import { madeFloats } from "../task/halves.ts";

/** A layer as a bundle's metadata has it: which tensor it completes, and the rows of it that an algorithm of convolutions computes. */
export interface LayerPart {
  readonly name: string;
  readonly op: string;
  readonly rows?: number | undefined;
  /** Its numbers, or those that it writes, are f16. */
  readonly floats?: "f16" | undefined;
  readonly output?: { readonly tensor: string; readonly dtype?: "f16" | "i8" | undefined } | undefined;
}

/** Layers of a plan, as metadata has them. */
export function planLayers({ steps }: Plan): readonly LayerPart[] {
  return steps.map(({ name, task, produces }) => ({
    name,
    op: task.op,
    rows: algorithmRows(task),
    floats: madeFloats(task),
    output: produces,
  }));
}
