import { openBoard } from "../../../compiler/device/open-board.ts";
import { compileNetwork } from "../../../compiler/driver/compile-network.ts";
import { UNDECIDED } from "../../../compiler/driver/decide/decisions.ts";
import type { ExplainOptions, WrongResult } from "../../../compiler/driver/test/explain-failure.ts";
import { layerGraph } from "../../../compiler/driver/test/layer-graph.ts";
import type { LayerSizes } from "../../../compiler/driver/test/suite.schema.ts";
import { testInputs } from "../../../compiler/driver/test/test-inputs.ts";
import type { Check } from "../../../compiler/results/results.schema.ts";

/** A layer said to be wrong though its kernel is right: as if the board's memory had a fault. */
export async function brokenBundle(
  layer: LayerSizes,
  folder: string,
): Promise<{ readonly result: WrongResult; readonly options: ExplainOptions }> {
  const { runner, target } = await openBoard("host");
  if (target === undefined) throw new Error("host is a target");
  const graph = layerGraph(layer, 1);
  const compiled = await compileNetwork(graph, target, { meta: { modelSha256: "0".repeat(64) } });
  const { name, values } = await testInputs(graph, "random", 1);
  const element = { at: [0], actual: 1, wanted: 2, bound: 0.1 };
  const failure = {
    tensor: "y",
    layer: "conv",
    op: "conv2d",
    badCount: 1,
    count: 8,
    first: element,
    worst: element,
    histogram: [7, 1],
  };
  const check: Check = { inputs: name, threads: 1, reference: "kernels", ok: false, ofBound: 10, failure };
  const inputs = new Map([[name, values]]);
  const { signal } = new AbortController();
  return {
    result: { checks: [check], graph, compiled, decisions: UNDECIDED, inputs },
    options: { runner, target, threads: [1], seed: 1, timeoutSeconds: 60, signal, shrink: true, folder },
  };
}
