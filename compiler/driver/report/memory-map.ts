import type { Kernel } from "../../artifact/kernel.ts";
import type { Plan } from "../../graph/plan.ts";
import { BYTES } from "../../ir/dtype.ts";
import { physicalSize } from "../../ir/storage.ts";
import { operator } from "../../task/compile-task.ts";
import type { MemoryMap } from "./report-data.ts";

type Tensor = MemoryMap["tensors"][number];
type Mutable = { -readonly [K in keyof Tensor]: Tensor[K] };

/**
 * Where a plan's tensors lie in the arena, from the first step that writes to each (one of its parts, where it has several) to the
 * last one that reads it.
 */
export function memoryMap(
  { arenaBytes, steps }: Plan,
  kernels: readonly Pick<Kernel, "params">[],
): MemoryMap {
  const tensors: Mutable[] = [];
  // those whose memory nothing has been written over yet, and what was written of one that is not complete
  let alive: Mutable[] = [];
  let begun: { readonly layer: string; readonly offset: number; readonly step: number }[] = [];
  for (const [i, { args, produces, task, layer }] of steps.entries()) {
    for (const { name, role, storage, dtype } of kernels[i].params) {
      const arg = args[name];
      if (arg?.kind !== "arena") continue;
      const touched = { offset: arg.offset, bytes: physicalSize(storage) * BYTES[dtype] };
      // borders are written once all else is
      if (role === "output" && !operator(task.op).borders) begun.push({ layer, offset: arg.offset, step: i });
      else for (const tensor of alive) if (overlap(touched, tensor)) tensor.last = i;
    }
    begun = begun.filter((write) => write.layer === layer);
    if (produces?.place.kind !== "arena") continue;
    const { offset } = produces.place;
    const bytes = physicalSize(produces.storage) * BYTES[produces.dtype ?? "f32"];
    const made = { name: produces.tensor, offset, bytes, first: i, last: i };
    for (const { offset: at, step } of begun) if (isInside(at, made)) made.first = Math.min(made.first, step);
    begun = [];
    alive = alive.filter((tensor) => !overlap(tensor, made));
    alive.push(made);
    tensors.push(made);
  }
  return { arenaBytes, steps: steps.length, tensors };
}

type Range = Pick<Tensor, "offset" | "bytes">;

function isInside(offset: number, tensor: Range): boolean {
  return offset >= tensor.offset && offset < tensor.offset + tensor.bytes;
}

function overlap(a: Range, b: Range): boolean {
  return a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes;
}
