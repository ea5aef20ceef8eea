import { isNoClamp } from "../../graph/clamps.ts";
import {
  type ActivationOp,
  type Clamp,
  type ClampOp,
  type Gather,
  type Graph,
  type GraphNode,
  NO_CLAMP,
  type NodeOp,
  type PadOp,
  type Pool,
  type Resample,
  type Slice,
  slopesOperand,
  type Tensor,
} from "../../graph/graph.ts";
import { ELEMENTWISE } from "../../ops/elementwise.ts";
import { assertNever, defined, invariant } from "../../support/assert.ts";
import { activationNodes } from "./export-activation.ts";
import { alongNodes } from "./export-along.ts";
import { OPSET } from "./export-opset.ts";
import type { OnnxModel, OnnxNode, OnnxTensor, OnnxValueInfo } from "./model.ts";
import { floatAttribute, intAttribute, intsAttribute } from "./node-attributes.ts";
import { encodeModel } from "./protobuf.ts";
import { FLOAT32, INT64 } from "./schema.ts";

const IR_VERSION = 8;

/**
 * A graph as an ONNX file. What ONNX has no operator for (a fused residual, activation or clamp) is written as nodes of its own.
 * Constants follow the nodes' order, so equal graphs give equal bytes.
 */
export function exportOnnx(graph: Graph, producer = "tilewright"): Uint8Array {
  const writer = makeWriter(graph);
  for (const node of graph.nodes) writeNode(writer, node);
  const model: OnnxModel = {
    irVersion: IR_VERSION,
    producerName: producer,
    opsetImport: [{ domain: "", version: OPSET }],
    graph: {
      name: graph.name,
      node: writer.nodes,
      initializer: [...writer.initializers.values()],
      input: graph.inputs.map((name) => valueInfo(graph, name)),
      output: graph.outputs.map((name) => valueInfo(graph, name)),
    },
  };
  return encodeModel(model);
}

interface Writer {
  readonly graph: Graph;
  readonly nodes: OnnxNode[];
  readonly initializers: Map<string, OnnxTensor>;
}

function makeWriter(graph: Graph): Writer {
  const writer: Writer = { graph, nodes: [], initializers: new Map() };
  for (const name of graph.nodes.flatMap((n) => n.inputs)) {
    const tensor = tensorOf(graph, name);
    if (tensor.data !== undefined) addFloats(writer, tensor.name, tensor.shape, tensor.data);
  }
  return writer;
}

/** What a node does after its operator, each as nodes of its own from one tensor to the next. */
interface Stage {
  readonly name: "add" | "activation" | "clamp";
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
  const stages = stagesOf(writer, node);
  const input = (at: number): string =>
    stages[at] === undefined ? output : `${output}/${stages[at].name}-input`;
  if (op.kind !== "activation") {
    writer.nodes.push({ ...operatorOf(writer, node, op), name, output: [input(0)] });
  }
  stages.forEach((stage, at) => {
    stage.write(op.kind === "activation" && at === 0 ? x : input(at), input(at + 1));
  });
}

function stagesOf(writer: Writer, { op, name, inputs }: GraphNode): readonly Stage[] {
  const stages: Stage[] = [];
  const residual = "residual" in op && op.residual ? inputs.at(-1) : undefined;
  const addsAfter = "residual" in op && op.residual === "after";
  const add = (): void => {
    if (residual === undefined) return;
    stages.push({
      name: "add",
      write: (from, to) =>
        void writer.nodes.push({ name: `${name}/add`, opType: "Add", input: [from, residual], output: [to] }),
    });
  };
  if (!addsAfter) add();
  if ("activation" in op && op.activation !== undefined) {
    const { activation } = op;
    const stage = op.kind === "activation" ? name : `${name}/activation`;
    const slopes = "slopes" in op && op.slopes ? inputs[slopesOperand(op)] : undefined;
    stages.push({
      name: "activation",
      write: (from, to) => {
        const scalar = (part: string, value: number): string =>
          addFloats(writer, `${to}/${part}`, [], Float32Array.of(value));
        writer.nodes.push(
          ...(slopes === undefined
            ? activationNodes(activation, { name: stage, from, to }, scalar)
            : [
                {
                  ...preluOperator(writer, [from, slopes], op.kind === "dense" ? 2 : 4),
                  name: stage,
                  output: [to],
                },
              ]),
        );
      },
    });
  }
  const clamp = "clamp" in op ? op.clamp : NO_CLAMP;
  if (!isNoClamp(clamp)) {
    stages.push({
      name: "clamp",
      write: (from, to) => void writer.nodes.push(clampNode(writer, `${name}/clamp`, from, to, clamp)),
    });
  }
  if (addsAfter) add();
  return stages;
}

