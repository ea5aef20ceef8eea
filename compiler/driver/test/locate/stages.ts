import type { TypedArray } from "../../../ir/dtype.ts";
import { interpret } from "../../../ir/interpret.ts";
import { interpretVector } from "../../../ir/interpret-vector.ts";
import type { LoopProc, Param } from "../../../ir/proc.ts";
import { pack, unpack } from "../../../ir/storage.ts";
import { makeArray, unwritten } from "../../../ir/typed-array.ts";
import type { VectorProc } from "../../../ir/vector.ts";
import type { OnStage } from "../../../task/compile-proc.ts";
import { compareTensors } from "../../../verify/compare.ts";
import type { KernelData } from "../../kernel/kernel-reference.ts";

/** What a kernel was after a step of its schedule, or after a pass. */
export interface Stage {
  readonly name: string;
  readonly proc: LoopProc | VectorProc;
}

/** What a kernel is given, what it must make of that, and how far each number may be off; row-major, by parameter. */
export interface StageData {
  readonly tensors: KernelData;
  readonly wanted: KernelData;
  readonly bounds: ReadonlyMap<string, Float32Array>;
}

/** Receives stages, and keeps them. */
export function keepStages(): { readonly onStage: OnStage; readonly stages: readonly Stage[] } {
  const stages: Stage[] = [];
  return { stages, onStage: (name, proc) => void stages.push({ name, proc }) };
}

/**
 * The first stage that computes something else, by halves: what one left wrong no later one mends. Undefined where the last is
 * right.
 */
export function firstWrongStage(stages: readonly Stage[], data: StageData): number | undefined {
  if (stages.length === 0 || !isWrong(stages[stages.length - 1], data)) return undefined;
  let [right, wrong] = [-1, stages.length - 1];
  while (wrong - right > 1) {
    const middle = Math.floor((right + wrong) / 2);
    if (isWrong(stages[middle], data)) wrong = middle;
    else right = middle;
  }
  return wrong;
}

/** Whether a stage, interpreted, computes something else; one that cannot be interpreted is wrong, too. */
export function isWrong({ proc }: Stage, data: StageData): boolean {
  try {
    const found = proc.stage === "loop" ? runLoops(proc, data.tensors) : runVectors(proc, data.tensors);
    return proc.params.some((param) => param.role === "output" && differs(param, found, data));
  } catch {
    return true;
  }
}

function differs({ name, storage }: Param, found: ReadonlyMap<string, TypedArray>, data: StageData): boolean {
  const wanted = data.wanted.get(name);
  const actual = found.get(name);
  if (wanted === undefined || actual === undefined) return false;
  return compareTensors(storage.shape, actual, wanted, data.bounds.get(name)).badCount > 0;
}

function runLoops(proc: LoopProc, tensors: KernelData): ReadonlyMap<string, TypedArray> {
  const buffers = Object.fromEntries(
    proc.params.map(({ name, role, dtype, storage }) => {
      const size = storage.shape.reduce((a, b) => a * b, 1);
      return [
        name,
        role === "output" ? unwritten(dtype, size) : (tensors.get(name) ?? makeArray(dtype, size)),
      ];
    }),
  );
  interpret(proc, buffers);
  return new Map(Object.entries(buffers));
}

function runVectors(proc: VectorProc, tensors: KernelData): ReadonlyMap<string, TypedArray> {
  const memory = Object.fromEntries(
    proc.params.map(({ name, role, dtype, storage }) => {
      const size = storage.shape.reduce((a, b) => a * b, 1);
      const data = role === "output" ? unwritten(dtype, size) : (tensors.get(name) ?? makeArray(dtype, size));
      return [name, pack(storage, data)];
    }),
  );
  interpretVector(proc, memory);
  return new Map(proc.params.map(({ name, storage }) => [name, unpack(storage, memory[name])]));
}
