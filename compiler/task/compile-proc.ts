import type { Kernel } from "../artifact/kernel.ts";
import { cIdentifier } from "../codegen/c-names.ts";
import { emitKernel, type KernelText } from "../codegen/emit-kernel.ts";
import { neededFlags } from "../codegen/needed-flags.ts";
import { BYTES } from "../ir/dtype.ts";
import type { LoopProc, Param } from "../ir/proc.ts";
import { stepEnds, stepsOf } from "../ir/steps.ts";
import type { VectorProc } from "../ir/vector.ts";
import { lower } from "../lower/lower.ts";
import { arraysIn } from "../lower/pointers.ts";
import type { Target } from "../machine/target.schema.ts";
import type { Scheduled } from "../ops/op.ts";
import type { Choice, Choices } from "../schedule/choose.ts";
import { joinNests } from "../schedule/join-nests.ts";
import { type LostThreads, lostThreads } from "../schedule/lost-threads.ts";
import { Schedule } from "../schedule/schedule.ts";
import type { TakeStep } from "../schedule/take-step.ts";
import { contentKey } from "../support/stable.ts";
import { machineOf } from "./machine.ts";

/** A kernel and what it was on the way to C. */
export interface CompiledProc {
  readonly kernel: Kernel;
  readonly schedule: Schedule;
  readonly vector: VectorProc;
  /** What it is compiled for: with the instruction set of its floats. */
  readonly target: Target;
  /** What the schedule asked to be chosen. */
  readonly knobs: readonly Choice[];
  /** Parallel loops that threads do not share. */
  readonly lostThreads: readonly LostThreads[];
}

/** A schedule's result, what it is called and the knobs it has. */
export interface Made extends Scheduled {
  readonly name: string;
  readonly knobs: readonly Choice[];
  /** What was taken of each knob. */
  readonly taken: Choices;
  /** Flags for the C compiler, of a user's own schedule. */
  readonly cflags?: readonly string[];
  /** Statements that loads move past; absent: as usual. */
  readonly ahead?: number;
}

/** What the C file and its name say of where it comes from. */
export interface Origin {
  /** Operator, or function of a user's own kernel. */
  readonly name: string;
  readonly dims: Readonly<Record<string, number>>;
  readonly macs: number;
}

/** Called with the procedure after parsing, after each step and after each pass. */
export type OnStage = (stage: string, proc: LoopProc | VectorProc) => void;

/** Who is told of the stages, and where steps of the schedule may be known already. */
interface Watched {
  readonly onStage?: OnStage | undefined;
  readonly take?: TakeStep | undefined;
}

/** Hex digits of the key in a kernel's name. */
const DIGITS = 12;

/** A parsed procedure, scheduled, lowered and printed. `make` says what it is called and what it chose. */
export function compileProc(
  parsed: LoopProc,
  make: (s: Schedule) => Made,
  target: Target,
  { name, dims, macs }: Origin,
  { onStage, take }: Watched = {},
): CompiledProc {
  const machine = machineOf(target);
  onStage?.("parse", parsed);
  const {
    schedule,
    choice,
    intents = [],
    cflags: asked = [],
    name: chosen,
    knobs,
    taken,
    ahead,
  } = make(
    Schedule.of(parsed, { machine, onStep: (step, proc) => onStage?.(step.op, proc), ...(take && { take }) }),
  );
  const proc = joinNests(schedule.proc);
  if (proc !== schedule.proc) onStage?.("join-nests", proc);
  const vector = lower(proc, target, onStage, machine, ahead);
  const cflags = [...asked, ...neededFlags(vector)];
  const sizes = Object.entries(dims).map(([k, v]) => `${k}=${v}`);
  const banner = [`${name}: ${sizes.join(" ")}`, `${chosen} for ${target.isa.name}: ${choice}`];
  const blocks = vector.grid.reduce((n, g) => n * g.extent, 1);
  const ends = stepEnds(stepsOf(vector.body)?.steps ?? []);
  const text = namedByContent(name, (id) => emitKernel({ ...vector, name: id }, target.isa, banner), {
    params: vector.params.map(keyOf),
    cflags,
    // a kernel that asks nothing keeps the name it had before there were intents
    ...(intents.length === 0 ? {} : { intents }),
    isa: target.isa.name,
  });
  const kernel: Kernel = {
    ...text,
    params: vector.params,
    scratch: vector.scratch,
    grid: blocks * (ends.at(-1) ?? 1),
    ...(ends.length === 0 ? {} : { steps: ends }),
    schedule: chosen,
    knobs: taken,
    choice,
    intents,
    cflags,
    macs,
    scratchBytes: arraysIn(vector.body).reduce((sum, array) => sum + array.size * BYTES[array.dtype], 0),
  };
  return {
    kernel,
    schedule,
    vector: { ...vector, name: kernel.name },
    target,
    knobs,
    lostThreads: lostThreads(proc, ends.length > 0),
  };
}

/** What of a parameter makes its kernel another one; f32, which all were once, is not told, so that names stay. */
function keyOf({ name, role, dtype, storage }: Param): unknown {
  return { name, role, storage, ...(dtype === "f32" ? {} : { dtype }) };
}

/**
 * A kernel's text under a name that says what it is: a hash of its C, how its parameters lie, what it asks of the C compiler and
 * its instruction set. Kernels of one name are the same, whoever made them in whatever way.
 */
function namedByContent(
  name: string,
  emit: (id: string) => KernelText,
  rest: Readonly<Record<string, unknown>>,
): Pick<Kernel, "name" | "key" | "c" | "prototype"> {
  const named = (digits: string): string => cIdentifier(`${name}_${digits}`);
  const blank = named("0".repeat(DIGITS));
  const { c, prototype } = emit(blank);
  const key = contentKey({ c, ...rest });
  const id = named(key.slice(0, DIGITS));
  return { name: id, key, c: c.replaceAll(blank, id), prototype: prototype.replaceAll(blank, id) };
}
