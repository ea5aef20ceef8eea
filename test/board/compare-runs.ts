import { InferenceSession, Tensor } from "onnxruntime-node";
import { openBoard } from "../../compiler/device/open-board.ts";
import { writeBundle } from "../../compiler/driver/bundle/emit-bundle-write.ts";
import { type CompileOptions, compileNetwork } from "../../compiler/driver/compile-network.ts";
import { runNetwork } from "../../compiler/driver/run/run-network.ts";
import { runtimeElements, runtimeFloats } from "../../compiler/driver/test/onnx-runtime.ts";
import { exportOnnx } from "../../compiler/frontend/onnx/export.ts";
import type { Graph } from "../../compiler/graph/graph.ts";
import type { Plan } from "../../compiler/graph/plan.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { buildBundle, readMetadata } from "../../compiler/toolchain/compile-bundle.ts";
import { mergeKernels } from "./merge-kernels.ts";

type Inputs = Readonly<Record<string, Float32Array>>;
type Outputs = ReadonlyMap<string, Float32Array>;

/** Compiles a network into `dir` and runs it on a board. */
export async function runCompiled(
  graph: Graph,
  board: string,
  dir: string,
  inputs: Inputs,
  options: Pick<CompileOptions, "numerics" | "search" | "decisions"> = {},
): Promise<{ readonly plan: Plan; readonly values: Outputs }> {
  const meta = { modelSha256: "0".repeat(64) };
  const { plan, files, target } = await compileNetwork(graph, loadTarget(board), { ...options, meta });
  await writeBundle(mergeKernels(files, target, 2), dir);
  const { program } = await buildBundle(dir, target);
  const { runner } = await openBoard(board);
  const given = Object.entries(inputs).map(
    ([name, data]) => [name, { shape: shapeOf(graph, name), data }] as const,
  );
  const built = { program, metadata: await readMetadata(dir) };
  const { outputs } = await runNetwork(built, runner, new Map(given), { threads: 2, timeoutSeconds: 120 });
  await runner.close();
  return { plan, values: new Map([...outputs].map(([name, { data }]) => [name, data])) };
}

/** What ONNX Runtime makes of the network as it is, nothing fused. */
export async function runOnnxRuntime(graph: Graph, inputs: Inputs): Promise<Outputs> {
  const session = await InferenceSession.create(exportOnnx(graph), { graphOptimizationLevel: "disabled" });
  const feeds = graph.inputs.map((name) => {
    const { type, data } = runtimeElements(graph.tensors.get(name)?.type ?? "f32", inputs[name]);
    return [name, new Tensor(type as "float32", data as Float32Array, shapeOf(graph, name))];
  });
  const results = await session.run(Object.fromEntries(feeds));
  const values = Object.entries(results).map(
    ([name, { data }]) => [name, runtimeFloats(data as Float32Array).slice()] as const,
  );
  await session.release();
  return new Map(values);
}

function shapeOf(graph: Graph, name: string): number[] {
  return [...(graph.tensors.get(name)?.shape ?? [])];
}
