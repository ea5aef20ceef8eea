import type { NodeOp } from "../../graph/graph.ts";
import { emitNode } from "./emit-node.ts";
import { inconsistent } from "./errors.ts";
import { define, freshName, type Holding, type ImportState, useConstant } from "./import-state.ts";
import { mostMade } from "./limits.ts";
import type { OnnxNode } from "./model.ts";
import { constantTensor, type Writer } from "./operators/constant-tensor.ts";
import { materialized } from "./padded.ts";
import {
  type ConstantValue,
  type IntegersValue,
  MOST_INTEGERS,
  shapeText,
  type TensorValue,
  type Value,
  type Whole,
} from "./value.ts";

/** Thrown by an operator's importer for a node it cannot express; collected, so that all are told at once (F104). */
export class UnsupportedNode extends Error {}

/** What the importer of one operator sees of its node and does with it. */
export interface NodeContext {
  /** Unique, never empty. */
  readonly name: string;
  readonly operator: string;
  /** The file's name for the first output that has one. */
  readonly outputName: string;
  /** The file's names for all outputs, "" for those left out. */
  readonly outputNames: readonly string[];
  readonly opset: number;
  readonly state: ImportState;
  /** For messages: node `conv1` (Conv). */
  readonly where: string;
  readonly inputCount: number;
  /** Input i's name in the file; "" when absent. */
  inputName(i: number): string;
  /** Input i; absent inputs are an error. */
  value(i: number): Value;
  optional(i: number): Value | undefined;
  /** Input i as an activation. */
  tensor(i: number): TensorValue;
  /** Input i as an activation of any type. */
  activation(i: number): TensorValue;
  /** Input i as float32 weights; `what` names its part: "weights", "bias". */
  constant(i: number, what: string): ConstantValue;
  /** Input i as one float32 number; undefined when absent. */
  number(i: number, what: string): number | undefined;
  /** Input i as a list of known integers; undefined when absent. `alone`: one of them may come as a scalar. */
  integers(i: number, what: string, alone?: "alone"): readonly number[] | undefined;
  /** Input i as one truth value; undefined when absent. */
  truth(i: number, what: string): boolean | undefined;
  /** Makes a constant input usable by a node; its tensor's name. */
  use(constant: ConstantValue, holding?: Holding): string;
  /** Says that so many elements of new weights will be made, before they are. */
  reserve(elements: number): void;
  /** New weights made by the importer, named after the node's output. */
  weight(part: string, shape: readonly number[], data: Float32Array, holding?: Holding): string;
  /** The node's result is this value, no node emitted. */
  become(value: Value): void;
  /** The node's result i is this value. */
  becomeResult(i: number, value: Value): void;
  /** Emits a node whose output is the node's; `whole`: it holds whole numbers. */
  emit(op: NodeOp, inputs: readonly string[], shape: readonly number[], whole?: Whole): void;
  /** Emits a node whose output is the node's output i, of an operator with `manyResults`. */
  emitResult(i: number, op: NodeOp, inputs: readonly string[], shape: readonly number[], whole?: Whole): void;
  /** Emits a helper node before the last one. */
  emitHelper(
    part: string,
    op: NodeOp,
    inputs: readonly string[],
    shape: readonly number[],
    whole?: Whole,
  ): TensorValue;
  /** The name of an input that is there and that nothing above was asked for. */
  unreadInput(): string | undefined;
  unsupported(why: string): never;
  invalid(why: string): never;
}

/** What a node is and how it is refused: what reading and emitting both need. */
interface Described
  extends Pick<NodeContext, "name" | "operator" | "where" | "outputName" | "unsupported" | "invalid"> {
  readonly node: OnnxNode;
}

type Inputs = Pick<
  NodeContext,
  | ("inputCount" | "inputName" | "value" | "optional" | "tensor" | "activation")
  | ("constant" | "number" | "integers" | "truth" | "unreadInput")
>;
type Results = Pick<
  NodeContext,
  "use" | "reserve" | "weight" | "become" | "becomeResult" | "emit" | "emitResult" | "emitHelper"
>;

export function makeNodeContext(state: ImportState, node: OnnxNode): NodeContext {
  const outputName = node.output?.find((output) => output !== "") ?? "";
  const operator = node.opType ?? "";
  const name = freshName(state.nodeNames, node.name || outputName || operator);
  const where = `node \`${name}\` (${operator})`;
  const unsupported = (why: string): never => {
    throw new UnsupportedNode(why);
  };
  const invalid = (why: string): never => {
    throw inconsistent(where, why);
  };
  const described = { node, name, operator, where, outputName, unsupported, invalid };
  const results = resultsOf(state, described);
  return {
    ...{ name, operator, where, outputName, unsupported, invalid },
    outputNames: node.output ?? [],
    opset: state.opset,
    state,
    ...inputsOf(state, described, results),
    ...results,
  };
}

