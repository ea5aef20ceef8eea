import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { compileLayer, compileOp } from "../../compiler/driver/decide/explain.ts";
import { opTask } from "../../compiler/driver/decide/op-task.ts";
import { dumpInto, kernelDump } from "../../compiler/driver/dump-ir.ts";
import { checkOutputs, randomData, runInNode } from "../../compiler/driver/kernel/kernel-reference.ts";
import { wrongKernel } from "../../compiler/driver/kernel/schedule-kernel.ts";
import { compileUserKernel, type UserKernelRequest } from "../../compiler/driver/kernel/user-kernel.ts";
import { plainStorage } from "../../compiler/ir/storage.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { InternalError, renderDiagnostic } from "../../compiler/support/diagnostic.ts";
import { compileTask } from "../../compiler/task/compile-task.ts";
import { messageOf } from "../support/message.ts";

const target = loadTarget("qemu-rpi4");
const KERNEL = `import { type Dims, type Input, type Output, range } from "tilewright/kernel";
export function scale({ N, BY = 2 }: Dims, x: Input<["N"]>, y: Output<["N"]>): void {
  for (const i of range(N)) y[i] = x[i] * BY;
}
`;
const SCHEDULE = `import type { Schedule, ScheduleContext } from "tilewright";
import { LANES } from "./lanes.ts";

export function schedule(s: Schedule<"i">, { choose }: ScheduleContext) {
  const step: number = choose("step", [LANES, 8]);
  return s
    .split("i", step, ["io", "ii"])
    .vectorize("ii");
}
`;
let folder = "";
const path = (name: string): string => join(folder, name);
function write(name: string, text: string): string {
  writeFileSync(path(name), text);
  return path(name);
}
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tilewright-user-"));
  write("lanes.ts", "export const LANES = 4;\n");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const compile = (kernel: string, schedule?: string, more: Partial<UserKernelRequest> = {}) =>
  compileUserKernel({
    kernelFile: write("my.kernel.ts", kernel),
    scheduleFile: schedule === undefined ? undefined : write("my.schedule.ts", schedule),
    dims: { N: 8 },
    choices: {},
    target,
    ...more,
  });
const told = async (run: () => unknown): Promise<string> =>
  (await messageOf(run)).replaceAll(`${folder}/`, "");

describe("a kernel and a schedule of one's own", () => {
  test("are compiled; the kernel runs in Node as it is", async () => {
    const user = await compile(KERNEL, SCHEDULE);
    expect(user.schedule.trace.map((step) => step.op)).toEqual(["split", "vectorize"]);
    expect(user.kernel.c).toContain("vst1q_f32");
    const data = randomData(user, 1);
    const x = data.get("x") ?? new Float32Array();
    expect([...(runInNode(user, data).get("y") ?? [])]).toEqual([...x.map((v) => v * 2)]);
  });

  test("knobs are set by name", async () => {
    const user = await compile(KERNEL, SCHEDULE, { choices: { step: 8 } });
    expect(user.schedule.trace[0]).toMatchObject({ factor: 8 });
  });

  test("may say their sizes, and one that is only the bound of an index table is one", async () => {
    const kernel = `import { type Indices, type Input, type Output, range, type Sizes } from "tilewright/kernel";
export function pick(
  { N, BY = 2 }: Sizes<"N M", "BY">,
  x: Input<[16]>,
  at: Indices<["N"], "M">,
  y: Output<["N"]>,
): void {
  for (const i of range(N)) y[i] = x[at[i]] * BY;
}
`;
    const user = await compile(kernel, undefined, { dims: { N: 8, M: 12 } });
    expect(user.parsed.params).toMatchObject([{ name: "x" }, { name: "at", bound: 12 }, { name: "y" }]);
  });

  test("files are read afresh, what they import too", async () => {
    write("lanes.ts", "export const LANES = 2;\n");
    expect((await compile(KERNEL, SCHEDULE)).schedule.trace[0]).toMatchObject({ factor: 2 });
    write("lanes.ts", "export const LANES = 4;\n");
    expect((await compile(KERNEL, SCHEDULE)).schedule.trace[0]).toMatchObject({ factor: 4 });
  });

  test("sums of n terms may round n times", async () => {
    const sum = KERNEL.replace(
      "y[i] = x[i] * BY;",
      "{ y[i] = 0; for (const k of range(N)) y[i] += x[k] * BY; }",
    );
    const user = await compile(sum);
    const data = randomData(user, 1);
    const wanted = runInNode(user, data);
    const x = [...(data.get("x") ?? [])];
    const total = x.reduce((all, v) => all + Math.abs(2 * v), 0);
    const off = (by: number) => new Map([["y", { shape: [8], data: new Float32Array(8).fill(by) }]]);
    const y = wanted.get("y")?.[0] ?? Number.NaN;
    const [fine] = checkOutputs(user, off(y + total * 8 * 2 ** -24), data, wanted);
    expect(fine).toMatchObject({ ok: true, badCount: 0, count: 8 });
    const [wrong] = checkOutputs(user, off(y + total * 16 * 2 ** -24), data, wanted);
    expect(wrong).toMatchObject({ ok: false, badCount: 8, worst: { at: [0] } });
  });
});

