import { ops } from "../../ops/index.ts";
import type { OpDef } from "../../ops/op.ts";
import { stableJson } from "../../support/stable.ts";
import type { Buffer } from "./buffers.ts";
import type { DraftArg, DraftStep } from "./emission.ts";
import type { Lifetime } from "./plan-memory.ts";

/** Steps of which some write where they read, and the buffer in whose memory each lies. */
export interface InPlace {
  readonly steps: readonly DraftStep[];
  /** The lifetime of all that lie in a buffer's memory, by that buffer. */
  readonly arena: ReadonlyMap<Buffer, Lifetime>;
  readonly rootOf: (buffer: Buffer) => Buffer;
}

/**
 * An output lies in the memory of an input that is read for the last time, element by element in the same places: memory that is read
 * anyway is written, and nothing else is brought for it.
 */
export function writeInPlace(
  drafts: readonly DraftStep[],
  lifetimes: ReadonlyMap<Buffer, Lifetime>,
): InPlace {
  const arena = new Map(lifetimes);
  const roots = new Map<Buffer, Buffer>();
  const rootOf = (buffer: Buffer): Buffer => roots.get(buffer) ?? buffer;
  const steps = drafts.map((step, at): DraftStep => {
    const name = (ops as Readonly<Record<string, OpDef>>)[step.task.op].inPlace;
    const [from, into] = name === undefined ? [] : [step.args[name], step.args.y].map(wholeBuffer);
    if (name === undefined || from === undefined || into === undefined) return step;
    const [read, written] = [lifetimes.get(from), lifetimes.get(into)];
    const once = Object.values(step.args).filter((arg) => arg.kind === "buffer" && arg.buffer === from);
    const { storage, types } = step.task;
    const alike = types === undefined && stableJson(storage[name]) === stableJson(storage.y);
    const free = read?.last === at && written?.first === at && read.bytes === written.bytes;
    if (!alike || !free || once.length > 1) return step;
    const root = rootOf(from);
    const before = arena.get(root);
    if (before === undefined) return step;
    roots.set(into, root);
    arena.set(root, { ...before, last: written.last });
    arena.delete(into);
    return { ...step, task: { ...step.task, inPlace: name } };
  });
  return { steps, arena, rootOf };
}

function wholeBuffer(arg: DraftArg | undefined): Buffer | undefined {
  return arg?.kind === "buffer" && arg.offset === 0 ? arg.buffer : undefined;
}
