import { expect, test } from "vitest";
import type { Kernel } from "../../compiler/artifact/kernel.ts";
import { compileNetwork } from "../../compiler/driver/compile-network.ts";
import { analyzeDecided } from "../../compiler/driver/decide/analyze-decided.ts";
import { compileLayer } from "../../compiler/driver/decide/explain.ts";
import { loadModel } from "../../compiler/frontend/load-model.ts";
import { zooNetworks } from "../../compiler/frontend/zoo/index.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { LONG } from "../support/amount.ts";

const CASES = [...zooNetworks.keys()].flatMap((name) =>
  ["rpi3", "rpi4", "rpi5"].map((target) => ({ name: `zoo:${name}@64`, target })),
);

/** Groups and shuffles on one core, Winograd on another; `make test-long` takes the whole zoo. */
const DAILY = [
  { name: "zoo:shufflenet-v1@32", target: "rpi3" },
  { name: "test/fixtures/digits/digits.onnx", target: "rpi5" },
];

test.each(LONG ? CASES : DAILY)(
  "analyze and explain show of $name for $target what compile makes",
  async ({ name: model, target: board }) => {
    const target = loadTarget(board);
    const graph = await loadModel(model, { zoo: { shapesOnly: true } });
    const { plan, kernels } = await compileNetwork(graph, target, { meta: { modelSha256: "0".repeat(64) } });
    const shown = ({ name: kernel, schedule, choice, knobs }: Kernel) => ({
      kernel,
      schedule,
      choice,
      knobs,
    });

    const { layers } = analyzeDecided(graph, target);
    const analysed = new Map(layers.flatMap(({ steps = [] }) => steps.map((step) => [step.name, step])));
    const names = new Set(layers.map((layer) => layer.name));
    const compiled = plan.steps.filter(({ layer }) => names.has(layer));
    expect([...analysed.keys()].sort()).toEqual(compiled.map((step) => step.name).sort());
    plan.steps.forEach((step, i) => {
      if (names.has(step.layer)) expect(analysed.get(step.name)).toMatchObject(shown(kernels[i]));
    });
    // steps of no layer only prepare an input or a result
    expect(compiled.filter(({ macs = 0 }) => macs > 0)).toEqual(
      plan.steps.filter(({ macs = 0 }) => macs > 0),
    );

    for (const i of [0, Math.floor(plan.steps.length / 2), plan.steps.length - 1]) {
      const { compiled: explained } = await compileLayer(
        { model, inputShapes: [] },
        plan.steps[i].name,
        target,
        {},
      );
      expect(shown(explained.kernel)).toEqual(shown(kernels[i]));
    }
  },
  300_000,
);