describe("what breaks a rule of procedures is named as a bug, with the step or the pass that did it", () => {
  /** A schedule whose procedure was tampered with: one iteration too many. */
  const tampered = (then: string): string =>
    `import type { Schedule } from "tilewright";
export function schedule(s: Schedule<"i">) {
  const body = s.proc.body.map((l) => ({ ...l, extent: 9 }));
  const broken = Object.assign(Object.create(Object.getPrototypeOf(s)), s, { proc: { ...s.proc, body } });
  return broken${then};
}
`;

  test("a step", async () => {
    const found = compile(KERNEL, tampered('.annotate("i", "nine")'));
    await expect(found).rejects.toThrow(
      new InternalError(
        "annotate broke the bounds rule in scale: y[i]: dimension 0 runs from 0 to 8 of 0 to 7",
      ),
    );
  });

  test("a pass", async () => {
    await expect(compile(KERNEL, tampered(""))).rejects.toThrow(/^unroll broke the bounds rule in scale:/);
  });

  test("of networks too, with TILEWRIGHT_CHECK=1", () => {
    const task = opTask("copy", { A: 1, B: 1, C: 4, D: 2, E: 2 }, target);
    const broken = { ...task, storage: { x: { ...plainStorage([1, 1, 4, 2, 2]), dims: [] } } };
    vi.stubEnv("TILEWRIGHT_CHECK", "1");
    try {
      expect(() => compileTask(broken, target)).toThrow(/^parse broke the storage rule in copy/);
    } finally {
      vi.unstubAllEnvs();
    }
  });
});

