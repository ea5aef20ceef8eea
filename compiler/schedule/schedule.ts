import type { LoopProc } from "../ir/proc.ts";
import type { Memory } from "../ir/stmt.ts";
import type { StorageDim } from "../ir/storage.ts";
import { type Diagnostic, UserError } from "../support/diagnostic.ts";
import { shortJson } from "../support/text.ts";
import type { Tail } from "./fields.ts";
import { loopsNamed } from "./loops.ts";
import { RELAXED, type Rules } from "./primitive.ts";
import type { Step } from "./primitives/index.ts";
import { bordersOf } from "./primitives/peel.ts";
import { type TakeStep, takeStep } from "./take-step.ts";
import type { Skipped, Trace } from "./trace.ts";

export type { Trace } from "./trace.ts";

/** Called after each step with the procedure it left. */
export type OnStep = (step: Step, proc: LoopProc) => void;

export interface ScheduleOptions extends Partial<Rules> {
  readonly onStep?: OnStep;
  /** Where steps of other schedules may be known already. */
  readonly take?: TakeStep;
}

/** The names left when some are consumed; of a name that is only known when it runs, all stay. */
type Without<Axes extends string, Gone extends string> = string extends Gone ? Axes : Exclude<Axes, Gone>;

type PrefetchRequest<Axes extends string> = readonly [
  buffer: string,
  axis: Axes,
  ahead?: number,
  over?: Readonly<Partial<Record<Axes, number>>>,
  at?: Axes,
  last?: "own",
];

function prefetchStep<Axes extends string>(request: PrefetchRequest<Axes>): Step {
  const [buffer, axis, ahead = 1, over, at, last] = request;
  return {
    ...({ op: "prefetch", buffer, axis, ahead } as const),
    ...(over === undefined ? {} : { over: { ...(over as Record<string, number>) } }),
    ...(at === undefined ? {} : { at }),
    ...(last === undefined ? {} : { last }),
  };
}

/** Where `stage` puts the new buffer, where it lives, and what a copy is called. */
export interface StageOptions<A, N extends string> {
  /** The loop whose body gets the buffer; absent: the whole procedure. */
  readonly at?: A;
  readonly memory?: Memory;
  readonly as?: N;
}

/**
 * A procedure and the steps that made it: an immutable value. Each method takes one checked step and
 * returns a new schedule; an illegal step throws a UserError that names the step and says why. `Axes` are
 * the names of the loops there are: a misspelt or consumed name does not compile.
 */
export class Schedule<Axes extends string = string> {
  readonly origin: LoopProc;
  readonly proc: LoopProc;
  readonly trace: Trace;
  private readonly options: ScheduleOptions & Rules;

  private constructor(origin: LoopProc, proc: LoopProc, trace: Trace, options: ScheduleOptions & Rules) {
    this.origin = origin;
    this.proc = proc;
    this.trace = trace;
    this.options = options;
  }

  static of<A extends string = string>(proc: LoopProc, options: OnStep | ScheduleOptions = {}): Schedule<A> {
    const given = typeof options === "function" ? { onStep: options } : options;
    return new Schedule<A>(proc, proc, [], { ...RELAXED, ...given });
  }

  /** Takes the steps of a trace, one by one. */
  static replay(proc: LoopProc, trace: Trace, options: ScheduleOptions = {}): Schedule {
    return trace.reduce<Schedule>((s, step) => s.step(step), Schedule.of(proc, options));
  }

  /**
   * Takes the steps of a trace, usually made for other sizes, that fit; the others are left out and reported
   * one by one.
   */
  static replayTolerant(
    proc: LoopProc,
    trace: Trace,
    options: ScheduleOptions = {},
  ): { readonly schedule: Schedule; readonly skipped: readonly Skipped[] } {
    const skipped: Skipped[] = [];
    const schedule = trace.reduce<Schedule>(
      (s, step) => {
        const taken = s.attempt(step);
        if (taken instanceof Schedule) return taken;
        skipped.push({ step, diagnostic: taken });
        return s;
      },
      Schedule.of(proc, options),
    );
    return { schedule, skipped };
  }

  /** Takes one step given as data. */
  step<Next extends string = string>(step: Step): Schedule<Next> {
    const taken = this.attempt<Next>(step);
    if (taken instanceof Schedule) return taken;
    const where = `step ${this.trace.length + 1} of ${this.proc.name}: ${shortJson(step, 1000)}`;
    throw new UserError({ ...taken, where });
  }

  /** Takes one step given as data, or says why not. */
  attempt<Next extends string = string>(step: Step): Schedule<Next> | Diagnostic {
    const { take = takeStep } = this.options;
    const taken = take(this.proc, step, this.options);
    if (taken.refused !== undefined) return taken.refused;
    this.options.onStep?.(step, taken.proc);
    return new Schedule<Next>(this.origin, taken.proc, [...this.trace, step], this.options);
  }

  /** Largest extent of the loops with this name. */
  extent(axis: Axes): number {
    return Math.max(0, ...loopsNamed(this.proc.body, axis).map((l) => l.extent));
  }

