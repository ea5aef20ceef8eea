import { join } from "node:path";
import type { Kernel } from "../artifact/kernel.ts";
import type { LoopProc, Param } from "../ir/proc.ts";
import type { VectorProc } from "../ir/vector.ts";
import { parseKernel } from "../language/parse-kernel.ts";
import { checkStatements } from "../lower/written-out.ts";
import type { Target } from "../machine/target.schema.ts";
import { ops } from "../ops/index.ts";
import type { OpDef } from "../ops/op.ts";
import { type Choice, type Choices, type Choose, chosen, recording } from "../schedule/choose.ts";
import { Schedule, type ScheduleOptions } from "../schedule/schedule.ts";
import type { TakeStep } from "../schedule/take-step.ts";
import { defined } from "../support/assert.ts";
import { UserError } from "../support/diagnostic.ts";
import { PACKAGE_ROOT } from "../support/paths.ts";
import { didYouMean } from "../support/text.ts";
import { checked, checksAll } from "./check-stage.ts";
import { type CompiledProc, compileProc, type Made } from "./compile-proc.ts";
import { finish, withoutUsual } from "./finishing.ts";
import { targetOf, withHalves } from "./halves.ts";
import { withHeldTypes } from "./held-types.ts";
import { machineOf } from "./machine.ts";
import type { Task } from "./task.ts";

export interface TaskOptions {
  /** Name of one of the operator's schedules; default: the one its sizes and layouts ask for. */
  readonly schedule?: string;
  /** Knobs of the schedule by name; those not named take what the schedule prefers. */
  readonly choices?: Choices;
  /** Statements that its loops may come to when they are written out: L107 is thrown for more, before anything is lowered. */
  readonly mostStatements?: number;
  /** Where steps of the schedule may be known already. */
  readonly take?: TakeStep;
  /** Called with the procedure after parsing, after each step and after each pass. */
  readonly dump?: (stage: string, proc: LoopProc | VectorProc) => void;
}

/** One task, from its kernel's source to C. */
export function compileTask(task: Task, target: Target, options: TaskOptions = {}): Kernel {
  return compileTaskStages(task, target, options).kernel;
}

/** The same, with what it was on the way. */
export function compileTaskStages(task: Task, given: Target, options: TaskOptions = {}): CompiledProc {
  const target = targetOf(task, given);
  const op = operator(task.op);
  const { dims } = task;
  const origin = { name: op.name, dims, macs: op.macs(dims) };
  const name = options.schedule ?? pickedSchedule(task, target);
  const seen = seenBy(op, name, task);
  const make = (start: Schedule): Made => {
    const made = makeSchedule(op, name, start, seen, target, options);
    if (options.mostStatements !== undefined)
      checkStatements(made.schedule.proc.body, target.isa.lanes, options.mostStatements);
    return made;
  };
  const onStage = checksAll() ? checked(options.dump) : options.dump;
  return compileProc(parseTask(op, seen), make, target, origin, { onStage, take: options.take });
}

/** The knobs of the schedule that a task gets with these options. */
export function taskKnobs(task: Task, given: Target, options: TaskOptions = {}): readonly Choice[] {
  const target = targetOf(task, given);
  const op = operator(task.op);
  const name = options.schedule ?? pickedSchedule(task, target);
  const seen = seenBy(op, name, task);
  return makeSchedule(op, name, startOf(op, seen, target), seen, target, options).knobs;
}

/** A run of one of a task's schedules under anybody's choices: the knobs of its own that it asks for, and what it takes of each. */
export function runSchedule(
  task: Task,
  given: Target,
  schedule: string,
  choose: Choose,
  options: ScheduleOptions = {},
): Pick<Made, "knobs" | "taken"> {
  const op = operator(task.op);
  const target = targetOf(task, given);
  const recorded = recording(choose);
  const seen = seenBy(op, schedule, task);
  namedSchedule(op, schedule)(startOf(op, seen, target, options), seen.dims, target, recorded.choose);
  return recorded;
}

