import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { Kernel } from "../../../compiler/artifact/kernel.ts";
import { openBoard } from "../../../compiler/device/open-board.ts";
import { decidedPlan } from "../../../compiler/driver/decide/decided-plan.ts";
import { layerGraph } from "../../../compiler/driver/test/layer-graph.ts";
import {
  type Culprit,
  culpritText,
  locateKernel,
} from "../../../compiler/driver/test/locate/locate-kernel.ts";
import { stageData } from "../../../compiler/driver/test/locate/locate-network.ts";
import { reproducerText } from "../../../compiler/driver/test/reproducer.ts";
import { raceKernels } from "../../../compiler/driver/tune/race-kernels.ts";
import { taskData } from "../../../compiler/driver/tune/task-data.ts";
import { loadTarget } from "../../../compiler/machine/load.ts";
import { defined } from "../../../compiler/support/assert.ts";
import { defaultCacheDir } from "../../../compiler/support/cache-folder.ts";
import type { Task } from "../../../compiler/task/task.ts";
import { findToolchain } from "../../../compiler/toolchain/toolchain.ts";
import { LONG } from "../../support/amount.ts";
import { badFlag, badText, brokenPass, brokenStep, type Compile, plain } from "./planted-kernels.ts";

/** Flags that let a compiler reassociate: (x + c) - c, which rounds to a whole number in exp, becomes x. */
const REASSOCIATING = ["-funsafe-math-optimizations", "-ffast-math", "-Ofast"];

const folder = mkdtempSync(join(tmpdir(), "tilewright-planted-"));
const { runner } = await openBoard("host");
afterAll(async () => {
  await runner.close();
  rmSync(folder, { recursive: true });
});

const usual = { n: 1, kh: 3, kw: 3, pad: 1, stride: 1, dilation: 1, groups: 1, bias: true, residual: false };
const LAYERS = {
  grouped: { ic: 16, oc: 16, ih: 7, iw: 9, groups: 4, activation: "relu" },
  depthwise: { ic: 8, oc: 8, ih: 8, iw: 8, groups: 8, activation: "relu" },
  pointwise: { ic: 12, oc: 8, ih: 5, iw: 5, kh: 1, kw: 1, pad: 0, activation: "relu" },
  silu: { ic: 8, oc: 8, ih: 6, iw: 6, activation: "silu", groups: 2 },
  winograd: { ic: 8, oc: 8, ih: 8, iw: 8, activation: "none" },
} as const;

const wanted = loadTarget("host");
const { target } = decidedPlan(layerGraph({ ...usual, ...LAYERS.grouped }, 1), wanted);
const toolchain = await findToolchain(target);

function taskOf(layer: keyof typeof LAYERS): Task {
  const { plan } = decidedPlan(layerGraph({ ...usual, ...LAYERS[layer] }, 1), target);
  const step = plan.steps.find(({ name }) => name === "conv");
  if (step === undefined) throw new Error("no convolution");
  return step.task;
}

interface Planted {
  readonly layer: keyof typeof LAYERS;
  readonly make: (task: Task) => Compile;
  readonly culprit: Partial<Culprit>;
}
const PLANTED: Readonly<Record<string, Planted>> = {};
const add = (name: string, planted: Planted): void => void Object.assign(PLANTED, { [name]: planted });
for (const [layer, indices] of [
  ["grouped", [1, 4, 7]],
  ["depthwise", [1, 3]],
  ["pointwise", [1, 2, 5]],
  ["winograd", [2]],
] as const) {
  for (const index of indices)
    add(`step ${index} of ${layer}`, {
      layer,
      make: (task) => brokenStep(task, target, index),
      culprit: { kind: "step", index },
    });
}
for (const [layer, passes] of [
  ["grouped", ["to-vector", "first-values", "pointers"]],
  ["depthwise", ["share-values", "unused"]],
  ["pointwise", ["order", "hoist"]],
  ["winograd", ["to-vector"]],
] as const) {
  for (const pass of passes)
    add(`pass ${pass} of ${layer}`, {
      layer,
      make: (task) => brokenPass(task, target, pass),
      culprit: { kind: "pass", pass },
    });
}
for (const flag of REASSOCIATING)
  add(`flag ${flag}`, {
    layer: "silu",
    make: (task) => badFlag(task, target, flag),
    culprit: { kind: "flag", flag },
  });
add("the C of a kernel", {
  layer: "grouped",
  make: (task) => badText(task, target, (c) => c.replace(/(_p\d+ \+ )(\d+)\)/, "$1 8 + $2)")),
  culprit: { kind: "c" },
});