describe("what may be wrong with them", () => {
  test.each<[string, () => unknown, string]>([
    [
      "C311",
      () => compileUserKernel({ kernelFile: path("none.ts"), dims: {}, choices: {}, target }),
      `error[C311]: there is no kernel file \`none.ts\`
  help:  name a TypeScript file, such as my.kernel.ts`,
    ],
    [
      "C312 by name",
      () => compile(KERNEL, SCHEDULE, { schedule: "shedule" }),
      `error[C312]: no function \`shedule\` is exported
  where: my.schedule.ts
  why:   it exports \`schedule\`
  help:  did you mean \`schedule\`?
  help:  export one: export function schedule(s: Schedule, { dims, target, choose }: ScheduleContext) { return s; }`,
    ],
    [
      "C312 of several",
      () => compile(`${KERNEL}export function other(): void {}\n`),
      `error[C312]: which function of the file is the kernel is not clear
  where: my.kernel.ts
  why:   it exports \`other\`, \`scale\`
  help:  --kernel NAME chooses one; a kernel is declared as export function name(...) { ... }`,
    ],
    [
      "C313",
      () => compile(KERNEL, "export const schedule = undefinedThing.x;\n"),
      `error[C313]: the schedule file cannot be run
  where: my.schedule.ts:1
  why:   undefinedThing is not defined`,
    ],
    [
      "C314 thrown",
      () => compile(KERNEL, "export function schedule(s: { odd(): unknown }) {\n  return s.odd();\n}\n"),
      `error[C314]: the schedule failed
  where: my.schedule.ts:2
         return s.odd();
  why:   s.odd is not a function`,
    ],
    [
      "C314 nothing returned",
      () => compile(KERNEL, "export function schedule(): void {}\n"),
      `error[C314]: the schedule function returns no schedule
  where: my.schedule.ts
  why:   it has to return what its last step gave`,
    ],
    [
      "C314 a compiler's flag that is more than a flag",
      () =>
        compile(
          KERNEL,
          "export const schedule = (s: unknown) => ({ schedule: s, cflags: ['-O2', '-wrapper'] });\n",
        ),
      `error[C314]: the schedule has the compiler flag "-wrapper"
  where: my.schedule.ts
  why:   only -std, -O, -g, -m, -f, -W, -D and --param are let through, and of -f none that runs or writes other files`,
    ],
    [
      "C314 an intent there is not",
      () =>
        compile(
          KERNEL,
          "export const schedule = (s: unknown) => ({ schedule: s, intents: ['keep-order', 'fast'] });\n",
        ),
      `error[C314]: the schedule asks the C compiler for "fast"
  where: my.schedule.ts
  why:   what can be asked for is keep-order, no-hoisting, keep-loads, no-sharing, keep-registers, keep-chains, spread-registers, keep-loops, wide-order, load-again`,
    ],
    [
      "C315",
      () => compile(KERNEL, undefined, { dims: { N: 8, BYY: 3 } }),
      `error[C315]: the kernel \`scale\` has no dimension \`BYY\`
  why:   its dimensions are N, BY
  help:  did you mean \`BY\`?`,
    ],
    [
      "K102: a size that is not given",
      () => compile(KERNEL, undefined, { dims: { BY: 3 } }),
      `error[K102]: no value for dimension \`N\`
  where: my.kernel.ts:2:23
         export function scale({ N, BY = 2 }: Dims, x: Input<["N"]>, y: Output<["N"]>): void {
                               ^^^^^^^^^^^^^
  why:   given are BY
  help:  give every dimension of the kernel a number`,
    ],
    [
      "a refused step has its line",
      () => compile(KERNEL, SCHEDULE, { dims: { N: 6 } }),
      `error[S104]: cannot split \`i\` by 4: 6 is not a multiple of 4
  where: my.schedule.ts:7
         .split("i", step, ["io", "ii"])
         step 1 of scale: {"op":"split","axis":"i","factor":4,"into":["io","ii"],"tail":"exact"}
  why:   6 = 1 * 4 + 2, and tail "exact" allows no remainder
  help:  use tail "cut" (adds a nest of 2) or "guard"
  help:  divisors of 6: 1, 2, 3, 6`,
    ],
  ])("%s", async (_, run, message) => {
    expect(await told(run)).toBe(message);
  });

  test("C316 and R142: a kernel that fails in Node, or leaves holes", async () => {
    const fails = await compile(KERNEL.replace("x[i] * BY", "x[i + 0] * BY"));
    const broken = {
      ...fails,
      run: () => {
        throw new TypeError("x.map is not a function");
      },
    };
    expect(await told(() => runInNode(broken, randomData(fails, 1)))).toBe(
      `error[C316]: the kernel \`scale\` failed in Node
  why:   x.map is not a function`,
    );
    const holes = await compile(KERNEL.replace("y[i] = x[i] * BY", "y[i] += x[i] * BY"));
    expect(await told(() => runInNode(holes, randomData(holes, 1)))).toBe(
      `error[R142]: \`scale\` leaves elements of \`y\` without a value
  where: run in Node, element 0 of 8 (shape [8])
  why:   it reads an element before it writes it, or never writes it, or divides 0 by 0
  help:  clear it first: y[...] = 0`,
    );
  });

  test("R141: a board that computes something else", () => {
    const error = wrongKernel("scale", "pi", {
      output: "y",
      ok: false,
      maxAbsError: 1,
      count: 8,
      badCount: 3,
      undecided: 0,
      allZero: false,
      worst: { at: [1, 2], actual: 3, wanted: 2, bound: 2 ** -20, ofBound: 2 ** 20 },
      firstBad: undefined,
      histogram: [],
    });
    expect(error.exitCode).toBe(10);
    expect(renderDiagnostic(error.diagnostic)).toBe(
      `error[R141]: \`scale\` computes something else on \`pi\` than in Node
  where: output \`y\`
  why:   3 of 8 values are off by more than their rounding bounds; the worst is y[1][2]: 3, expected 2, within 9.5e-7
  help:  every step of a schedule keeps results: use --dump-ir DIR and report it, as this is a bug`,
    );
  });
});

