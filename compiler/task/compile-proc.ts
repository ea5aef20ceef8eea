import type { Kernel } from "../artifact/kernel.ts";
import { cIdentifier } from "../codegen/c-names.ts";
import { emitKernel } from "../codegen/emit-kernel.ts";
import type { LoopProc } from "../ir/proc.ts";
import type { VectorProc } from "../ir/vector.ts";
import { lower } from "../lower/lower.ts";
import { arraysIn } from "../lower/pointers.ts";
import type { Scheduled } from "../ops/op.ts";
import type { Choice } from "../schedule/choose.ts";
import { joinNests } from "../schedule/join-nests.ts";
import { type LostThreads, lostThreads } from "../schedule/lost-threads.ts";
import { Schedule } from "../schedule/schedule.ts";
import { contentKey } from "../support/stable.ts";
import type { Target } from "../target/target.schema.ts";
import type { Task } from "./task.ts";

/** A kernel and what it was on the way to C. */
export interface CompiledProc {
  readonly kernel: Kernel;
  readonly schedule: Schedule;
  readonly vector: VectorProc;
  /** What the schedule asked to be chosen. */
  readonly knobs: readonly Choice[];
  /** Parallel loops that threads do not share. */
  readonly lostThreads: readonly LostThreads[];
}

/** A schedule's result, what it is called and the knobs it has. */
export interface Made extends Scheduled {
  readonly name: string;
  readonly knobs: readonly Choice[];
}

/** What the C file and its name say of where it comes from. */
export interface Origin {
  /** Operator, or function of a user's own kernel. */
  readonly name: string;
  readonly dims: Readonly<Record<string, number>>;
  /** What besides trace and target the C depends on: the task, or a kernel's own text. */
  readonly task: Task | string;
  readonly macs: number;
}

/** Called with the procedure after parsing, after each step and after each pass. */
export type OnStage = (stage: string, proc: LoopProc | VectorProc) => void;

/** Raised when the C that comes out for the same task changes, so that caches do not mix. */
const COMPILER_VERSION = 1;
const FLOAT_BYTES = 4;

/** A parsed procedure, scheduled, lowered and printed. `make` says what it is called and what it chose. */
export function compileProc(
  parsed: LoopProc,
  make: (s: Schedule) => Made,
  target: Target,
  { name, dims, task, macs }: Origin,
  onStage?: OnStage,
): CompiledProc {
  onStage?.("parse", parsed);
  const {
    schedule,
    choice,
    cflags,
    name: chosen,
    knobs,
  } = make(Schedule.of(parsed, (step, proc) => onStage?.(step.op, proc)));
  // who can run it elsewhere says nothing of the code
  const { emulation: _, ...isa } = target.isa;
  const key = contentKey({ version: COMPILER_VERSION, task, trace: schedule.trace, isa });
  const id = cIdentifier(`${name}_${key.slice(0, 12)}`);
  const proc = joinNests(schedule.proc);
  if (proc !== schedule.proc) onStage?.("join-nests", proc);
  const vector = lower({ ...proc, name: id }, target, onStage);
  const sizes = Object.entries(dims).map(([k, v]) => `${k}=${v}`);
  const banner = [`${name}: ${sizes.join(" ")}`, `${chosen} for ${target.isa.name}: ${choice}`];
  const { c, prototype } = emitKernel(vector, target.isa, banner);
  const kernel: Kernel = {
    name: id,
    key,
    params: vector.params,
    scratch: vector.scratch,
    grid: vector.grid.reduce((n, g) => n * g.extent, 1),
    c,
    prototype,
    schedule: chosen,
    choice,
    cflags: cflags ?? [],
    macs,
    scratchBytes: arraysIn(vector.body).reduce((sum, array) => sum + array.size * FLOAT_BYTES, 0),
  };
  return { kernel, schedule, vector, knobs, lostThreads: lostThreads(proc) };
}
