import type { Kernel } from "../../../compiler/artifact/kernel.ts";
import { emitKernel } from "../../../compiler/codegen/emit-kernel.ts";
import type { Stage } from "../../../compiler/driver/test/locate/stages.ts";
import type { LoopProc } from "../../../compiler/ir/proc.ts";
import { mapStmt } from "../../../compiler/ir/rewrite.ts";
import type { Stmt } from "../../../compiler/ir/stmt.ts";
import type { VBlock, VExpr, VectorProc } from "../../../compiler/ir/vector.ts";
import { lower } from "../../../compiler/lower/lower.ts";
import type { Target } from "../../../compiler/machine/target.schema.ts";
import type { CompiledProc, OnStage } from "../../../compiler/task/compile-proc.ts";
import { compileTaskStages } from "../../../compiler/task/compile-task.ts";
import { machineOf } from "../../../compiler/task/machine.ts";
import type { Task } from "../../../compiler/task/task.ts";

/** How a kernel is compiled, with a fault in it from a stage on. */
export type Compile = (onStage: OnStage) => CompiledProc;

/** As the compiler does it. */
export function plain(task: Task, target: Target): Compile {
  return (dump) => compileTaskStages(task, target, { dump });
}

/** As if step `index` of the schedule (1: the first) had broken the loops: all that follows is made of broken ones. */
export function brokenStep(task: Task, target: Target, index: number): Compile {
  return (onStage) => {
    const { compiled, stages } = stagesOf(task, target);
    const loops = stages.filter((stage) => stage.proc.stage === "loop" && stage.name !== "unroll");
    for (const [i, { name, proc }] of loops.entries())
      onStage(name, i < index ? proc : brokenLoops(proc as LoopProc));
    const last = brokenLoops(loops[loops.length - 1].proc as LoopProc);
    return remade(compiled, lower(last, target, onStage, machineOf(target)), target);
  };
}

/** As if a pass of lowering had broken the vectors. */
export function brokenPass(task: Task, target: Target, pass: string): Compile {
  return (onStage) => {
    const { compiled, stages } = stagesOf(task, target);
    let broken = false;
    for (const { name, proc } of stages) {
      broken ||= name === pass;
      onStage(name, broken && proc.stage === "vector" ? brokenVectors(proc) : proc);
    }
    return remade(compiled, brokenVectors(compiled.vector), target);
  };
}

/** A kernel as it is, built with one flag more. */
export function badFlag(task: Task, target: Target, flag: string): Compile {
  return (dump) => {
    const compiled = compileTaskStages(task, target, { dump });
    return { ...compiled, kernel: { ...compiled.kernel, cflags: [...compiled.kernel.cflags, flag] } };
  };
}

/** As if the C were printed wrongly. */
export function badText(task: Task, target: Target, change: (c: string) => string): Compile {
  return (dump) => {
    const compiled = compileTaskStages(task, target, { dump });
    return { ...compiled, kernel: { ...compiled.kernel, c: change(compiled.kernel.c) } };
  };
}

function stagesOf(task: Task, target: Target): { compiled: CompiledProc; stages: readonly Stage[] } {
  const stages: Stage[] = [];
  const compiled = compileTaskStages(task, target, { dump: (name, proc) => stages.push({ name, proc }) });
  return { compiled, stages };
}

function remade(compiled: CompiledProc, vector: VectorProc, target: Target): CompiledProc {
  const { c, prototype } = emitKernel({ ...vector, name: compiled.kernel.name }, target.isa, ["broken"]);
  const kernel: Kernel = { ...compiled.kernel, c, prototype };
  return { ...compiled, vector, kernel };
}

/** The first sum overwrites what was summed. */
function brokenLoops(proc: LoopProc): LoopProc {
  let done = false;
  const overwrite = (s: Stmt): Stmt => {
    if (done || s.kind !== "reduce") return s;
    done = true;
    return { kind: "store", buffer: s.buffer, at: s.at, value: s.value };
  };
  const body = proc.body.map((s) => mapStmt(s, (i) => i, undefined, overwrite));
  return { ...proc, body };
}

/** The first multiply-add adds nothing. */
function brokenVectors(proc: VectorProc): VectorProc {
  let done = false;
  const value = (e: VExpr): VExpr => {
    if (done || (e.kind !== "fma" && e.kind !== "fma-lane" && e.kind !== "fms")) return e;
    done = true;
    return e.acc;
  };
  const block = (stmts: VBlock): VBlock =>
    stmts.map((s) => {
      if (s.kind === "for" || s.kind === "if") return { ...s, body: block(s.body) };
      return s.kind === "let" || s.kind === "set" ? { ...s, value: value(s.value) } : s;
    });
  return { ...proc, body: block(proc.body) };
}
