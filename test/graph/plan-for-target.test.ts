import { describe, expect, it } from "vitest";
import { loadModel } from "../../compiler/frontend/load-model.ts";
import { optimizeGraph } from "../../compiler/graph/optimize-graph.ts";
import { planForTarget } from "../../compiler/graph/plan-for-target.ts";
import { loadIsa, loadTarget } from "../../compiler/machine/load.ts";
import type { Target } from "../../compiler/machine/target.schema.ts";

const several: Target = {
  ...loadTarget("host"),
  isa: loadIsa("portable-512"),
  narrower: [loadIsa("portable-256-evex"), loadIsa("portable")],
};

async function chosenFor(model: string, target: Target): Promise<string> {
  return planForTarget(optimizeGraph(await loadModel(model, { zoo: { shapesOnly: true } })), target).target
    .isa.name;
}

describe("planForTarget", () => {
  it("takes the widest vectors where dense layers fill them", async () => {
    expect(await chosenFor("zoo:mobilenet-v1@32", several)).toBe("portable-512");
  });

  it("takes narrower ones where groups leave most lanes empty", async () => {
    expect(await chosenFor("zoo:wrn-40-2-g4", several)).toBe("portable-256-evex");
  });

  it("takes the widest for groups, too, where these take no longer", async () => {
    const full = { ...several, isa: loadIsa("portable-512-full") };
    expect(await chosenFor("zoo:shufflenet-v1@64", several)).toBe("portable-256-evex");
    expect(await chosenFor("zoo:shufflenet-v1@64", full)).toBe("portable-512-full");
  });

  it("has no choice on a target of one width", async () => {
    const target = loadTarget("qemu-rpi4");
    expect(target.narrower).toEqual([]);
    expect(await chosenFor("zoo:wrn-40-2-g4", target)).toBe("neon-v8");
  });
});
