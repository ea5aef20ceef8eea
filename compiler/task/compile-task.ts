import { join } from "node:path";
import type { Kernel } from "../artifact/kernel.ts";
import { emitKernel } from "../codegen/emit-kernel.ts";
import type { LoopProc } from "../ir/proc.ts";
import type { VectorProc } from "../ir/vector.ts";
import { parseKernel } from "../language/parse-kernel.ts";
import { lower } from "../lower/lower.ts";
import { ops } from "../ops/index.ts";
import type { OpDef } from "../ops/op.ts";
import { Schedule } from "../schedule/schedule.ts";
import { UserError } from "../support/diagnostic.ts";
import { PACKAGE_ROOT } from "../support/paths.ts";
import { contentKey } from "../support/stable.ts";
import { cIdentifier, didYouMean } from "../support/text.ts";
import type { Target } from "../target/target.schema.ts";
import type { Task } from "./task.ts";

export interface TaskOptions {
  /** Name of one of the operator's schedules; default: the one its sizes and layouts ask for. */
  readonly schedule?: string;
  /** Called with the procedure after parsing, after each step and after each pass. */
  readonly dump?: (stage: string, proc: LoopProc | VectorProc) => void;
}

/** Raised when the C that comes out for the same task changes, so that caches do not mix. */
const COMPILER_VERSION = 1;

/** One task, from its kernel's source to C. */
export function compileTask(task: Task, target: Target, options: TaskOptions = {}): Kernel {
  const op = operator(task.op);
  const { dump } = options;
  const parsed = withStorage(parseKernel(kernelFile(op), op.kernel.name, task.dims), task);
  dump?.("parse", parsed);
  const start = Schedule.of(parsed, (step, proc) => dump?.(step.op, proc));
  const name = options.schedule ?? op.pick(start, task.dims, target);
  const scheduled = namedSchedule(op, name)(start, task.dims, target);
  const key = contentKey({
    version: COMPILER_VERSION,
    task,
    trace: scheduled.schedule.trace,
    isa: target.isa,
  });
  const id = cIdentifier(`${op.name}_${key.slice(0, 12)}`);
  const proc = lower({ ...scheduled.schedule.proc, name: id }, target, dump);
  const text = emitKernel(proc, target.isa, banner(op, task, target, name, scheduled.choice));
  return {
    name: id,
    key,
    params: proc.params,
    grid: proc.grid.reduce((n, g) => n * g.extent, 1),
    c: text.c,
    prototype: text.prototype,
    schedule: name,
    choice: scheduled.choice,
    cflags: scheduled.cflags ?? [],
    macs: op.macs(task.dims),
  };
}

/** Absolute path of an operator's kernel source. */
export function kernelFile(op: OpDef): string {
  return join(PACKAGE_ROOT, "compiler", "ops", op.file);
}

export function operator(name: string): OpDef {
  const op = (ops as Readonly<Record<string, OpDef>>)[name];
  if (op !== undefined) return op;
  throw new UserError({
    code: "S301",
    exit: "usage",
    title: `unknown operator \`${name}\``,
    help: [suggestion(name, Object.keys(ops))],
  });
}

function namedSchedule(op: OpDef, name: string): OpDef["schedules"][string] {
  const schedule = op.schedules[name];
  if (schedule !== undefined) return schedule;
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

function withStorage(proc: LoopProc, task: Task): LoopProc {
  return {
    ...proc,
    params: proc.params.map((p) => ({ ...p, storage: task.storage[p.name] ?? p.storage })),
  };
}

function banner(op: OpDef, task: Task, target: Target, schedule: string, choice: string): string[] {
  const dims = Object.entries(task.dims).map(([k, v]) => `${k}=${v}`);
  return [`${op.name}: ${dims.join(" ")}`, `${schedule} for ${target.isa.name}: ${choice}`];
}