/** The schedule that a task's sizes and layouts ask for when no one chose. */
export function pickedSchedule(task: Task, given: Target): string {
  const target = targetOf(task, given);
  const op = operator(task.op);
  return op.pick(startOf(op, task, target), task.dims, target);
}

/** A task before anything is done to its loops, for which schedules may ask for the target's instructions. */
function startOf(op: OpDef, task: Task, target: Target, options: ScheduleOptions = {}): Schedule {
  return Schedule.of(parseTask(op, task), { machine: machineOf(target), ...options });
}

function makeSchedule(
  op: OpDef,
  name: string,
  start: Schedule,
  { dims }: Task,
  target: Target,
  options: TaskOptions,
): Made {
  const { choose, knobs, taken } = recording(chosen(options.choices ?? {}));
  const scheduled = namedSchedule(op, name)(start, dims, target, choose);
  return {
    ...scheduled,
    ...finish(scheduled, target, choose),
    name,
    knobs,
    taken: withoutUsual(taken, knobs),
  };
}

/** By task and schedule, so that what is parsed of one is found again. */
const seenTasks = new WeakMap<Task, Map<string, Task>>();

/** A task as one of its schedules sees it. */
export function seenBy(op: OpDef, schedule: string, task: Task): Task {
  // a name may be a stranger's
  const { inSchedule = {} } = op;
  if (!Object.hasOwn(inSchedule, schedule)) return task;
  const see = inSchedule[schedule];
  const known = seenTasks.get(task) ?? new Map<string, Task>();
  seenTasks.set(task, known);
  const seen = known.get(schedule) ?? { ...task, ...see(task) };
  known.set(schedule, seen);
  return seen;
}

/** Parsed tasks: a search makes hundreds of schedules of one. Tasks and procedures never change. */
const parsedTasks = new WeakMap<Task, LoopProc>();

/** An operator's kernel with its sizes bound and its parameters as they lie in memory. */
export function parseTask(op: OpDef, task: Task): LoopProc {
  const known = parsedTasks.get(task);
  if (known !== undefined) return known;
  const proc = parsedTask(op, task);
  parsedTasks.set(task, proc);
  return proc;
}

function parsedTask(op: OpDef, task: Task): LoopProc {
  const proc = withStorage(parseKernel(kernelFile(op), op.kernel.name, task.dims), task);
  if (task.floats === "f16") return withHalves(proc, defined(op.halves, `${op.name} in f16`));
  return task.types === undefined ? proc : withHeldTypes(proc, task.types);
}

/** The type of a task's constant floats. */
export function constantsOf({ op, floats }: Task): "f32" | "f16" {
  return floats === "f16" && operator(op).halves === "computed" ? "f16" : "f32";
}

/** Absolute path of an operator's kernel source. */
export function kernelFile(op: OpDef): string {
  return join(PACKAGE_ROOT, "compiler", "ops", op.file);
}

export function operator(name: string): OpDef {
  if (Object.hasOwn(ops, name)) return (ops as Readonly<Record<string, OpDef>>)[name];
  throw new UserError({
    code: "S301",
    exit: "usage",
    title: `unknown operator \`${name}\``,
    help: [suggestion(name, Object.keys(ops))],
  });
}

function namedSchedule(op: OpDef, name: string): OpDef["schedules"][string] {
  if (Object.hasOwn(op.schedules, name)) return op.schedules[name];
  throw new UserError({
    code: "S302",
    exit: "usage",
    title: `operator \`${op.name}\` has no schedule \`${name}\``,
    help: [suggestion(name, Object.keys(op.schedules))],
  });
}

function suggestion(name: string, candidates: readonly string[]): string {
  const near = didYouMean(name, candidates);
  return near ? `did you mean \`${near}\`?` : `there are ${candidates.join(", ")}`;
}

function withStorage(proc: LoopProc, { storage, inPlace }: Task): LoopProc {
  const shares = ({ name, role }: Param): boolean =>
    inPlace !== undefined && (name === inPlace || role === "output");
  return {
    ...proc,
    params: proc.params.map((p) => ({
      ...p,
      storage: storage[p.name] ?? p.storage,
      ...(shares(p) && { shared: true }),
    })),
  };
}