describe("operators and layers", () => {
  test("C317: sizes an operator does not have, or needs", async () => {
    const dims =
      "N, G, OC, IC, OH, OW, KH, KW, SH, SW, DH, DW, BIAS, RES, LO, HI, ACT, ALPHA, BETA, SLOPES, IH, IW";
    expect(await told(() => opTask("conv2d", { OC: 4, OCC: 3 }, target))).toBe(
      `error[C317]: the operator \`conv2d\` has no dimension \`OCC\`
  why:   its dimensions are ${dims}
  help:  give them as --dims N=1,OC=64`,
    );
    expect(await told(() => opTask("conv2d", { OC: 4, OH: 8 }, target))).toBe(
      `error[C317]: no value for \`IC\`, \`OW\` of the operator \`conv2d\`
  why:   its dimensions are ${dims}
  help:  give them as --dims N=1,OC=64`,
    );
  });

  test("C320 and F407: f16 of an operator, or a target, that has none", async () => {
    const rpi5 = loadTarget("rpi5");
    const sizes = { OC: 16, IC: 8, OH: 4, OW: 4, KH: 3, KW: 3 };
    const { params } = compileTask(opTask("conv2d", sizes, rpi5, "f16"), rpi5);
    expect(new Set(params.map(({ dtype }) => dtype))).toEqual(new Set(["f16"]));
    expect(
      compileTask(opTask("clamp", { N: 1, C: 8, H: 2, W: 3, LO: 0, HI: 6 }, rpi5, "f16"), rpi5).c,
    ).toContain("float16x8_t");
    expect(await told(() => opTask("softmax", { M: 1, K: 10, L: 1 }, rpi5, "f16"))).toBe(
      `error[C320]: the operator \`softmax\` does not compute in f16
  why:   with \`--numerics f16\` a network computes it in f32
  help:  leave --numerics out`,
    );
    expect(await told(() => opTask("conv2d", { ...sizes, ACT: 24 }, rpi5, "f16"))).toContain(
      "of these sizes",
    );
    expect(await told(() => opTask("conv2d", sizes, loadTarget("rpi4"), "f16"))).toContain("error[F407]: ");
  });

  test("C317: an extent that only a tensor's shape names", async () => {
    const pool = { N: 1, C: 8, OH: 4, OW: 4, KH: 2, KW: 2, SH: 2, SW: 2, DH: 1, DW: 1 };
    expect(await told(() => opTask("max-pool", pool, target))).toBe(
      `error[C317]: no value for \`IH\`, \`IW\` of the operator \`max-pool\`
  why:   its dimensions are N, C, OH, OW, KH, KW, SH, SW, DH, DW, IH, IW
  help:  give them as --dims N=1,OC=64`,
    );
  });

  test.each([
    ["direct", { IC: 8, OC: 16, KH: 3, KW: 3, RES: 1 }],
    ["pointwise", { IC: 8, OC: 16, BIAS: 1 }],
    ["groups-in-lanes", { G: 8, IC: 1, OC: 1, KH: 3, KW: 3 }],
    ["planar", { G: 2, IC: 3, OC: 5, KH: 3 }],
  ])("a convolution by computed weights lies as in a network: %s", (schedule, sizes) => {
    const task = opTask("dynamic-conv2d", { OH: 4, OW: 6, ...sizes }, target);
    expect(compileTask(task, target).schedule).toBe(schedule);
  });

  test.each([
    ["take", { N: 1, C: 8, H: 4, W: 4, IH: 4, IW: 4, ROWS: 0, COLUMNS: 1 }],
    ["pad", { N: 1, C: 8, H: 6, W: 6, IH: 4, IW: 4, T: 1, B: 1, L: 1, R: 1, Y0: 0, X0: 0, VALUE: -0.5 }],
    [
      "frame-resize",
      {
        ...{ N: 1, P: 1, Q: 3, C: 3, H: 4, W: 4, IH: 8, L: 24, RT: 8, CT: 8, KH: 2, KW: 2 },
        ...{ STARTS: 22, PF: 0, PS: 1, QF: 2, QS: -1 },
      },
    ],
    ["frame", { N: 1, C: 3, H: 4, W: 4, FIRST: 2, STEP: -1 }],
    ["reduce-rows", { A: 1, B: 1, C: 2, D: 32, L: 16, DL: 2, DR: 0, FN: 0, SCALE: 1 / 32 }],
    [
      "lrn",
      { N: 1, C: 8, H: 4, W: 4, D: 9, SIZE: 2, BEFORE: 0, AFTER: 1, BIAS: 1, SCALE: 0.1, EXPONENT: -0.75 },
    ],
  ])("%s may have what is 0, negative or a fraction where it counts nothing", (op, sizes) => {
    expect(compileTask(opTask(op, sizes, target), target).params.length).toBeGreaterThan(1);
  });

  test.each([
    ["softmax", { M: 2, K: 8, L: 8 }, "columns"],
    ["take-axis", { M: 1, K: 8, L: 4, I: 8 }, "runs"],
    ["resample-axis", { M: 1, K: 8, L: 4, T: 2, I: 8, KT: 16 }, "runs"],
    ["reduce-rows", { A: 1, B: 4, C: 4, D: 32, L: 16, DL: 2, DR: 0, FN: 0 }, "in-lanes"],
    ["reduce-columns", { A: 1, B: 4, C: 4, D: 4, E: 8, FN: 0 }, "in-lanes"],
    ["rnn", { T: 2, N: 4, H: 8, REV: 0, CLIP: 1, FACT: 1, FALPHA: 0, FBETA: 0 }, "gates"],
  ])("%s has rows as they are, whatever divides them", (op, sizes, schedule) => {
    const task = opTask(op, sizes, target);
    for (const { shape, ...storage } of Object.values(task.storage))
      expect({ shape, ...storage }).toEqual(plainStorage(shape));
    expect(compileTask(task, target).schedule).toBe(schedule);
  });

  test("a loop's length that is none is refused by the kernel, with the place in it", async () => {
    const rows = { A: 1, B: 1, C: 2, D: 32, L: 16, DL: 2.5, DR: 0, FN: 0 };
    const error = await told(() => compileTask(opTask("reduce-rows", rows, target), target));
    expect(error).toContain("loop bound `DL` is not a whole constant");
  });

  test.each([
    ["winograd2", { OH: 6, OW: 12, IH: 8, IW: 14, VC: 16 }],
    ["winograd4", { OH: 12, OW: 24, IH: 14, IW: 26, VC: 20 }],
    ["winograd7x7", { OH: 15, OW: 30, IH: 17, IW: 32, VC: 16, T: 5, S: 1, P: 1, RC: 16 }],
    ["winograd8x8", { OH: 18, OW: 36, IH: 20, IW: 38, VC: 16, T: 6, S: 1, P: 1, RC: 16 }],
  ])("%s has its channels in lanes, its weights as they are", (op, extents) => {
    const sizes = { N: 1, G: 2, OC: 8, IC: 16, RB: 3, TR: 1, CB: 2, TC: 3, BIAS: 1, RES: 1, LO: 0, HI: 6 };
    const task = opTask(op, { ...sizes, ...extents }, target);
    expect(compileTask(task, target).schedule).toBe("in-lanes");
  });

  test("C319: sizes no operator can have", async () => {
    const conv = { OC: 8, IC: 8, OH: 5, OW: 5 };
    expect(await told(() => opTask("conv2d", { ...conv, OH: 0 }, target))).toBe(
      `error[C319]: \`conv2d\` cannot have OH=0
  why:   it has to be a whole number of at least 1
  help:  give sizes as --dims N=1,OC=64`,
    );
    expect(await told(() => opTask("conv2d", { ...conv, OH: 100_000, OW: 100_000 }, target))).toBe(
      `error[C319]: \`conv2d\` of these sizes has a tensor that is too large
  why:   \`x\` is 1x8x100000x100000, more than 2147483648 elements
  help:  give sizes as --dims N=1,OC=64`,
    );
    const bad = [
      { G: -2 },
      { SH: 0 },
      { OW: 5.5 },
      { IC: 65_536, OC: 65_536 },
      { DH: 1e9, KH: 3 },
      { BIAS: -1 },
    ];
    for (const sizes of bad) {
      expect(await told(() => opTask("conv2d", { ...conv, ...sizes }, target))).toMatch(/^error\[C319\]: /);
    }
    expect(await told(() => opTask("softmax", { M: 1, K: 1e11, L: 1 }, target))).toMatch(/^error\[C319\]: /);
    expect(await told(() => opTask("copy", { A: 1, B: 1, C: 1, D: 0, E: 5 }, target))).toMatch(
      /^error\[C319\]: /,
    );
  });

  test("S404: a choice that is no knob, of kernels, operators and layers", async () => {
    const choices = { stepp: 8 };
    const kernel = await told(() => compile(KERNEL, SCHEDULE, { choices }));
    expect(kernel).toBe(`error[S404]: the schedule \`schedule\` has no knob \`stepp\`
  why:   its knobs and their options are step (4, 8)
  help:  did you mean \`step\`?`);
    expect(await told(() => compile(KERNEL, undefined, { choices }))).toContain("it asks for no choice");
    const clamp = { N: 1, C: 4, H: 2, W: 2, LO: 0, HI: 1 };
    expect(await told(() => compileOp("clamp", clamp, target, { choices }))).toMatch(/^error\[S404\]: /);
    expect(
      await told(() => compileLayer({ model: "zoo:wrn-40-2", inputShapes: [] }, "conv", target, { choices })),
    ).toMatch(/^error\[S404\]: .* `stepp`\n {2}why: {3}its knobs and their options are tile/);
  });

  test("C318: a layer that is not there", async () => {
    const told1 = await told(() =>
      compileLayer({ model: "zoo:wrn-40-2", inputShapes: [] }, undefined, target, {}),
    );
    expect(told1.split("\n")[0]).toBe("error[C318]: which layer of `zoo:wrn-40-2` is meant has to be said");
    expect(told1).toContain("help:  add --layer NAME");
  });

  test("are planned as inside a network", () => {
    const schedule = (dims: Record<string, number>) =>
      compileTask(opTask("conv2d", dims, target), target).schedule;
    expect(schedule({ OC: 8, IC: 8, OH: 4, OW: 4, KH: 3, KW: 3 })).toBe("direct");
    expect(schedule({ G: 8, OC: 1, IC: 1, OH: 4, OW: 4, KH: 3, KW: 3 })).toBe("groups-in-lanes");
    expect(
      compileTask(
        opTask(
          "max-pool",
          { N: 1, C: 8, OH: 2, OW: 2, KH: 2, KW: 2, SH: 2, SW: 2, DH: 1, DW: 1, IH: 4, IW: 4 },
          target,
        ),
        target,
      ).schedule,
    ).toBe("in-lanes");
  });
});

