import { graphInProgress } from "../frontend/onnx/finish.ts";
import type { ReadModel } from "../frontend/onnx/import.ts";
import type { NodeRecord } from "../frontend/onnx/node-record.ts";
import type { Graph } from "../graph/graph.ts";
import { optimizeGraph } from "../graph/optimize-graph.ts";
import { UserError } from "../support/diagnostic.ts";
import { countLayers, type LayerCost, sumCosts } from "./count-network.ts";
import { peakActivations } from "./peak-activations.ts";

/**
 * What becomes of a node of an ONNX file, as NodeRecord has it; besides `fused`: another node's kernel computes it, and `dead`: it
 * reaches no output.
 */
export interface InspectedNode {
  readonly name: string;
  readonly operator: string;
  readonly outcome: NodeRecord["outcome"] | "fused" | "dead";
  /** The node that computes it, where it is fused. */
  readonly into?: string;
  readonly why?: string;
  /** Of each result, as far as it is known. */
  readonly outputs: readonly InspectedResult[];
  readonly macs: number;
  readonly params: number;
}
export interface InspectedResult {
  readonly name: string;
  readonly shape: readonly number[] | null;
  /** The axis along which there are at most so many rows, as many as the network selects. */
  readonly rows?: number;
}
export interface Inspection {
  readonly model: string;
  readonly compiles: boolean;
  /** Why not, where no single node is to blame. */
  readonly why?: string;
  readonly producer: string;
  readonly ir_version: number;
  readonly opset: number;
  readonly inputs: readonly { readonly name: string; readonly shape: readonly number[] }[];
  readonly nodes: readonly InspectedNode[];
  /** Of the nodes that could be looked at. */
  readonly total: {
    readonly macs: number;
    readonly params: number;
    /** The most that is alive at once, at 4 bytes an element, borders and padding not counted. */
    readonly peak_activation_bytes: number;
  };
}

/** A model node by node. A network that cannot be compiled is counted as far as shapes are known. */
export function inspectModel(read: ReadModel): Inspection {
  const { name, model, state, inputs } = read;
  const { graph, why } = finished(read);
  const optimized = optimizeGraph(graph);
  const layers = countLayers(graph);
  const producer = [model.producerName, model.producerVersion].filter((text) => text).join(" ");
  const { macs, params } = sumCosts(layers);
  return {
    ...{ model: name, compiles: why === undefined },
    ...(why !== undefined && !state.records.some(({ outcome }) => outcome === "refused") && { why }),
    ...{ producer, ir_version: model.irVersion ?? 0, opset: state.opset },
    inputs: inputs.map((input) => ({ name: input, shape: state.tensors.get(input)?.shape ?? [] })),
    nodes: inspectNodes(read, optimized, layers),
    total: { macs, params, peak_activation_bytes: peakActivations(optimized) },
  };
}

function finished(read: ReadModel): { readonly graph: Graph; readonly why?: string } {
  try {
    return { graph: read.finish() };
  } catch (error) {
    if (!(error instanceof UserError) || error.diagnostic.code !== "F104") throw error;
    return { graph: graphInProgress(read.state, read.name, read.inputs), why: error.diagnostic.why ?? "" };
  }
}

function inspectNodes(
  { model, state }: ReadModel,
  optimized: Graph,
  layers: readonly LayerCost[],
): InspectedNode[] {
  const { records } = state;
  const costs = new Map(layers.map((layer) => [layer.name, layer]));
  const kernels = kernelsOf(records, optimized);
  const seen = new Set(records.map(({ node }) => node));
  const dead = (model.graph?.node ?? []).filter((node) => !seen.has(node));
  return [
    ...records.map((record): InspectedNode => {
      const { node, name, why } = record;
      const kernel = kernels.get(record);
      const own = record.emitted.flatMap((emitted) => costs.get(emitted.name) ?? []);
      const fused = record.outcome === "compiled" && kernel !== undefined && kernel !== record;
      return {
        ...{ name, operator: operatorOf(node), outcome: fused ? "fused" : record.outcome },
        ...(fused && { into: kernel.name }),
        ...(why !== undefined && { why }),
        outputs: (node.output ?? [])
          .filter((output) => output !== "")
          .map((output) => {
            const value = state.values.get(output);
            const rows = state.rows.get(value?.name ?? "")?.axis;
            return {
              name: output,
              shape: value === undefined || value.kind === "unknown" ? null : value.shape,
              ...(rows !== undefined && { rows }),
            };
          }),
        macs: own.reduce((sum, layer) => sum + layer.macs, 0),
        params: own.reduce((sum, layer) => sum + layer.params, 0),
      };
    }),
    ...dead.map(
      (node): InspectedNode => ({
        ...{ name: node.name || (node.output?.[0] ?? ""), operator: operatorOf(node), outcome: "dead" },
        ...{ outputs: [], macs: 0, params: 0 },
      }),
    ),
  ];
}

function operatorOf({ domain, opType = "" }: NodeRecord["node"]): string {
  return domain && domain !== "ai.onnx" ? `${domain}.${opType}` : opType;
}

/** For each compiled record the one whose kernel computes its result: the first behind it that the optimised graph still has. */
function kernelsOf(records: readonly NodeRecord[], optimized: Graph): ReadonlyMap<NodeRecord, NodeRecord> {
  const emitter = new Map(
    records.flatMap((record) => record.emitted.map(({ name }) => [name, record] as const)),
  );
  const computed = new Map(optimized.nodes.map(({ name, output }) => [output, emitter.get(name)]));
  const reader = new Map<string, NodeRecord>();
  const kernels = new Map<NodeRecord, NodeRecord>();
  // from the last to the first: readers are known before what they read
  for (const record of [...records].reverse()) {
    const outputs = record.node.output ?? [];
    const own = outputs.find((output) => computed.has(output));
    const next = outputs.flatMap((output) => reader.get(output) ?? [])[0];
    const kernel = own === undefined ? next && kernels.get(next) : computed.get(own);
    if (kernel !== undefined) kernels.set(record, kernel);
    for (const input of record.node.input ?? []) reader.set(input, record);
  }
  return kernels;
}
