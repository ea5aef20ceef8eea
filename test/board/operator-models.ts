import { InferenceSession, Tensor } from "onnxruntime-node";
import { runtimeElements, runtimeFloats } from "../../compiler/driver/test/onnx-runtime.ts";
import { importOnnx } from "../../compiler/frontend/onnx/import.ts";
import { wholeTypeOf } from "../../compiler/frontend/onnx/port-types.ts";
import { DATA_TYPES } from "../../compiler/frontend/onnx/schema.ts";
import type { Graph } from "../../compiler/graph/graph.ts";
import { withUnusedRows } from "../../compiler/graph/unused-rows.ts";
import type { PortType } from "../../compiler/ir/port-type.ts";
import { renderDiagnostic, UserError } from "../../compiler/support/diagnostic.ts";
import { makeRng } from "../../compiler/support/rng.ts";
import { type ModelText, model } from "../frontend/onnx-model.ts";

/** A small ONNX file with an input for it. */
export interface OperatorModel extends ModelText {
  /** Where inputs lie: everywhere, above 0, or between -1 and 1. */
  readonly values?: "any" | "positive" | "small";
}
type Values = ReadonlyMap<string, Float32Array>;

/** Many small models as one network: each tensor's name has its model's in front. */
export function joinModels(models: Readonly<Record<string, OperatorModel>>): Graph {
  return joinGraphs(
    Object.entries(models).map(([name, text]) => {
      try {
        return [name, importOnnx(model(text))];
      } catch (error) {
        const why = error instanceof UserError ? renderDiagnostic(error.diagnostic) : String(error);
        throw new Error(`${name}: ${why}`, { cause: error });
      }
    }),
  );
}

/** What an input or output of a TensorProto.DataType holds. */
function portType(dataType: number | undefined): PortType {
  return wholeTypeOf(DATA_TYPES[dataType ?? 0]) ?? "f32";
}

/** Many networks that share nothing as one. */
export function joinGraphs(named: readonly (readonly [string, Graph])[]): Graph {
  const graphs = named.map(([name, graph]) => renamed(graph, `${name}:`));
  return {
    name: "operators",
    inputs: graphs.flatMap(({ inputs }) => inputs),
    outputs: graphs.flatMap(({ outputs }) => outputs),
    nodes: graphs.flatMap(({ nodes }) => nodes),
    tensors: new Map(graphs.flatMap(({ tensors }) => [...tensors])),
  };
}

function renamed(graph: Graph, prefix: string): Graph {
  const to = (name: string): string => prefix + name;
  return {
    name: graph.name,
    inputs: graph.inputs.map(to),
    outputs: graph.outputs.map(to),
    nodes: graph.nodes.map((node) => ({
      ...node,
      name: to(node.name),
      inputs: node.inputs.map(to),
      output: to(node.output),
    })),
    tensors: new Map(
      [...graph.tensors].map(([name, tensor]) => [to(name), { ...tensor, name: to(name) }] as const),
    ),
  };
}

/** Inputs of all models, by the names they have in the joined network. */
export function joinedInputs(models: Readonly<Record<string, OperatorModel>>): Record<string, Float32Array> {
  const rng = makeRng(3);
  const given: Record<string, Float32Array> = {};
  for (const [name, { inputs, types = {}, values = "any" }] of Object.entries(models)) {
    for (const [input, shape] of Object.entries(inputs)) {
      const size = shape.reduce<number>((n, d) => n * Number(d), 1);
      const type = portType(types[input]);
      given[`${name}:${input}`] = Float32Array.from({ length: size }, () => {
        if (type !== "f32") return rng.int(type === "bool" ? 2 : 5);
        const v = rng.normal();
        if (values === "any") return v * 1.7;
        return values === "positive" ? Math.abs(v) + 0.05 : Math.tanh(v) * 0.95;
      });
    }
  }
  return given;
}

/** What ONNX Runtime makes of each model as it is written, by the names of the joined network. */
export async function joinedResults(
  models: Readonly<Record<string, OperatorModel>>,
  given: Readonly<Record<string, Float32Array>>,
  { tensors }: Pick<Graph, "tensors">,
): Promise<Values> {
  const all = new Map<string, Float32Array>();
  for (const [name, text] of Object.entries(models)) {
    const session = await InferenceSession.create(model(text), { graphOptimizationLevel: "disabled" });
    const feeds = Object.entries(text.inputs).map(([input, shape]) => {
      const { type, data } = runtimeElements(portType(text.types?.[input]), given[`${name}:${input}`]);
      return [input, new Tensor(type as "float32", data as Float32Array, shape.map(Number))] as const;
    });
    const results = await session.run(Object.fromEntries(feeds));
    for (const [output, { data, dims }] of Object.entries(results)) {
      const found = runtimeFloats(data as Float32Array).slice();
      const own = tensors.get(`${name}:${output}`);
      all.set(`${name}:${output}`, own === undefined ? found : withUnusedRows(own, dims, found));
    }
    await session.release();
  }
  return all;
}

/** Outputs that are off by more than `tolerance` of their range, with what they hold instead. */
export function wrongOutputs(found: Values, expected: Values, tolerance = 1e-5): readonly string[] {
  return [...expected].flatMap(([name, wanted]) => {
    const own = found.get(name);
    if (own === undefined || own.length !== wanted.length) return [`${name}: ${own?.length} elements`];
    const range = Math.max(1, ...wanted.filter(Number.isFinite).map(Math.abs));
    const at = wanted.findIndex((v, i) => {
      return !Object.is(v, own[i]) && v !== own[i] && !(Math.abs(v - own[i]) <= tolerance * range);
    });
    return at < 0 ? [] : [`${name}[${at}] is ${own[at]}, not ${wanted[at]}`];
  });
}
