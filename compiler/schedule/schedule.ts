import type { LoopProc } from "../ir/proc.ts";
import type { Memory } from "../ir/stmt.ts";
import type { StorageDim } from "../ir/storage.ts";
import { UserError } from "../support/diagnostic.ts";
import { loopsNamed } from "./loops.ts";
import type { Primitive } from "./primitive.ts";
import { primitives, type Step } from "./primitives/index.ts";

/** The steps that made a schedule, in order. */
export type Trace = readonly Step[];

/** Called after each step with the procedure it left. */
export type OnStep = (step: Step, proc: LoopProc) => void;

/**
 * A procedure and the steps that made it: an immutable value. Each method takes one checked step and
 * returns a new schedule; an illegal step throws a UserError that names the step and says why. `Axes` are
 * the names of the loops there are: a misspelt or consumed name does not compile.
 */
export class Schedule<Axes extends string = string> {
  readonly origin: LoopProc;
  readonly proc: LoopProc;
  readonly trace: Trace;
  private readonly onStep: OnStep | undefined;

  private constructor(origin: LoopProc, proc: LoopProc, trace: Trace, onStep: OnStep | undefined) {
    this.origin = origin;
    this.proc = proc;
    this.trace = trace;
    this.onStep = onStep;
  }

  static of<A extends string = string>(proc: LoopProc, onStep?: OnStep): Schedule<A> {
    return new Schedule<A>(proc, proc, [], onStep);
  }

  /** Takes the steps of a trace, one by one. */
  static replay(proc: LoopProc, trace: Trace): Schedule {
    return trace.reduce<Schedule>((s, step) => s.step(step), Schedule.of(proc));
  }

  /** Takes one step given as data. */
  step<Next extends string = string>(step: Step): Schedule<Next> {
    const primitive = primitives[step.op] as Primitive<Step>;
    const refused = primitive.check(this.proc, step);
    if (refused) {
      const where = `step ${this.trace.length + 1} of ${this.proc.name}: ${JSON.stringify(step)}`;
      throw new UserError({ ...refused, where });
    }
    const proc = primitive.apply(this.proc, step);
    this.onStep?.(step, proc);
    return new Schedule<Next>(this.origin, proc, [...this.trace, step], this.onStep);
  }

  /** Largest extent of the loops with this name. */
  extent(axis: Axes): number {
    return Math.max(0, ...loopsNamed(this.proc.body, axis).map((l) => l.extent));
  }

  split<A extends Axes, const O extends string, const I extends string>(
    axis: A,
    factor: number,
    into: readonly [O, I],
    tail: "exact" | "cut" | "guard" = "exact",
  ): Schedule<Exclude<Axes, A> | O | I> {
    return this.step({ op: "split", axis, factor, into: [...into], tail });
  }

  reorder(...order: readonly Axes[]): Schedule<Axes> {
    return this.step({ op: "reorder", order: [...order] });
  }

  /** Distributes each loop over its body, the last named first. */
  fission(...axes: readonly Axes[]): Schedule<Axes> {
    return axes.reduceRight<Schedule<Axes>>((s, axis) => s.step({ op: "fission", axis }), this);
  }

  stage(buffer: string, at: Axes, memory: Memory = "register"): Schedule<Axes> {
    return this.step({ op: "stage", buffer, at, memory });
  }

  pack(buffer: string, dims: readonly StorageDim[]): Schedule<Axes> {
    return this.step({ op: "pack", buffer, dims: [...dims] });
  }

  unroll(...axes: readonly Axes[]): Schedule<Axes> {
    return axes.reduce<Schedule<Axes>>((s, axis) => s.step({ op: "unroll", axis }), this);
  }

  vectorize(axis: Axes): Schedule<Axes> {
    return this.step({ op: "vectorize", axis });
  }

  parallel(...axes: readonly Axes[]): Schedule<Axes> {
    return axes.reduce<Schedule<Axes>>((s, axis) => s.step({ op: "parallel", axis }), this);
  }
}
