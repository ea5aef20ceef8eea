import { InferenceSession, Tensor } from "onnxruntime-node";
import { expect } from "vitest";
import { importOnnx } from "../../compiler/frontend/onnx/import.ts";
import type { Plan } from "../../compiler/graph/plan.ts";
import { makeRng } from "../../compiler/support/rng.ts";
import { runReference } from "../../compiler/verify/reference.ts";
import { simulatePlan } from "../../compiler/verify/simulate-plan.ts";
import { type ModelText, model } from "../frontend/onnx-model.ts";
import { randomInputs } from "../graph/graph-builder.ts";
import { bothBounds, carriedBounds, difference } from "../verify/differences.ts";
import { runCompiled } from "./compare-runs.ts";
import { joinModels } from "./operator-models.ts";

/** Small ONNX files by what they are about. */
export type OnnxCases = Readonly<Record<string, ModelText>>;
type Inputs = Readonly<Record<string, Float32Array>>;

/**
 * What is wrong with the results of these files, compiled as one program for a board, in words: each is compared with what ONNX
 * Runtime makes of the file itself, and with its kernels in Node, by the bounds of their roundings. `slack`: what
 * functions of its own that are not exact may be off beyond that. `ops`: the operators of its steps.
 */
export async function wrongCases(
  board: string,
  cases: OnnxCases,
  folder: string,
  slack = 0,
): Promise<{ readonly wrong: readonly string[]; readonly ops: ReadonlySet<string>; readonly plan: Plan }> {
  const files = Object.entries(cases).map(([name, text]) => ({ name, bytes: model(text) }));
  const graph = joinModels(cases);
  const inputs = randomInputs(graph, makeRng(7));
  const { plan, values } = await runCompiled(graph, board, folder, inputs);
  const ours = carriedBounds(graph, inputs, plan);
  const plain = carriedBounds(graph, inputs);
  const reference = runReference(graph, inputs);
  const simulated = simulatePlan(
    plan,
    graph.inputs.map((name) => inputs[name]),
  );
  const theirs = new Map<string, Float32Array>();
  for (const { name, bytes } of files) {
    for (const [output, data] of await runFile(bytes, name, inputs)) theirs.set(`${name}:${output}`, data);
  }
  const wrong = graph.outputs.flatMap((name, i) => {
    const bounds = ours.get(name);
    const both = bothBounds(bounds, plain.get(name));
    return [
      ...difference(
        "ONNX Runtime",
        theirs.get(name),
        values.get(name),
        both?.map((bound) => bound + slack),
      ),
      ...difference("the kernels in Node", reference.get(name), values.get(name), both),
      ...difference("the plan in Node", simulated.outputs[i], values.get(name), bothBounds(bounds, bounds)),
    ].map((text) => `${name}: ${text}`);
  });
  return { wrong, ops: new Set(plan.steps.map(({ task }) => task.op)), plan };
}

async function runFile(
  bytes: Uint8Array,
  prefix: string,
  inputs: Inputs,
): Promise<ReadonlyMap<string, Float32Array>> {
  const session = await InferenceSession.create(bytes, { logSeverityLevel: 3 });
  const graph = importOnnx(bytes);
  const feeds = graph.inputs.map((name) => {
    const shape = [...(graph.tensors.get(name)?.shape ?? [])];
    return [name, new Tensor("float32", inputs[`${prefix}:${name}`], shape)] as const;
  });
  const results = await session.run(Object.fromEntries(feeds));
  const shapes = graph.outputs.map((name) => [name, graph.tensors.get(name)?.shape]);
  expect(Object.entries(results).map(([name, { dims }]) => [name, dims])).toEqual(shapes);
  const values = Object.entries(results).map(
    ([name, { data }]) => [name, (data as Float32Array).slice()] as const,
  );
  await session.release();
  return new Map(values);
}
