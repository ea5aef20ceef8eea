import { ops } from "../ops/index.ts";
import type { KernelFunction } from "../ops/op.ts";
import { invariant } from "../support/assert.ts";
import { type KernelTensor, type Nested, nest } from "./nested.ts";
import { asRowsOfPixels } from "./rows-of-pixels.ts";

/** Runs an operator's kernel as the TypeScript function it is, its parameters in order. */
export function runKernel(
  op: string,
  dims: Readonly<Record<string, number>>,
  tensors: readonly (KernelTensor | undefined)[],
): void {
  const known: Readonly<Record<string, { readonly kernel: KernelFunction }>> = ops;
  invariant(op in known, `there is an operator ${op}`);
  const call = op === "conv2d" ? asRowsOfPixels({ dims, tensors }) : { dims, tensors };
  const nothing: Nested = [];
  known[op].kernel(
    call.dims,
    ...call.tensors.map((t) => (t === undefined ? nothing : nest(t.data, t.shape))),
  );
}
