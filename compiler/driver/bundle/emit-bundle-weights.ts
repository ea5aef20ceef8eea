import type { Kernel, KernelParam } from "../../artifact/kernel.ts";
import type { Plan, Step } from "../../graph/plan.ts";
import type { TypedArray } from "../../ir/dtype.ts";
import { checkIndices } from "../../ir/index-table.ts";
import { pack } from "../../ir/storage.ts";
import { bytesOf } from "../../ir/typed-array.ts";
import { invariant } from "../../support/assert.ts";
import { sha256 } from "../../support/stable.ts";

/** Where everything in the arena and among the weights may begin: a cache line. */
export const ALIGN = 64;

export interface PackedWeights {
  readonly bytes: Uint8Array;
  /** Byte offset of each weight parameter, by step index and parameter name. */
  readonly offsets: readonly Readonly<Record<string, number>>[];
}

interface Blob {
  /** As it lies in memory. */
  readonly data: Uint8Array;
  readonly offset: number;
}

/** Lays every weight out as its kernel reads it; equal blobs are stored once. */
export function packWeights(plan: Plan, kernels: readonly Kernel[]): PackedWeights {
  const blobs = new Map<string, Blob>();
  let size = 0;
  const place = (data: Uint8Array): number => {
    const key = sha256(data);
    const known = blobs.get(key);
    if (known !== undefined) return known.offset;
    const offset = size;
    blobs.set(key, { data, offset });
    size += Math.ceil(data.byteLength / ALIGN) * ALIGN;
    return offset;
  };
  const offsets = plan.steps.map((step, i) => {
    const ours: Record<string, number> = {};
    for (const param of kernels[i].params) {
      const data = weightData(step, param.name);
      if (data !== undefined) ours[param.name] = place(bytesOf(param.dtype, packChecked(step, param, data)));
    }
    return ours;
  });
  // An empty file would leave nothing for the symbol to name.
  const bytes = new Uint8Array(Math.max(size, ALIGN));
  for (const { data, offset } of blobs.values()) bytes.set(data, offset);
  return { bytes, offsets };
}

function weightData(step: Step, param: string): TypedArray | undefined {
  const arg = step.args[param];
  return arg?.kind === "weight" ? arg.data : undefined;
}

function packChecked(step: Step, { name, storage, bound }: KernelParam, data: TypedArray): TypedArray {
  const elements = storage.shape.reduce((a, b) => a * b, 1);
  invariant(
    data.length === elements,
    `weight ${name} of ${step.name}: ${data.length} elements for shape [${storage.shape.join(", ")}]`,
  );
  if (bound !== undefined) checkIndices(`${name} of ${step.name}`, data, bound);
  return pack(storage, data);
}