describe("a dump", () => {
  test("has every step and pass in order, and each stage of loops is a kernel again", async () => {
    const { dump, finish } = kernelDump("", target, dumpInto(path("dump")));
    mkdirSync(path("dump"), { recursive: true });
    const user = await compile(KERNEL, SCHEDULE.replace(".vectorize", '.unroll("io").vectorize'), { dump });
    finish();
    const index = readFileSync(join(path("dump"), "index.txt"), "utf8")
      .trim()
      .split("\n");
    expect(index.slice(0, 6)).toEqual([
      "00 parse",
      "01 split",
      "02 unroll",
      "03 vectorize",
      "04 unroll",
      "05 to-vector",
    ]);
    expect(index.some((line) => line.endsWith(": unchanged"))).toBe(true);
    const data = randomData(user, 3);
    const wanted = runInNode(user, data);
    const stages = readdirSync(path("dump")).filter((name) => name.endsWith(".ts"));
    expect(stages).toHaveLength(5);
    for (const stage of stages) {
      const again = await compileUserKernel({
        kernelFile: join(path("dump"), stage),
        dims: {},
        choices: {},
        target,
      });
      expect(runInNode(again, data), stage).toEqual(wanted);
    }
    const last = await compileUserKernel({
      kernelFile: join(path("dump"), "03-vectorize.ts"),
      dims: {},
      choices: {},
      target,
    });
    const body = (c: string): string => c.slice(c.indexOf("{"));
    expect(body(last.kernel.c)).toBe(body(user.kernel.c));
  });
});
