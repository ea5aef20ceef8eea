import type { Kernel, KernelParam } from "../../artifact/kernel.ts";
import type { Plan, Step } from "../../graph/plan.ts";
import type { TypedArray } from "../../ir/dtype.ts";
import { checkIndices } from "../../ir/index-table.ts";
import { pack } from "../../ir/storage.ts";
import { bytesOf } from "../../ir/typed-array.ts";
import { invariant } from "../../support/assert.ts";
import { UserError } from "../../support/diagnostic.ts";
import { sha256 } from "../../support/stable.ts";
import type { LargeFile } from "./large-file.ts";

/** Where everything in the arena and among the weights may begin: a cache line. */
export const ALIGN = 64;
/** Where weights begin in a program: a way of every cache there is, so that times do not hang on what else the program holds. */
export const WEIGHTS_ALIGN = 2 ** 16;

/** Packed weights are kept up to so many bytes, and made again for the file beyond that: Winograd's are many times the model's. */
const KEPT_BYTES = 64 * 2 ** 20;

export interface PackedWeights {
  readonly file: LargeFile;
  /** Byte offset of each weight parameter, by step index and parameter name. */
  readonly offsets: readonly Readonly<Record<string, number>>[];
}

interface Blob {
  readonly offset: number;
  readonly byteLength: number;
  /** As it lies in memory. */
  bytes(): Uint8Array;
}

/** Lays every weight out as its kernel reads it; equal blobs are stored once. Throws F406. */
export function packWeights(plan: Plan, kernels: readonly Kernel[]): PackedWeights {
  const blobs = new Map<string, Blob>();
  let size = 0;
  const place = (make: () => Uint8Array): number => {
    const bytes = make();
    const { byteLength } = bytes;
    const key = sha256(bytes);
    const known = blobs.get(key);
    if (known !== undefined) return known.offset;
    const offset = size;
    size += Math.ceil(byteLength / ALIGN) * ALIGN;
    blobs.set(key, { offset, byteLength, bytes: size <= KEPT_BYTES ? () => bytes : make });
    return offset;
  };
  const offsets = plan.steps.map((step, i) => {
    const ours: Record<string, number> = {};
    for (const param of kernels[i].params) {
      const arg = step.args[param.name];
      if (arg?.kind !== "weight") continue;
      ours[param.name] = place(() => bytesOf(param.dtype, packChecked(step, param, arg.data)));
    }
    return ours;
  });
  checkLinkable(plan.name, size);
  // An empty file would leave nothing for the symbol to name.
  return { file: weightFile([...blobs.values()], Math.max(size, ALIGN)), offsets };
}

/** Code reaches what is within 2 GiB of it, on Arm and x86-64 alike, and a program has more than weights. */
const MOST_LINKED = 2 ** 31 - 2 ** 26;

/** Throws F406 for more bytes of weights than a linker puts into a program. */
export function checkLinkable(network: string, bytes: number): void {
  if (bytes <= MOST_LINKED) return;
  const mib = (n: number): string => `${(n / 2 ** 20).toFixed(0)} MiB`;
  throw new UserError({
    code: "F406",
    exit: "unsupportedModel",
    title: `the weights of \`${network}\` do not fit into a program`,
    why: `they take ${mib(bytes)}, and programs can be linked with ${mib(MOST_LINKED)}`,
    help: ["Winograd's algorithm makes weights larger: --max-weights 1900MiB takes it where it saves most"],
  });
}

function weightFile(blobs: readonly Blob[], byteLength: number): LargeFile {
  return {
    byteLength,
    *chunks() {
      let at = 0;
      for (const { offset, byteLength, bytes } of blobs) {
        if (offset > at) yield new Uint8Array(offset - at);
        yield bytes();
        at = offset + byteLength;
      }
      if (byteLength > at) yield new Uint8Array(byteLength - at);
    },
  };
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
