import { expect, test } from "vitest";
import { compileStep, decidedPlan, stepKey } from "../../compiler/driver/decide/decided-plan.ts";
import { loadModel } from "../../compiler/frontend/load-model.ts";
import { importOnnx } from "../../compiler/frontend/onnx/import.ts";
import type { Graph } from "../../compiler/graph/graph.ts";
import { loadIsa, loadTarget } from "../../compiler/machine/load.ts";
import type { Target } from "../../compiler/machine/target.schema.ts";
import { randomNetwork } from "../board/random-network.ts";

const host: Target = { ...loadTarget("host"), isa: loadIsa("portable-256"), narrower: [] };
/** Kernels do not depend on weights. */
const shapesOf = (model: string): Promise<Graph> => loadModel(model, { zoo: { shapesOnly: true } });
const NETWORKS: readonly (readonly [string, Target, () => Promise<Graph>])[] = [
  ["zoo:resnet34-g4@64", loadTarget("rpi3"), () => shapesOf("zoo:resnet34-g4@64")],
  ["zoo:mobilenet-v1-G4@32", loadTarget("rpi4"), () => shapesOf("zoo:mobilenet-v1-G4@32")],
  ["zoo:shufflenet-v1@64", loadTarget("rpi5"), () => shapesOf("zoo:shufflenet-v1@64")],
  ["another random network", loadTarget("rpi2"), async () => importOnnx(randomNetwork(8, 12).bytes)],
  ["a random network", host, async () => importOnnx(randomNetwork(3, 12).bytes)],
];

/**
 * A kernel's name is a hash of its C and of what that is compiled with: whatever changes one shows here, an optimisation that
 * no longer happens included. `make golden` writes them anew; `make replay` says how kernels differ.
 */
test.each(NETWORKS)("kernels of %s are those there were", async (_, wanted, load) => {
  const { plan, target } = decidedPlan(await load(), wanted);
  const kernels = new Map<string, string>();
  const names = new Map(
    plan.steps.map((step) => {
      const key = stepKey(step);
      const kernel = kernels.get(key) ?? compileStep(step, target, undefined).kernel.name;
      kernels.set(key, kernel);
      return [key, `${step.name} ${kernel}`];
    }),
  );
  expect([...names.values()].join("\n")).toMatchSnapshot();
});
