import { type Stage, stagesOf } from "../../graph/epilogue.ts";
import type { Clamp, Graph, GraphNode, NodeOp } from "../../graph/graph.ts";
import { assertNever } from "../../support/assert.ts";
import { activationNodes } from "./export-activation.ts";
import { operatorOf, preluOperator } from "./export-operator.ts";
import { OPSET } from "./export-opset.ts";
import { castPorts, portDataType } from "./export-ports.ts";
import { recurrentNodes } from "./export-recurrent.ts";
import { addFloats, addIntegers, addTensor, tensorOf, type Writer } from "./export-writer.ts";
import type { OnnxModel, OnnxNode, OnnxValueInfo } from "./model.ts";
import { encodeModel } from "./protobuf.ts";

const IR_VERSION = 8;
const LAYER_NORM_OPSET = 17;
/** GridSample, and RoiAlign with a choice of where pixels lie. */
const SAMPLING_OPSET = 16;
/** ScatterElements with reductions. */
const JOINING_OPSET = 18;

/**
 * A graph as an ONNX file. What ONNX has no operator for (a fused residual, activation or clamp) is written as nodes of its own.
 * Constants follow the nodes' order, so equal graphs give equal bytes.
 */
export function exportOnnx(graph: Graph, producer = "tilewright"): Uint8Array {
  return encodeModel(onnxModelOf(graph, producer));
}

/** The same before it is encoded. */
export function onnxModelOf(graph: Graph, producer = "tilewright"): OnnxModel {
  const { graph: floats, before, after } = castPorts(graph);
  const writer = makeWriter(floats);
  writer.nodes.push(...before);
  for (const node of floats.nodes) writeNode(writer, node);
  writer.nodes.push(...after);
  // operators may have written constants in another shape
  const read = new Set(writer.nodes.flatMap(({ input = [] }) => input));
  return {
    irVersion: IR_VERSION,
    producerName: producer,
    opsetImport: [{ domain: "", version: opsetOf(graph) }],
    graph: {
      name: graph.name,
      node: writer.nodes,
      initializer: [...writer.initializers.values()].filter(({ name = "" }) => read.has(name)),
      input: graph.inputs.map((name) => valueInfo(graph, name)),
      output: graph.outputs.map((name) => valueInfo(graph, name)),
    },
  };
}

/** Some operators came late; all else is written as it was long before, which more tools read. */
function opsetOf({ nodes }: Graph): number {
  return Math.max(OPSET, ...nodes.map(({ op }) => sinceOf(op)));
}

function sinceOf(op: NodeOp): number {
  if (op.kind === "layer-norm") return LAYER_NORM_OPSET;
  if (op.kind === "sample") return SAMPLING_OPSET;
  return op.kind === "scatter-at" && op.fn !== "replace" ? JOINING_OPSET : OPSET;
}

function makeWriter(graph: Graph): Writer {
  const writer: Writer = { graph, nodes: [], initializers: new Map() };
  for (const name of graph.nodes.flatMap((n) => n.inputs)) {
    const tensor = tensorOf(graph, name);
    if (tensor.data !== undefined) addTensor(writer, tensor.name, tensor.shape, tensor.data);
  }
  return writer;
}

/** What a node does after its operator, each as nodes of its own from one tensor to the next. */
interface WrittenStage {
  readonly name: "scale" | "add" | "activation" | "clamp";
  write(from: string, to: string): void;
}

/** Writes a node's operator, then the Add of a residual, the activation, the clamp; only the last writes the node's output. */
function writeNode(writer: Writer, node: GraphNode): void {
  const { op, name, output } = node;
  const [x = ""] = node.inputs;
  if (op.kind === "clamp") {
    writer.nodes.push(clampNode(writer, name, x, output, op.clamp));
    return;
  }
  if (op.kind === "recurrent") {
    writer.nodes.push(
      ...recurrentNodes(node, op, {
        shape: (tensor) => tensorOf(writer.graph, tensor).shape,
        floats: (...tensor) => addFloats(writer, ...tensor),
        integers: (...list) => addIntegers(writer, ...list),
      }),
    );
    return;
  }
  const stages = writtenStages(writer, node);
  const input = (at: number): string =>
    stages[at] === undefined ? output : `${output}/${stages[at].name}-input`;
  if (op.kind !== "activation") {
    writer.nodes.push({ ...operatorOf(writer, node, op), name, output: [input(0)] });
  }
  stages.forEach((stage, at) => {
    stage.write(op.kind === "activation" && at === 0 ? x : input(at), input(at + 1));
  });
}

function writtenStages(writer: Writer, node: GraphNode): readonly WrittenStage[] {
  const { op, name } = node;
  const stages: WrittenStage[] = [];
  if (op.kind === "matmul" && op.scale !== 1) {
    stages.push({
      name: "scale",
      write: (from, to) => {
        const scale = addFloats(writer, `${to}/scale`, [], Float32Array.of(op.scale));
        writer.nodes.push({ name: `${name}/scale`, opType: "Mul", input: [from, scale], output: [to] });
      },
    });
  }
  return [...stages, ...stagesOf(node).flatMap((stage) => writtenStage(writer, node, stage) ?? [])];
}

/** A stage as nodes; undefined for a bias, which the operator has. */
function writtenStage(
  writer: Writer,
  { op, name, inputs }: GraphNode,
  stage: Stage,
): WrittenStage | undefined {
  switch (stage.kind) {
    case "bias":
      return undefined;
    case "residual":
      return {
        name: "add",
        write: (from, to) => {
          const input = [from, inputs[stage.operand]];
          writer.nodes.push({ name: `${name}/add`, opType: "Add", input, output: [to] });
        },
      };
    case "activation": {
      const { activation, slopes } = stage;
      const node = op.kind === "activation" ? name : `${name}/activation`;
      return {
        name: "activation",
        write: (from, to) => {
          const scalar = (part: string, value: number): string =>
            addFloats(writer, `${to}/${part}`, [], Float32Array.of(value));
          if (slopes === undefined) {
            writer.nodes.push(...activationNodes(activation, { name: node, from, to }, scalar));
            return;
          }
          const prelu = preluOperator(writer, [from, inputs[slopes]], op.kind === "dense" ? 2 : 4);
          writer.nodes.push({ ...prelu, name: node, output: [to] });
        },
      };
    }
    case "clamp":
      return {
        name: "clamp",
        write: (from, to) =>
          void writer.nodes.push(clampNode(writer, `${name}/clamp`, from, to, stage.clamp)),
      };
    default:
      return assertNever(stage);
  }
}

function clampNode(writer: Writer, name: string, from: string, output: string, { lo, hi }: Clamp): OnnxNode {
  if (lo === 0 && hi === Number.POSITIVE_INFINITY) {
    return { name, opType: "Relu", input: [from], output: [output] };
  }
  const bound = (part: string, value: number): string =>
    Number.isFinite(value) ? addFloats(writer, `${output}/${part}`, [], Float32Array.of(value)) : "";
  return { name, opType: "Clip", input: [from, bound("min", lo), bound("max", hi)], output: [output] };
}

function valueInfo(graph: Graph, name: string): OnnxValueInfo {
  const { shape, type } = tensorOf(graph, name);
  const dim = shape.map((d) => ({ dimValue: d }));
  return { name, type: { tensorType: { elemType: portDataType(type), shape: { dim } } } };
}