/** Every third; `make test-long` plants all. */
const tried = Object.entries(PLANTED).filter((_, i) => LONG || i % 3 === 0 || i >= 19);

describe(`${tried.length} planted faults are found where they are, and a C file shows each`, () => {
  test.each(tried)("%s", async (name, { layer, make, culprit }) => {
    const task = taskOf(layer);
    const data = taskData(task, 1);
    const compile = make(task);
    const place = {
      target,
      runner,
      toolchain,
      cacheDir: defaultCacheDir(),
      jobs: 2,
      signal: new AbortController().signal,
    };
    const isWrongOnBoard = async (kernel: Kernel, threads: number): Promise<boolean> => {
      const [found] = await raceKernels([kernel], data, { ...place, threads }, { warmup: 0, repeats: 0 });
      return found.outcome !== "ok";
    };
    const { kernel } = compile(() => {});
    const stages = stageData(data);
    const found = await locateKernel({ compile, data: stages, isWrongOnBoard, threads: 1 });
    expect(found).toMatchObject(culprit);
    expect(culpritText(found)).toMatch(/./);
    const text = reproducerText(kernel, stages, target, toolchain, { network: "planted", layer: name });
    expect(runsOf(name, text ?? "")).toMatch(
      /is .*, expected .* within .*\n[1-9]\d* of \d+ numbers differ\n$/,
    );
    const right = reproducerText(plain(task, target)(() => {}).kernel, stages, target, toolchain, {
      network: "right",
      layer: name,
    });
    expect(runsOf(`right ${name}`, right ?? "")).toMatch(/^0 of \d+ numbers differ\n$/);
  });
});

test("a fault in the C of an f16 kernel is found, and a C file shows it", async () => {
  const { plan, target: on } = decidedPlan(
    layerGraph({ ...usual, ...LAYERS.depthwise }, 1),
    loadTarget("qemu-rpi5"),
    { numerics: "f16" },
  );
  const { task } = defined(
    plan.steps.find(({ name }) => name === "conv"),
    "the convolution",
  );
  const data = stageData(taskData(task, 1));
  const { runner: emulated } = await openBoard("qemu-rpi5");
  const compiler = await findToolchain(on);
  const place = { target: on, runner: emulated, toolchain: compiler, cacheDir: defaultCacheDir(), jobs: 2 };
  const isWrongOnBoard = async (kernel: Kernel, threads: number): Promise<boolean> => {
    const where = { ...place, threads, signal: new AbortController().signal };
    const [found] = await raceKernels([kernel], taskData(task, 1), where, { warmup: 0, repeats: 0 });
    return found.outcome !== "ok";
  };
  const compile = badText(task, on, (c) => c.replace("vfmaq_f16", "vfmsq_f16"));
  const found = await locateKernel({ compile, data, isWrongOnBoard, threads: 1 });
  await emulated.close();
  expect(found).toEqual({ kind: "c" });
  const shown = (kernel: Kernel, name: string): string => {
    const text = reproducerText(kernel, data, on, compiler, { network: "planted", layer: name }) ?? "";
    const run = (program: string) =>
      spawnSync("qemu-aarch64", ["-cpu", "max", program], { encoding: "utf8" });
    return runsOf(name, text, ["aarch64-linux-gnu-gcc", "-static"], run);
  };
  expect(shown(compile(() => {}).kernel, "f16")).toMatch(
    /is .*, expected .*\n[1-9]\d* of \d+ numbers differ\n$/,
  );
  expect(shown(plain(task, on)(() => {}).kernel, "right f16")).toMatch(/^0 of \d+ numbers differ\n$/);
});

/** What a reproducer prints, built with plain cc, or another compiler, and the flags that it names. */
function runsOf(
  name: string,
  text: string,
  [cc, ...more]: readonly [string, ...string[]] = ["cc"],
  run = (program: string) => spawnSync(program, { encoding: "utf8" }),
): string {
  const stem = join(folder, name.replace(/\W+/g, "-"));
  writeFileSync(`${stem}.c`, text);
  const [, flags = ""] = /: cc (.*) FILE/.exec(text) ?? [];
  execFileSync(cc, [...more, ...flags.split(" "), "-w", `${stem}.c`, "-o", stem, "-lm"]);
  const { stdout, status } = run(stem);
  expect(status).toBe(stdout.startsWith("0 of") ? 0 : 1);
  return stdout;
}
