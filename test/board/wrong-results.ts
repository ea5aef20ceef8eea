import type { Graph } from "../../compiler/graph/graph.ts";
import { simulatePlan } from "../../compiler/verify/simulate-plan.ts";
import { bothBounds, carriedBounds, difference } from "../verify/differences.ts";
import { type runCompiled, runOnnxRuntime } from "./compare-runs.ts";

/** What of a board's results is neither what ONNX Runtime makes of the network nor what its kernels do in Node, in words. */
export async function wrongResults(
  graph: Graph,
  inputs: Readonly<Record<string, Float32Array>>,
  { plan, values }: Awaited<ReturnType<typeof runCompiled>>,
): Promise<string[]> {
  const theirs = await runOnnxRuntime(graph, inputs);
  const given = graph.inputs.map((name) => inputs[name]);
  const kernels = simulatePlan(plan, given);
  const bounds = carriedBounds(graph, inputs, plan);
  return graph.outputs.flatMap((name, i) => {
    const both = bothBounds(bounds.get(name), bounds.get(name));
    return [
      ...difference("ONNX Runtime", theirs.get(name), values.get(name), both),
      ...difference("its kernel in Node", kernels.outputs[i], values.get(name), both),
    ].map((text) => `${name}: ${text}`);
  });
}
