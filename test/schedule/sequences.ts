import { interpret } from "../../compiler/ir/interpret.ts";
import { interpretVector } from "../../compiler/ir/interpret-vector.ts";
import { printProc } from "../../compiler/ir/print.ts";
import type { LoopProc } from "../../compiler/ir/proc.ts";
import { pack, unpack } from "../../compiler/ir/storage.ts";
import { validate } from "../../compiler/ir/validate.ts";
import type { VectorProc } from "../../compiler/ir/vector.ts";
import { lower } from "../../compiler/lower/lower.ts";
import type { Target } from "../../compiler/machine/target.schema.ts";
import type { Step } from "../../compiler/schedule/primitives/index.ts";
import { type Taken, takeStep } from "../../compiler/schedule/take-step.ts";
import { UserError } from "../../compiler/support/diagnostic.ts";
import { makeRng } from "../../compiler/support/rng.ts";
import { checked } from "../../compiler/task/check-stage.ts";
import { randomKernel } from "./random-kernel.ts";
import { randomStep } from "./random-step.ts";

/** Takes a step or refuses it: takeStep, or one with a check left out. */
export type Taker = (proc: LoopProc, step: Step) => Taken;

export type Buffers = Readonly<Record<string, Float32Array | Int32Array>>;

/** A kernel and what a sequence of random legal steps made of it. */
export interface Sequence {
  /** Of the kernel, and of what it is given. */
  readonly seed: number;
  readonly origin: LoopProc;
  /** What the kernel leaves. */
  readonly wanted: Buffers;
  readonly proc: LoopProc;
  readonly trace: readonly Step[];
}

/** f32 holds every whole number up to four times this, so that each order of adding gives the same. */
const EXACT = 2 ** 22;

/** The kernel of a seed; of the next one where its results grow, squared again and again, beyond what is exact. */
function exactKernel(seed: number): Pick<Sequence, "origin" | "wanted"> {
  for (let next = seed; ; next++) {
    const origin = randomKernel(makeRng(next));
    const wanted = run(origin, seed);
    const isExact = Object.values(wanted).every((values) => values.every((v) => Math.abs(v) <= EXACT));
    if (isExact) return { origin, wanted };
  }
}

export function randomSequence(seed: number, steps: readonly number[], take: Taker = takeStep): Sequence {
  const kernel = exactKernel(seed);
  const trace: Step[] = [];
  let proc = kernel.origin;
  for (const [i, stepSeed] of steps.entries()) {
    const step = randomStep(makeRng(stepSeed), proc, i);
    const taken = take(proc, step);
    if (taken.refused !== undefined) continue;
    proc = taken.proc;
    trace.push(step);
  }
  return { seed, ...kernel, proc, trace };
}

/** Small whole numbers, so that every order of adding gives the same. */
export function inputsFor(proc: LoopProc, seed: number): Buffers {
  const rng = makeRng(seed);
  return Object.fromEntries(
    proc.params.map((p) => {
      const size = p.storage.shape.reduce((a, b) => a * b, 1);
      const { bound } = p;
      if (bound !== undefined) return [p.name, Int32Array.from({ length: size }, () => rng.int(bound))];
      return [p.name, Float32Array.from({ length: size }, () => [-2, -1, 1, 2][rng.int(4)])];
    }),
  );
}

export function run(proc: LoopProc, seed: number, loops: "in-order" | "at-once" = "in-order"): Buffers {
  const buffers = inputsFor(proc, seed);
  interpret(proc, buffers, loops);
  return buffers;
}

/** The vector procedure, checked after each pass, unless the schedule is one that lowering refuses with a reason. */
export function lowered(proc: LoopProc, target: Target): VectorProc | undefined {
  try {
    return lower(proc, target, checked());
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

/** Runs a vector procedure on inputs laid out as its parameters lie. */
export function runVector(vector: VectorProc, proc: LoopProc, seed: number): Buffers {
  const logical = inputsFor(proc, seed);
  const memory = Object.fromEntries(vector.params.map((p) => [p.name, pack(p.storage, logical[p.name])]));
  interpretVector(vector, memory);
  return Object.fromEntries(vector.params.map((p) => [p.name, unpack(p.storage, memory[p.name])]));
}

/** The first element in which two results differ; zeros of either sign are equal. */
export function difference(a: Buffers, b: Buffers): string | undefined {
  for (const [name, values] of Object.entries(a)) {
    const i = values.findIndex((v, k) => !Object.is(v + 0, b[name][k] + 0));
    if (i >= 0) return `${name}[${i}]: ${values[i]} and ${b[name][i]}`;
  }
  return undefined;
}

/** What is wrong with a sequence, told so that it can be read; undefined when all is well. */
export function wrongWith({ seed, origin, wanted, proc, trace }: Sequence): string | undefined {
  const told = (what: string): string =>
    `${what}\n${printProc(origin)}\n${trace.map((s) => JSON.stringify(s)).join("\n")}\n${printProc(proc)}`;
  try {
    validate(proc, "schedule");
    const serial = difference(wanted, run(proc, seed));
    if (serial) return told(`another result: ${serial}`);
    const atOnce = difference(wanted, run(proc, seed, "at-once"));
    if (atOnce) return told(`another result with its marked loops at once: ${atOnce}`);
  } catch (error) {
    return told(String(error));
  }
  return undefined;
}