function inputsOf(
  state: ImportState,
  { node, unsupported, invalid }: Described,
  { use, emitHelper }: Results,
): Inputs {
  const inputs = node.input ?? [];
  const asked = new Set<number>();
  const written = new Map<number, TensorValue>();
  const optional = (i: number): Value | undefined => {
    const input = inputs[i];
    asked.add(i);
    if (!input) return undefined;
    return state.values.get(input) ?? noValue(state, input, { unsupported, invalid });
  };
  const value = (i: number): Value => optional(i) ?? invalid(`input ${i} is missing`);
  const single = (v: ConstantValue | IntegersValue, what: string): number =>
    v.data.length === 1
      ? (v.data[0] as number)
      : invalid(`its ${what} \`${v.name}\` has ${v.data.length} elements`);
  const activation = (i: number): TensorValue => {
    const tensor = written.get(i) ?? tensorOf(state, value(i), i, { use, emitHelper, unsupported });
    written.set(i, tensor);
    return tensor;
  };
  return {
    inputCount: inputs.length,
    inputName: (i) => inputs[i] ?? "",
    value,
    optional,
    activation,
    tensor(i) {
      const v = activation(i);
      return v.whole === undefined
        ? v
        : unsupported(`of ${v.whole.type}: input \`${inputs[i]}\` must be float32`);
    },
    constant(i, what) {
      const v = value(i);
      return v.kind === "constant" ? v : unsupported(`its ${what} \`${v.name}\` must be float32 constants`);
    },
    number(i, what) {
      const v = optional(i);
      if (v === undefined) return undefined;
      if (v.kind !== "constant") return unsupported(`its ${what} \`${v.name}\` must be a float32 constant`);
      return single(v, what);
    },
    integers(i, what, alone) {
      const v = optional(i);
      return v === undefined ? undefined : listOf(v, what, alone !== undefined, { unsupported, invalid });
    },
    truth(i, what) {
      const v = optional(i);
      if (v === undefined) return undefined;
      if (v.kind !== "integers")
        return unsupported(`its ${what} \`${v.name}\` must be known before the network runs`);
      return single(v, what) !== 0;
    },
    unreadInput: () => inputs.find((name, i) => name !== "" && !asked.has(i)),
  };
}

/** An input that is no tensor. */
function noValue(
  state: ImportState,
  input: string,
  { unsupported, invalid }: Pick<NodeContext, "unsupported" | "invalid">,
): never {
  if (state.sequences.has(input)) return unsupported(`input \`${input}\` is a sequence of tensors`);
  return invalid(`input \`${input}\` is defined nowhere`);
}

/** A value as an activation; what is known is written while the network runs, where the node is not computed before. */
function tensorOf(state: ImportState, v: Value, i: number, writer: Writer): TensorValue {
  if (v.kind === "tensor") return v;
  if (v.kind === "padded") return materialized(state, v);
  return v.kind === "unknown"
    ? writer.unsupported(`input \`${v.name}\` is not known`)
    : constantTensor(writer, i, v);
}

/** Known integers as a list. */
function listOf(
  v: Value,
  what: string,
  alone: boolean,
  { unsupported, invalid }: Pick<NodeContext, "unsupported" | "invalid">,
): readonly number[] {
  if (v.kind !== "integers")
    return unsupported(`its ${what} \`${v.name}\` must be integers known before the network runs`);
  if (v.type !== "int64" && v.type !== "int32") return invalid(`its ${what} \`${v.name}\` are ${v.type}`);
  if (v.shape.length !== 1 && !(alone && v.shape.length === 0))
    return invalid(`its ${what} \`${v.name}\` are no list: the shape is ${shapeText(v.shape)}`);
  if (v.data.length > MOST_INTEGERS)
    return unsupported(`its ${what} \`${v.name}\` are ${v.data.length} integers, more than ${MOST_INTEGERS}`);
  return Array.from(v.data);
}

function resultsOf(state: ImportState, { node, name, outputName: output, unsupported }: Described): Results {
  const emitAs = (
    nodeName: string,
    out: string,
    op: NodeOp,
    from: readonly string[],
    shape: readonly number[],
    whole: Whole | undefined,
  ): TensorValue => {
    emitNode(state, { name: nodeName, op, inputs: from, output: out }, shape, unsupported);
    return { kind: "tensor", name: out, shape, ...(whole && { whole }) };
  };
  const reserve = (elements: number): void => {
    const { made } = state;
    made.elements += elements;
    const most = mostMade(made.given);
    if (made.elements > most) {
      unsupported(
        `it brings the weights that the import makes to ${made.elements} elements, more than ${most} for this file`,
      );
    }
  };
  return {
    use: (constant, holding) => useConstant(state, constant, holding),
    reserve,
    weight(part, shape, data, holding) {
      reserve(data.length);
      const fresh = freshName(state.tensorNames, `${output}/${part}`);
      return useConstant(state, { kind: "constant", name: fresh, shape, data }, holding);
    },
    become: (result) => define(state, output, result),
    becomeResult: (i, result) => define(state, node.output?.[i] ?? "", result),
    emit: (op, from, shape, whole) => define(state, output, emitAs(name, output, op, from, shape, whole)),
    emitResult(i, op, from, shape, whole) {
      const out = node.output?.[i] ?? "";
      define(state, out, emitAs(freshName(state.nodeNames, `${name}/${i}`), out, op, from, shape, whole));
    },
    emitHelper(part, op, from, shape, whole) {
      const nodeName = freshName(state.nodeNames, `${name}/${part}`);
      return emitAs(nodeName, freshName(state.tensorNames, `${output}/${part}`), op, from, shape, whole);
    },
  };
}