/** The ONNX operator of a node without its residual and clamp. */
function operatorOf(writer: Writer, node: GraphNode, op: Exclude<NodeOp, ClampOp | ActivationOp>): OnnxNode {
  const { inputs: input, output } = node;
  const shape = (tensor: string): readonly number[] => tensorOf(writer.graph, tensor).shape;
  switch (op.kind) {
    case "conv2d": {
      invariant(op.globalPool === undefined, "what is exported is a network as imported");
      const attribute = [
        intsAttribute("dilations", op.dilations),
        intAttribute("group", op.groups),
        intsAttribute("kernel_shape", shape(input[1] ?? "").slice(2)),
        intsAttribute("pads", op.pads),
        intsAttribute("strides", op.strides),
      ];
      return { opType: "Conv", input: input.slice(0, op.bias ? 3 : 2), attribute };
    }
    case "batch-norm":
      return { opType: "BatchNormalization", input, attribute: [floatAttribute("epsilon", op.epsilon)] };
    case "prelu":
      return preluOperator(writer, input, shape(input[0] ?? "").length);
    case "add":
      return { opType: "Add", input };
    case "elementwise":
      return { opType: ELEMENTWISE[op.fn].onnx, input };
    case "mul":
      return { opType: "Mul", input: input.slice(0, 2) };
    case "pool":
      return poolOperator(op, input);
    case "global-avg-pool":
      return { opType: "GlobalAveragePool", input };
    case "dense":
      return { opType: "Gemm", input, attribute: [intAttribute("transB", 1)] };
    case "reshape": {
      const wanted = addIntegers(writer, `${output}/shape`, shape(output));
      return { opType: "Reshape", input: [input[0] ?? "", wanted] };
    }
    case "transpose":
      return { opType: "Transpose", input, attribute: [intsAttribute("perm", op.perm)] };
    case "concat":
      return { opType: "Concat", input, attribute: [intAttribute("axis", op.axis)] };
    case "slice":
      return sliceOperator(writer, node, op);
    case "constant":
      return { opType: "Identity", input };
    case "gather":
    case "resample":
    case "pad":
      return alongOperator(writer, node, op);
    case "softmax":
      return { opType: "Softmax", input, attribute: [intAttribute("axis", op.axis)] };
    default:
      return assertNever(op);
  }
}

function sliceOperator(writer: Writer, { inputs, output }: GraphNode, { axis, start }: Slice): OnnxNode {
  const bound = (part: string, value: number): string => addIntegers(writer, `${output}/${part}`, [value]);
  const end = start + (tensorOf(writer.graph, output).shape[axis] ?? 0);
  return {
    opType: "Slice",
    input: [inputs[0] ?? "", bound("starts", start), bound("ends", end), bound("axes", axis)],
  };
}

function alongOperator(writer: Writer, node: GraphNode, op: Gather | Resample | PadOp): OnnxNode {
  const { inputs, output } = node;
  const operators = alongNodes(op, tensorOf(writer.graph, inputs[0] ?? "").shape, {
    integers: (part, values) => addIntegers(writer, `${output}/${part}`, values),
    floats: (part, dims, data) => addFloats(writer, `${output}/${part}`, dims, data),
  });
  return inTurn(writer, node, operators);
}

/** Operators each of what the one before it gives, the first of the node's input: all but the last are written here. */
function inTurn(writer: Writer, { name, inputs, output }: GraphNode, all: readonly OnnxNode[]): OnnxNode {
  const between = (i: number): string => (i === 0 ? (inputs[0] ?? "") : `${output}/step${i}`);
  const linked = all.map((each, i) => ({ ...each, input: [between(i), ...(each.input ?? []).slice(1)] }));
  linked.slice(0, -1).forEach((each, i) => {
    writer.nodes.push({ ...each, name: `${name}/step${i + 1}`, output: [between(i + 1)] });
  });
  return defined(linked.at(-1), `operators of ${name}`);
}

/** `rank`: dimensions of the value, to which the slopes are spread. */
function preluOperator(writer: Writer, [x = "", slope = ""]: readonly string[], rank: number): OnnxNode {
  const { shape, data } = tensorOf(writer.graph, slope);
  const spread = [...shape, ...Array<number>(rank - 2).fill(1)];
  return { opType: "PRelu", input: [x, addFloats(writer, slope, spread, defined(data, `slopes ${slope}`))] };
}

function poolOperator(op: Pool, input: readonly string[]): OnnxNode {
  const window = [
    intsAttribute("kernel_shape", op.kernel),
    intsAttribute("pads", op.pads),
    intsAttribute("strides", op.strides),
  ];
  if (op.mode === "max") {
    return { opType: "MaxPool", input, attribute: [intsAttribute("dilations", op.dilations), ...window] };
  }
  invariant(op.dilations[0] === 1 && op.dilations[1] === 1, "opset 13 has no dilated AveragePool");
  const counting = intAttribute("count_include_pad", op.countIncludePad ? 1 : 0);
  return { opType: "AveragePool", input, attribute: [counting, ...window] };
}

function clampNode(writer: Writer, name: string, from: string, output: string, { lo, hi }: Clamp): OnnxNode {
  if (lo === 0 && hi === Number.POSITIVE_INFINITY) {
    return { name, opType: "Relu", input: [from], output: [output] };
  }
  const bound = (part: string, value: number): string =>
    Number.isFinite(value) ? addFloats(writer, `${output}/${part}`, [], Float32Array.of(value)) : "";
  return { name, opType: "Clip", input: [from, bound("min", lo), bound("max", hi)], output: [output] };
}

function addFloats(writer: Writer, name: string, dims: readonly number[], data: Float32Array): string {
  const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  writer.initializers.set(name, { name, dims, dataType: FLOAT32, rawData });
  return name;
}

function addIntegers(writer: Writer, name: string, values: readonly number[]): string {
  const rawData = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
  writer.initializers.set(name, { name, dims: [values.length], dataType: INT64, rawData });
  return name;
}

function valueInfo(graph: Graph, name: string): OnnxValueInfo {
  const dim = tensorOf(graph, name).shape.map((d) => ({ dimValue: d }));
  return { name, type: { tensorType: { elemType: FLOAT32, shape: { dim } } } };
}

function tensorOf(graph: Graph, name: string): Tensor {
  return defined(graph.tensors.get(name), `tensor ${name}`);
}
