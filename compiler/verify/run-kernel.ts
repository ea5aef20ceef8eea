import { ops } from "../ops/index.ts";
import type { KernelTensor, OpDef } from "../ops/op.ts";
import { invariant } from "../support/assert.ts";
import { type Nested, nest } from "./nested.ts";

/** Runs an operator's kernel as the TypeScript function it is, its parameters in order. */
export function runKernel(
  op: string,
  dims: Readonly<Record<string, number>>,
  tensors: readonly (KernelTensor | undefined)[],
): void {
  const known: Readonly<Record<string, OpDef>> = ops;
  invariant(op in known, `there is an operator ${op}`);
  const { kernel, inNode } = known[op];
  const call = inNode?.({ dims, tensors }) ?? { dims, tensors };
  const nothing: Nested = [];
  kernel(call.dims, ...call.tensors.map((t) => (t === undefined ? nothing : nest(t.data, t.shape))));
}
