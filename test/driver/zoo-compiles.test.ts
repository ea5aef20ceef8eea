import { expect, test } from "vitest";
import { compileNetwork } from "../../compiler/driver/compile-network.ts";
import { loadModel } from "../../compiler/frontend/load-model.ts";
import { zooNetworks } from "../../compiler/frontend/zoo/index.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { LONG } from "../support/amount.ts";

const TARGETS = ["rpi4", "rpi3", "rpi5", "rpi2"];

/** Each network for one of the boards; `make test-long` compiles all for all. */
const CASES = [...zooNetworks.keys()].flatMap((name, i) =>
  (LONG ? TARGETS : [TARGETS[i % TARGETS.length]]).map((target) => ({ name: `zoo:${name}`, target })),
);

// maps of usual sizes are cut into other blocks than the small ones of other tests, and their loops have other steps to be legal
test.each(CASES)(
  "each layer of $name, as large as it is, has a default that $target can be given",
  async ({ name, target }) => {
    const graph = await loadModel(name, { zoo: { shapesOnly: true } });
    const meta = { modelSha256: "0".repeat(64) };
    const { plan, kernels } = await compileNetwork(graph, loadTarget(target), { meta });
    expect(kernels.length).toBe(plan.steps.length);
  },
  120_000,
);
