import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { Kernel } from "../../../compiler/artifact/kernel.ts";
import { localRunner } from "../../../compiler/device/local.ts";
import { qemuRunner } from "../../../compiler/device/qemu.ts";
import type { Runner } from "../../../compiler/device/runner.ts";
import { decidedPlan } from "../../../compiler/driver/decide/decided-plan.ts";
import { measuredMeter } from "../../../compiler/driver/tune/meter.ts";
import type { Outcome } from "../../../compiler/driver/tune/outcome.ts";
import { proposals } from "../../../compiler/driver/tune/propose.ts";
import { type Effort, raceKernels } from "../../../compiler/driver/tune/race-kernels.ts";
import { ratioOf } from "../../../compiler/driver/tune/ratio.ts";
import { taskData } from "../../../compiler/driver/tune/task-data.ts";
import { taskSpace } from "../../../compiler/driver/tune/task-space.ts";
import { type Measure, TaskSearch } from "../../../compiler/driver/tune/tune-task.ts";
import { pack } from "../../../compiler/ir/storage.ts";
import { emulatorOf, loadTarget } from "../../../compiler/machine/load.ts";
import { defined } from "../../../compiler/support/assert.ts";
import { UserError } from "../../../compiler/support/diagnostic.ts";
import { makeRng } from "../../../compiler/support/rng.ts";
import { contentKey } from "../../../compiler/support/stable.ts";
import { compileTask } from "../../../compiler/task/compile-task.ts";
import { findToolchain } from "../../../compiler/toolchain/toolchain.ts";
import { messageOf } from "../../support/message.ts";
import { convTask, smallNetwork, smallPlan } from "./layers.ts";

const cacheDir = mkdtempSync(join(tmpdir(), "tilewright-race-cache-"));
afterAll(() => rmSync(cacheDir, { recursive: true, force: true }));

const planned = smallPlan("host");
const { target } = planned;
const task = convTask(planned, 3);
const right = compileTask(task, target);
const data = taskData(task, 1);
const CHECK: Effort = { warmup: 0, repeats: 0, seconds: 2 };

async function race(
  kernels: readonly [Kernel, ...Kernel[]],
  effort: Effort,
  runner: Runner = localRunner("host"),
  on = target,
  given = data,
): Promise<readonly Outcome[]> {
  const toolchain = await findToolchain(on);
  const place = { target: on, runner, toolchain, cacheDir, threads: 1, jobs: 2 };
  return raceKernels(kernels, given, { ...place, signal: new AbortController().signal }, effort);
}

/** The right kernel with its text changed, under a name of its own. */
function changed(label: string, change: (c: string) => string, from = right): Kernel {
  const name = `conv2d_${label}`;
  const c = change(from.c).replaceAll(from.name, name);
  return { ...from, name, key: contentKey(c), c, prototype: from.prototype.replaceAll(from.name, name) };
}
const output = right.params.find(({ role }) => role === "output")?.name ?? "";
/** With a statement where the kernel's body begins. */
const beginning = (label: string, statement: string): Kernel =>
  changed(label, (c) => c.replace(/(int end\)\s*\{)/, `$1\n    ${statement}\n`));

const faulty = [
  beginning("crash", "*(volatile int *)1 = 1;"),
  beginning("hang", "for (volatile int stay = 1; stay;) {}"),
  beginning("overrun", `${output}[-1] = 1;`),
  beginning("nothing", "end = begin;"),
  changed("wrong", (c) => c.replace(/(\breturn;|\}\s*)$/, `${output}[5] += 1e-3f;\n}`)),
  beginning("endless", 'extern int printf(const char *, ...); for (;;) printf("%4000d\\n", 1);'),
  beginning("memory", "extern void *malloc(size_t); for (;;) *(volatile char *)malloc((size_t)1 << 20) = 1;"),
  beginning("killed", "extern int raise(int); raise(9);"),
  changed("nan", (c) => c.replace(/(\breturn;|\}\s*)$/, `${output}[5] = 0.0f / 0.0f;\n}`)),
  beginning("syntax", "this is no C;"),
];

