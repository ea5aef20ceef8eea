import type { Kernel } from "../artifact/kernel.ts";
import type { Plan, Step } from "../graph/plan.ts";
import { pack, type Storage } from "../ir/storage.ts";
import { invariant } from "../support/assert.ts";
import { sha256 } from "../support/stable.ts";

/** Where everything in the arena and among the weights may begin: a cache line. */
export const ALIGN = 64;

export interface PackedWeights {
  readonly bytes: Uint8Array;
  /** Byte offset of each weight parameter, by step index and parameter name. */
  readonly offsets: readonly Readonly<Record<string, number>>[];
}

interface Blob {
  readonly data: Float32Array;
  readonly offset: number;
}

/** Lays every weight out as its kernel reads it; equal blobs are stored once. */
export function packWeights(plan: Plan, kernels: readonly Kernel[]): PackedWeights {
  const blobs = new Map<string, Blob>();
  let size = 0;
  const place = (data: Float32Array): number => {
    const key = sha256(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
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
      if (data !== undefined) ours[param.name] = place(packChecked(step, param.name, param.storage, data));
    }
    return ours;
  });
  // An empty file would leave nothing for the symbol to name.
  const bytes = new Uint8Array(Math.max(size, ALIGN));
  const view = new DataView(bytes.buffer);
  for (const { data, offset } of blobs.values()) writeLittleEndian(bytes, view, data, offset);
  return { bytes, offsets };
}

function weightData(step: Step, param: string): Float32Array | undefined {
  const arg = step.args[param];
  return arg?.kind === "weight" ? arg.data : undefined;
}

function packChecked(step: Step, param: string, storage: Storage, data: Float32Array): Float32Array {
  const elements = storage.shape.reduce((a, b) => a * b, 1);
  invariant(
    data.length === elements,
    `weight ${param} of ${step.name}: ${data.length} elements for shape [${storage.shape.join(", ")}]`,
  );
  return pack(storage, data);
}

const HOST_IS_LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

function writeLittleEndian(bytes: Uint8Array, view: DataView, data: Float32Array, offset: number): void {
  if (HOST_IS_LITTLE_ENDIAN) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
    return;
  }
  data.forEach((value, i) => {
    view.setFloat32(offset + 4 * i, value, true);
  });
}
