import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { emitKernel } from "../../compiler/codegen/emit-kernel.ts";
import { importOnnx } from "../../compiler/frontend/onnx/import.ts";
import { optimizeGraph } from "../../compiler/graph/optimize-graph.ts";
import { planForTarget } from "../../compiler/graph/plan-for-target.ts";
import { printProc } from "../../compiler/ir/print.ts";
import type { LoopProc } from "../../compiler/ir/proc.ts";
import { parseKernelText } from "../../compiler/language/parse-kernel.ts";
import { lower } from "../../compiler/lower/lower.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { Schedule, type Trace } from "../../compiler/schedule/schedule.ts";
import { parseTrace } from "../../compiler/schedule/trace.ts";
import { UserError } from "../../compiler/support/diagnostic.ts";
import { makeRng } from "../../compiler/support/rng.ts";
import { shortJson } from "../../compiler/support/text.ts";
import { compileTaskStages } from "../../compiler/task/compile-task.ts";
import { oneFile } from "../board/one-file.ts";
import { watchMemory } from "../support/memory.ts";
import { mutateTrace, PAYLOAD } from "./mutate-trace.ts";
import { randomSequence } from "./sequences.ts";

/** `make test-long` asks for more. */
const RUNS = Number(process.env.TRACE_RUNS ?? 40);
/** Random schedules, beside those of a network's operators. */
const RANDOM = 30;
const SLOWEST_MS = 10_000;
const LARGEST = 2 ** 30;
/** Reading a dump back takes longer than all the rest. */
const READ_ONE_IN = 16;

const DIGITS = readFileSync(new URL("../fixtures/digits/digits.onnx", import.meta.url));
const target = loadTarget("qemu-rpi4");

interface Made {
  readonly origin: LoopProc;
  readonly trace: Trace;
}

/** What there is to change: schedules of operators, and random ones. */
function originals(): readonly Made[] {
  const { plan } = planForTarget(optimizeGraph(importOnnx(DIGITS)), target, {});
  const tasks = new Map(plan.steps.map(({ task }) => [JSON.stringify(task), task]));
  const operators = [...tasks.values()].map((task) => {
    const { schedule } = compileTaskStages(task, target);
    return { origin: schedule.origin, trace: schedule.trace };
  });
  const random = Array.from({ length: RANDOM }, (_, n) =>
    randomSequence(
      n,
      Array.from({ length: 12 }, (_, i) => 1000 * n + i),
    ),
  );
  return [...operators, ...random];
}

/** C of a kernel that a trace makes, as far as its steps can be taken; nothing where it is refused. */
function compiled({ origin }: Made, data: unknown, name: string, read: boolean): string | undefined {
  try {
    const { schedule } = Schedule.replayTolerant({ ...origin, name }, parseTrace(data));
    const dump = printProc(schedule.proc);
    expect(withoutNotes(dump)).not.toContain(PAYLOAD);
    if (read) expect(printProc(parseKernelText(dump, {}))).toBe(dump);
    return emitKernel(lower(schedule.proc, target), target.isa, [name]).c;
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

test(`${RUNS} changed traces give C that compiles, or a clear error, soon`, () => {
  const made = originals();
  const operators = made.length - RANDOM;
  expect(operators).toBeGreaterThan(3);
  const texts: string[] = [];
  const grown = watchMemory();
  for (let n = 0; n < RUNS; n++) {
    const rng = makeRng(n);
    const original = made[rng.int(3) === 0 ? rng.int(operators) : rng.int(made.length)];
    const data = mutateTrace(original.trace, rng);
    const start = performance.now();
    try {
      const c = compiled(original, data, `k${n}`, n % READ_ONE_IN === 0);
      if (c !== undefined) texts.push(c);
    } catch (error) {
      throw new Error(`trace ${n}: ${shortJson(data, 2000)}`, { cause: error });
    }
    expect(performance.now() - start, `trace ${n} took too long`).toBeLessThan(SLOWEST_MS);
    expect(grown(), `memory after trace ${n}`).toBeLessThan(LARGEST);
  }
  expect(texts.length).toBeGreaterThan(RUNS / 4);
  expect(texts.filter((c) => withoutNotes(c).includes(PAYLOAD))).toEqual([]);
  expect(compilerSays(texts)).toBe("");
});

/** Remarks of `annotate` are the sender's words, on a line of their own. */
function withoutNotes(text: string): string {
  return text.replace(/^ *\/\/ .*$/gm, "");
}

/** What a C compiler says of kernels in one file. */
function compilerSays(texts: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), "tilewright-traces-"));
  try {
    const file = join(folder, "kernels.c");
    writeFileSync(file, oneFile(texts, target));
    execFileSync("aarch64-linux-gnu-gcc", ["-std=c11", "-fsyntax-only", "-Wall", "-Wextra", file], {
      stdio: "pipe",
    });
    return "";
  } catch (error) {
    return String((error as { stderr?: Buffer }).stderr ?? error).slice(0, 3000);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