describe("a race", () => {
  test("times a right kernel in turns with the reference", async () => {
    const other = compileTask(task, target, { schedule: "planar" });
    const outcomes = await race([right, other], { warmup: 1, repeats: 6 });
    for (const outcome of outcomes) {
      if (outcome.outcome !== "ok" || outcome.cost.kind !== "measured") throw new Error(outcome.outcome);
      const { ns, reference } = outcome.cost;
      expect([ns.length, reference.length]).toEqual([6, 6]);
      expect(Math.min(...ns, ...reference)).toBeGreaterThan(0);
    }
  });

  test("counts the fastest of some samples: what is slow for a while does not count", async () => {
    const waiting = (factor: string) =>
      `const int times = 200000 * (${factor}); for (volatile int i = 0; i < times; i++) {}`;
    const steady = beginning("steady", waiting("1"));
    const moody = beginning("moody", `static int runs; ${waiting("runs++ & 2 ? 20 : 1")}`);
    const [, outcome] = await race([steady, moody], { warmup: 1, repeats: 6 });
    if (outcome.outcome !== "ok") throw new Error(outcome.outcome);
    // of single samples the half would be 20, first of all the first two
    expect(ratioOf(outcome.cost, 0).median).toBeLessThan(4);
  });

  test("measures kernels of equal object code once", async () => {
    const twin = changed("0123456789ab", (c) => c.replace(/(int end\)\s*\{)/, "$1 /* as before */"));
    const toolchain = await findToolchain(target);
    const signal = new AbortController().signal;
    const boards = [{ runner: localRunner("host"), threads: 1, signal }];
    const place = { target, boards, toolchain, cacheDir, jobs: 2, signal };
    const other = compileTask(task, target, { schedule: "planar" });
    const prepared = await measuredMeter(place).prepare([right, other, twin], () => data, {
      warmup: 0,
      repeats: 3,
    });
    const told = new Map<number, Outcome>();
    await prepared.measure([0, 1, 2], (i, outcome) => told.set(i, outcome));
    await prepared.drop();
    expect([...told.values()].map(({ sameAs }) => sameAs)).toEqual([undefined, right.name, undefined]);
    expect(told.get(2)).toEqual({ ...told.get(0), sameAs: right.name });
  });

  test("takes no more turns of a kernel that is far behind", async () => {
    const slow = beginning("slow", "for (volatile int i = 0; i < 20000000; i++) {}");
    const [, outcome] = await race([right, slow], { warmup: 0, repeats: 9, stop: 200 });
    expect(outcome).toMatchObject({ outcome: "ok", cost: { ns: [expect.any(Number)] } });
  });

  test("names each fault, and none costs the others", async () => {
    const outcomes = await race([right, ...faulty], CHECK);
    expect(outcomes.map(({ outcome }) => outcome)).toEqual([
      "ok",
      "crashed",
      "timeout",
      "overrun",
      "wrong",
      "wrong",
      expect.stringMatching(/^(lost|timeout)$/),
      "memory",
      "memory",
      "wrong",
      "build",
    ]);
    const [, , , , nothing, wrong, endless, memory, , nan] = outcomes;
    expect(memory).toMatchObject({ why: "it takes more memory than it may, or than the board has" });
    expect(nan).toMatchObject({ why: expect.stringContaining("number 5 in memory is NaN") });
    expect(endless).toMatchObject({ why: expect.stringMatching(/MiB of text|took too long/) });
    expect(nothing).toMatchObject({ why: expect.stringMatching(/^number \d+ in memory is NaN, expected/) });
    expect(wrong).toMatchObject({ why: expect.stringContaining("number 5 in memory is") });
  });

  test("tells a board that is lost with one kernel apart from the others", async () => {
    const local = localRunner("host");
    const runs: number[] = [];
    const dying: Runner = {
      ...local,
      run: async (job) => {
        let isLost = false;
        const onLine = (line: string): void => {
          isLost ||= line.includes('"crashed"');
          if (!isLost) job.onLine?.(line);
        };
        const result = await local.run({ ...job, onLine });
        runs.push(result.stdout.split(`"racer"`).length - 1);
        if (!isLost) return result;
        throw new UserError({ code: "D111", exit: "boardUnreachable", title: "the connection was lost" });
      },
    };
    const other = compileTask(task, target, { schedule: "planar" });
    const outcomes = await race([right, faulty[0], other], CHECK, dying);
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(["ok", "lost", "ok"]);
    // all of them, the reference alone, and what is left: none that was told is measured again
    expect(runs).toEqual([3, 1, 1]);
  });

  test("R154 does not wait for a C compiler for ever", async () => {
    const toolchain = await findToolchain(target);
    const place = { target, runner: localRunner("host"), toolchain, cacheDir, threads: 1, jobs: 1 };
    const signal = new AbortController().signal;
    const late = raceKernels(
      [beginning("late", "int late = 1; (void)late;")],
      data,
      { ...place, signal, buildSeconds: 0.001 },
      CHECK,
    );
    expect(await messageOf(() => late)).toContain("error[R154]: the C compiler took more than 0.001 s");
  });

  test.each([
    ["wrong", "number 5 in memory is 1, expected 2", "this is a bug, or a board that cannot be relied on"],
    ["throttled", "the clock may reach 600 MHz, 1500 before", "`tilewright doctor BOARD` says what is wrong"],
  ] as const)("R153 needs a default that is not %s", async (outcome, why, help) => {
    const measure: Measure<Kernel> = async () => ({
      measure: async () => [{ outcome, why }],
      drop: async () => {},
    });
    const all = proposals(taskSpace(task, target), "estimate", makeRng(1));
    const search = new TaskSearch({ ...all, next: () => all.next(1) }, measure);
    const message = await messageOf(async () => search.take(await search.prepare()));
    for (const text of [`error[R153]: the default kernel is no reference: ${outcome}`, why, help])
      expect(message).toContain(text);
  });

  test("checks results on an emulated board", async () => {
    const arm = smallPlan("qemu-rpi2");
    const runner = qemuRunner("qemu-rpi2", emulatorOf(arm.target), arm.target.core.mcpu);
    const armTask = convTask(arm, 3);
    const kernels = ["direct", "planar"].map((schedule) => compileTask(armTask, arm.target, { schedule }));
    const toolchain = await findToolchain(arm.target);
    const place = { target: arm.target, runner, toolchain, cacheDir, threads: 2, jobs: 2 };
    const outcomes = await raceKernels(
      [kernels[0], kernels[1]],
      taskData(armTask, 2),
      { ...place, signal: new AbortController().signal },
      CHECK,
    );
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(["ok", "ok"]);
  });

  test("knows right kernels of f16, and those that read and write it, from wrong ones", async () => {
    const { plan, target: on } = decidedPlan(smallNetwork(), loadTarget("qemu-rpi5"), { numerics: "f16" });
    const runner = qemuRunner("qemu-rpi5", emulatorOf(on), on.core.mcpu);
    const types = new Set<string>();
    for (const { task: half } of plan.steps) {
      const kernel = compileTask(half, on);
      const given = taskData(half);
      const { name: y, storage } = defined(
        kernel.params.find(({ role }) => role === "output"),
        "an output",
      );
      const bounds = pack(storage, given.bounds, Number.POSITIVE_INFINITY);
      const at = bounds.findIndex(Number.isFinite);
      const add = `${y}[${at}] += ${4 * bounds[at] + 0.01};`;
      const wrong = changed("wrong", (c) => c.replace(/(\breturn;|\}\s*)$/, `${add}\n}`), kernel);
      const outcomes = await race([kernel, wrong], CHECK, runner, on, given);
      expect(outcomes, half.op).toEqual([
        expect.objectContaining({ outcome: "ok" }),
        { outcome: "wrong", why: expect.stringContaining(`number ${at} in memory is`) },
      ]);
      types.add(kernel.params.map(({ dtype }) => dtype).join(" "));
    }
    expect(types).toEqual(new Set(["f32 f16", "f16", "f16 f16 f16 f16", "f16 f32"]));
  });
});
