import type { Graph } from "../../graph/graph.ts";
import type { CallerType } from "../../ir/port-type.ts";
import { castNode } from "./export-writer.ts";
import type { OnnxNode } from "./model.ts";
import { onnxTypeOf } from "./port-types.ts";
import { DATA_TYPES, FLOAT32 } from "./schema.ts";

/** TensorProto.DataType of an input or output. */
export function portDataType(type: CallerType | undefined): number {
  return DATA_TYPES.indexOf(onnxTypeOf(type));
}

/** A graph of floats alone, and what makes them of inputs of other types, and outputs of them. */
export interface CastPorts {
  readonly graph: Graph;
  readonly before: readonly OnnxNode[];
  readonly after: readonly OnnxNode[];
}

/** A graph computes in floats whatever its inputs and outputs hold: in a file these are cast. */
export function castPorts(graph: Graph): CastPorts {
  const names = new Map<string, string>();
  const tensors = new Map(graph.tensors);
  for (const port of [...graph.inputs, ...graph.outputs]) {
    const { shape, type } = graph.tensors.get(port) ?? {};
    if (type === undefined || shape === undefined || names.has(port)) continue;
    let name = `${port}/float`;
    while (tensors.has(name)) name += "_";
    names.set(port, name);
    tensors.set(name, { name, shape });
  }
  const inner = (name: string): string => names.get(name) ?? name;
  const cast = (input: string, output: string, to: number): OnnxNode => ({
    ...castNode(input, to),
    ...{ name: `${output}/cast`, output: [output] },
  });
  const typed = (ports: readonly string[]) => ports.filter((port) => names.has(port));
  const nodes = graph.nodes.map((node) => ({
    ...node,
    inputs: node.inputs.map(inner),
    output: inner(node.output),
  }));
  return {
    graph: { ...graph, nodes, tensors },
    before: typed(graph.inputs).map((port) => cast(port, inner(port), FLOAT32)),
    after: typed(graph.outputs).flatMap((port) =>
      // an input that is given back is as it came
      graph.inputs.includes(port)
        ? []
        : [cast(inner(port), port, portDataType(graph.tensors.get(port)?.type))],
    ),
  };
}
