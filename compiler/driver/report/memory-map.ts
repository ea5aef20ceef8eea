import type { Arg, Place, Plan } from "../../graph/plan.ts";
import { BYTES } from "../../ir/dtype.ts";
import { physicalSize } from "../../ir/storage.ts";
import type { MemoryMap } from "./report-data.ts";

type Tensor = MemoryMap["tensors"][number];
type Mutable = { -readonly [K in keyof Tensor]: Tensor[K] };

/** Where a plan's tensors lie in the arena, from the step that completes each to the last one that reads it. */
export function memoryMap({ arenaBytes, steps }: Plan): MemoryMap {
  const tensors: Mutable[] = [];
  // those whose memory nothing has been written over yet
  let alive: Mutable[] = [];
  for (const [i, { args, produces }] of steps.entries()) {
    const written = produces?.place.kind === "arena" ? produces.place.offset : undefined;
    for (const offset of Object.values(args).flatMap(arenaOffset)) {
      if (offset === written) continue;
      for (const tensor of alive) if (isInside(offset, tensor)) tensor.last = i;
    }
    if (produces === undefined || written === undefined) continue;
    // of bytes, f32: networks hold nothing else between their steps
    const made = {
      name: produces.tensor,
      offset: written,
      bytes: physicalSize(produces.storage) * BYTES.f32,
      first: i,
      last: i,
    };
    alive = alive.filter((tensor) => !overlap(tensor, made));
    alive.push(made);
    tensors.push(made);
  }
  return { arenaBytes, steps: steps.length, tensors };
}

function arenaOffset(arg: Arg | Place): readonly number[] {
  return arg.kind === "arena" ? [arg.offset] : [];
}

function isInside(offset: number, tensor: Tensor): boolean {
  return offset >= tensor.offset && offset < tensor.offset + tensor.bytes;
}

function overlap(a: Tensor, b: Tensor): boolean {
  return a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes;
}
