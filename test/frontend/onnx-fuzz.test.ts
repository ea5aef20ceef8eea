import * as ort from "onnxruntime-node";
import { expect, test } from "vitest";
import { compileNetwork } from "../../compiler/driver/compile-network.ts";
import { runtimeFloats } from "../../compiler/driver/test/onnx-runtime.ts";
import { exportOnnx } from "../../compiler/frontend/onnx/export.ts";
import { importOnnx } from "../../compiler/frontend/onnx/import.ts";
import type { Graph } from "../../compiler/graph/graph.ts";
import { optimizeGraph } from "../../compiler/graph/optimize-graph.ts";
import { planForTarget } from "../../compiler/graph/plan-for-target.ts";
import { withUnusedRows } from "../../compiler/graph/unused-rows.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { UserError } from "../../compiler/support/diagnostic.ts";
import { makeRng } from "../../compiler/support/rng.ts";
import { watchMemory } from "../support/memory.ts";
import { type Mutant, mutant } from "./onnx-mutants.ts";

const RUNS = Number(process.env.FUZZ_RUNS ?? 300);
const SEED = Number(process.env.FUZZ_SEED ?? 1);
const LONG = RUNS >= 1000;
const MOST_SECONDS = 10;
const MOST_BYTES = 2 ** 30;
const rpi4 = loadTarget("rpi4");

/** The graph of a damaged file and its plan; undefined where it is the user's error. Anything else is ours. */
async function tried({ bytes }: Mutant, whole: boolean): Promise<Graph | undefined> {
  try {
    const graph = importOnnx(bytes);
    if (whole) await compileNetwork(graph, rpi4, { meta: { modelSha256: "" } });
    else planForTarget(optimizeGraph(graph), rpi4);
    return graph;
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

/** What ONNX Runtime computes of a file; undefined where it does not take it. */
async function results(bytes: Uint8Array, graph: Graph): Promise<readonly ort.Tensor[] | undefined> {
  const rng = makeRng(5);
  const feeds = graph.inputs.map((name) => {
    const dims = [...(graph.tensors.get(name)?.shape ?? [])];
    const data = Float32Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => rng.normal());
    return [name, new ort.Tensor("float32", data, dims)] as const;
  });
  try {
    const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 4 });
    const all = await session.run(Object.fromEntries(feeds));
    return graph.outputs.map((name) => all[name] as ort.Tensor);
  } catch {
    return undefined;
  }
}

/** The largest difference beside the largest value, over all outputs; undefined where there is nothing to compare. */
async function difference({ bytes }: Mutant, graph: Graph): Promise<number | undefined> {
  const elements = [...graph.tensors.values()].map(({ shape }) => shape.reduce((a, b) => a * b, 1));
  if (Math.max(...elements) > 1e6) return undefined;
  const before = await results(bytes, graph);
  const after = before && (await results(exportOnnx(graph), graph));
  if (before === undefined || after === undefined) return undefined;
  return Math.max(
    ...before.map((tensor, i) =>
      apart(shown(graph, graph.outputs[i], tensor), shown(graph, graph.outputs[i], after[i])),
    ),
  );
}

/** An output with rows that the network selects in the shape that ours has, what is unused as a number that nothing is. */
function shown({ tensors }: Graph, name: string, found: ort.Tensor): ort.Tensor {
  const own = tensors.get(name);
  if (own?.rows === undefined) return found;
  const data = withUnusedRows(own, found.dims, runtimeFloats(found.data as Float32Array).slice());
  const dims = data.length === found.data.length ? found.dims : own.shape;
  return new ort.Tensor(
    "float32",
    data.map((v) => (Number.isNaN(v) ? -12345 : v)),
    dims,
  );
}

function apart(a: ort.Tensor, b: ort.Tensor): number {
  if (a.dims.join() !== b.dims.join()) return Number.POSITIVE_INFINITY;
  const [x, y] = [a.data as Float32Array, b.data as Float32Array];
  if (x.some((v) => !Number.isFinite(v) || Math.abs(v) > 1e30)) return 0;
  const range = x.reduce((most, v) => Math.max(most, Math.abs(v)), 1e-3);
  return x.reduce((most, v, i) => Math.max(most, Math.abs(v - (y[i] as number))), 0) / range;
}

test(`${RUNS} damaged files give an answer that is right, or a user's error, soon and in little memory`, async () => {
  const rng = makeRng(SEED);
  const counts = { graphs: 0, compared: 0 };
  const grown = watchMemory();
  for (let run = 0; run < RUNS; run++) {
    const of = mutant(rng);
    const began = process.cpuUsage().user;
    const graph = await tried(of, LONG && run % 10 === 0).catch((error: unknown) => {
      throw new Error(`mutant ${run} of seed ${SEED}`, { cause: error });
    });
    const seconds = (process.cpuUsage().user - began) / 1e6;
    expect(seconds, `mutant ${run} of seed ${SEED}`).toBeLessThan(MOST_SECONDS);
    expect(grown(), `memory after mutant ${run} of seed ${SEED}`).toBeLessThan(MOST_BYTES);
    if (graph === undefined) continue;
    counts.graphs++;
    if (of.model === undefined || !(LONG || run % 4 === 0)) continue;
    const apart = await difference(of, graph);
    if (apart === undefined) continue;
    counts.compared++;
    expect(apart, `mutant ${run} of seed ${SEED}`).toBeLessThan(1e-4);
  }
  console.info(
    `${RUNS} files: ${counts.graphs} compile, ${counts.compared} of them compared with ONNX Runtime`,
  );
  expect(counts.graphs).toBeGreaterThan(RUNS / 20);
  expect(counts.compared).toBeGreaterThan(RUNS / 100);
}, 3_600_000);