  split<A extends Axes, const O extends string, const I extends string>(
    axis: A,
    factor: number,
    into: readonly [O, I],
    tail: Tail = "exact",
  ): Schedule<Without<Axes, A> | O | I> {
    return this.step({ op: "split", axis, factor, into: [...into], tail });
  }

  /** Names of the loops over tiles first, then of those inside a tile. */
  tile<A extends Axes, B extends Axes, const N extends string>(
    axes: readonly [A, B],
    factors: readonly [number, number],
    into: readonly [N, N, N, N],
    tail: Tail = "exact",
  ): Schedule<Without<Axes, A | B> | N> {
    return this.step({ op: "tile", axes: [...axes], factors: [...factors], into: [...into], tail });
  }

  fuse<A extends Axes, B extends Axes, const N extends string>(
    outer: A,
    inner: B,
    into: N,
  ): Schedule<Without<Axes, A | B> | N> {
    return this.step({ op: "fuse", outer, inner, into });
  }

  reorder(...order: readonly Axes[]): Schedule<Axes> {
    return this.step({ op: "reorder", order: [...order] });
  }

  /** Distributes each loop over its body, the last named first. */
  fission(...axes: readonly Axes[]): Schedule<Axes> {
    return axes.reduceRight<Schedule<Axes>>((s, axis) => s.step({ op: "fission", axis }), this);
  }

  /** Takes iterations off both ends into loops of their own, named by `into` or like the axis. */
  peel<A extends Axes, const N extends string = never>(
    axis: A,
    {
      head = 0,
      tail = 0,
      into,
    }: { readonly head?: number; readonly tail?: number; readonly into?: readonly [N, N] },
  ): Schedule<Axes | N> {
    return this.step({ op: "peel", axis, head, tail, ...(into === undefined ? {} : { into: [...into] }) });
  }

  /** Peels each loop so far that no condition on it is left in the middle: borders apart, interior without tests. */
  interior(...axes: readonly Axes[]): Schedule<Axes> {
    return axes.reduce<Schedule<Axes>>((s, axis) => {
      const { head, tail } = bordersOf(s.proc, axis);
      return head + tail === 0 ? s : s.peel(axis, { head, tail });
    }, this);
  }

  pad(axis: Axes, multiple: number): Schedule<Axes> {
    return this.step({ op: "pad", axis, multiple });
  }

  /** A buffer of a loop's own: at a loop by name, or with options. Copies are made by loops `as_0`, `as_1`, ... */
  stage<const N extends string = never>(
    buffer: string,
    at: Axes | StageOptions<Axes, N>,
    memory: Memory = "register",
  ): Schedule<Axes | `${N}_${number}`> {
    if (typeof at === "string") return this.step({ op: "stage", buffer, at, memory });
    const step = { op: "stage", buffer, memory: at.memory ?? "stack" } as const;
    return this.step({
      ...step,
      ...(at.at === undefined ? {} : { at: at.at }),
      ...(at.as === undefined ? {} : { as: at.as }),
    });
  }

  pack(buffer: string, dims: readonly StorageDim[]): Schedule<Axes> {
    return this.step({ op: "pack", buffer, dims: [...dims] });
  }

  computeAt(buffer: string, at: Axes): Schedule<Axes> {
    return this.step({ op: "computeAt", buffer, at });
  }

  inline(buffer: string): Schedule<Axes> {
    return this.step({ op: "inline", buffer });
  }

  unrollAndJam<A extends Axes, const O extends string, const I extends string>(
    axis: A,
    factor: number,
    into: readonly [O, I],
    tail: Tail = "exact",
  ): Schedule<Without<Axes, A> | O | I> {
    return this.step({ op: "unrollAndJam", axis, factor, into: [...into], tail });
  }

  unroll(...axes: readonly Axes[]): Schedule<Axes> {
    return axes.reduce<Schedule<Axes>>((s, axis) => s.step({ op: "unroll", axis }), this);
  }

  vectorize(axis: Axes): Schedule<Axes> {
    return this.step({ op: "vectorize", axis });
  }

  /** Does the work of a loop and of those inside by one instruction of the target, named as in targets/isa. */
  tensorize(axis: Axes, instruction: string): Schedule<Axes> {
    return this.step({ op: "tensorize", axis, instruction });
  }

  parallel(...axes: readonly Axes[]): Schedule<Axes> {
    return axes.reduce<Schedule<Axes>>((s, axis) => s.step({ op: "parallel", axis }), this);
  }

  /**
   * Asks in each iteration of a loop for what the iteration `ahead` later touches first, and what it touches after every so
   * many iterations of the loops inside that `over` names.
   */
  prefetch(...request: PrefetchRequest<Axes>): Schedule<Axes> {
    return this.step(prefetchStep(request));
  }

  /** The same in a schedule for any sizes: it changes no result, and is left out where it would be more than a procedure may have (S127). */
  prefetchIfFew(...request: PrefetchRequest<Axes>): Schedule<Axes> {
    const step = prefetchStep(request);
    const taken = this.attempt<Axes>(step);
    if (taken instanceof Schedule) return taken;
    return taken.code === "S127" ? this : this.step(step);
  }

  annotate(axis: Axes, note: string): Schedule<Axes> {
    return this.step({ op: "annotate", axis, note });
  }
}
