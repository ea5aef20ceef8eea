import { afterAll, describe, expect, test } from "vitest";
import { openBoard } from "../../../compiler/device/open-board.ts";
import { decidedPlan } from "../../../compiler/driver/decide/decided-plan.ts";
import { locateFault, type WrongNetwork } from "../../../compiler/driver/test/locate/locate-network.ts";
import type { Plan, Step } from "../../../compiler/graph/plan.ts";
import type { Storage } from "../../../compiler/ir/storage.ts";
import { loadTarget } from "../../../compiler/machine/load.ts";
import { makeRng } from "../../../compiler/support/rng.ts";
import { compileTaskStages } from "../../../compiler/task/compile-task.ts";
import { findToolchain } from "../../../compiler/toolchain/toolchain.ts";
import { graphBuilder } from "../../graph/graph-builder.ts";
import { brokenPass } from "./planted-kernels.ts";

const g = graphBuilder(makeRng(5));
const x = g.input([1, 8, 9, 9]);
const first = g.conv(x, { oc: 16, kernel: 3, pads: [1, 1, 1, 1], groups: 2 });
const graph = g.finish([g.conv(first, { oc: 16, kernel: 3, pads: [1, 1, 1, 1], groups: 16 })]);
const { plan, target } = decidedPlan(graph, loadTarget("host"));
const { runner } = await openBoard("host");
afterAll(() => runner.close());
const place = { runner, toolchain: await findToolchain(target), signal: new AbortController().signal };
const rng = makeRng(1);
const network: WrongNetwork = {
  ...{ graph, plan, target, threads: 1 },
  compile: ({ task }, dump) => compileTaskStages(task, target, { dump }),
  inputs: new Map([[x, Float32Array.from({ length: 648 }, () => rng.normal())]]),
};
const convolutions = plan.steps.filter(({ task }) => !["copy", "fill-halo"].includes(task.op));
const last = convolutions[convolutions.length - 1];
const halo = plan.steps.findLast(({ task }) => task.op === "fill-halo") as Step;

describe("a wrong network", () => {
  test("whose layer's kernel is right: the kernel that fills its border", async () => {
    const compile: WrongNetwork["compile"] = (step, dump) => {
      if (step !== halo) return network.compile(step, dump);
      const compiled = network.compile(step, () => {});
      const c = compiled.kernel.c.replace(/\n\{\n/, "\n{\n    return;\n");
      return { ...compiled, kernel: { ...compiled.kernel, c } };
    };
    expect(await locateFault({ ...network, compile }, last.name, place)).toBe(
      `the C: what was lowered is right when interpreted, and wrong when compiled, even with -O0 (of ${halo.name}, which prepares its memory)`,
    );
  });

  test("whose layer's kernel is not", async () => {
    const compile: WrongNetwork["compile"] = (step, dump) =>
      step === last ? brokenPass(step.task, target, "pointers")(dump) : network.compile(step, dump);
    expect(await locateFault({ ...network, compile }, last.name, place)).toBe("the lowering pass pointers");
  });

  const opening = convolutions[0];
  test.each<[string, Step, (step: Step) => Step]>([
    ["a place", opening, (step) => ({ ...step, args: { ...step.args, y: { kind: "arena", offset: 64 } } })],
    ["a border", opening, (step) => withStorage(step, "y", (s) => ({ ...s, halo: s.halo.map(moved) }))],
    [
      "an order of dimensions",
      last,
      (step) => withStorage(step, "x", (s) => ({ ...s, dims: turned(s.dims) })),
    ],
  ])("whose plan has a fault: %s", async (_, faulty, change) => {
    const broken: Plan = {
      ...plan,
      steps: plan.steps.map((step) => (step === faulty ? change(step) : step)),
    };
    expect(await locateFault({ ...network, plan: broken }, last.name, place)).toBe(
      "the plan: carried out in Node it is wrong, too (layouts, borders, places in the arena)",
    );
  });

  test("that is right in all of this", async () => {
    expect(await locateFault(network, last.name, place)).toMatch(
      /^the program: each kernel alone and the plan are right/,
    );
  });
});

test("a network of f16 that is right is wrong nowhere", async () => {
  const halves = decidedPlan(graph, loadTarget("qemu-rpi5"), { numerics: "f16" });
  const { runner: emulated } = await openBoard("qemu-rpi5");
  const on: WrongNetwork = {
    ...{ ...network, plan: halves.plan, target: halves.target },
    compile: ({ task }, dump) => compileTaskStages(task, halves.target, { dump }),
  };
  const there = { ...place, runner: emulated, toolchain: await findToolchain(halves.target) };
  const step = halves.plan.steps.findLast(({ task }) => task.floats === "f16" && task.op === "conv2d");
  expect(await locateFault(on, step?.name ?? "", there)).toMatch(/^the program: /);
  await emulated.close();
});

function withStorage(step: Step, param: string, change: (storage: Storage) => Storage): Step {
  const storage = { ...step.task.storage, [param]: change(step.task.storage[param]) };
  return { ...step, task: { ...step.task, storage } };
}

function moved({ before, after }: Storage["halo"][number]): Storage["halo"][number] {
  return before > 0 ? { before: before - 1, after: after + 1 } : { before, after };
}

/** Rows and columns have changed places. */
function turned(dims: Storage["dims"]): Storage["dims"] {
  const other = (dim: number): number => (dim === 3 ? 4 : dim === 4 ? 3 : dim);
  return dims.map((place) => ({ ...place, dim: other(place.dim) }));
}
