import {
  byteField,
  bytesField,
  damaged,
  floatsField,
  intField,
  intsField,
  longField,
  longsField,
  rootTable,
  type Table,
  tableField,
  tablesField,
  textField,
} from "./flatbuffer.ts";
import {
  BUFFER,
  MODEL,
  OPERATOR,
  OPERATOR_CODE,
  OPERATORS,
  QUANTIZATION,
  SUBGRAPH,
  TENSOR,
  type TfliteType,
  TYPES,
} from "./schema.ts";

/** A file's first subgraph: what conversion makes of a model that calls no others. */
export interface TfliteModel {
  readonly tensors: readonly TfliteTensor[];
  readonly operators: readonly TfliteOperator[];
  /** Numbers of tensors. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}
export interface TfliteTensor {
  /** Its own, or `tensor N`; no two are alike. */
  readonly name: string;
  /** Sizes that the file leaves open are 1, as its interpreter has them before anybody resizes an input. */
  readonly shape: readonly number[];
  readonly type: TfliteType | "other";
  /** Of a constant: its numbers, little-endian. */
  readonly data: Uint8Array | undefined;
  readonly quantization: Quantization | undefined;
  readonly isSparse: boolean;
  /** It keeps what it holds from one inference to the next. */
  readonly isVariable: boolean;
}
/** A number q stands for scale * (q - zeroPoint); with several of these, for each index along `dimension`. */
export interface Quantization {
  readonly scales: readonly number[];
  readonly zeroPoints: readonly number[];
  readonly dimension: number;
}
export interface TfliteOperator {
  /** "CONV_2D", or the name of a custom one. */
  readonly name: string;
  /** Numbers of tensors; -1: an optional input that is not there. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** Its table of options. */
  readonly options: Table | undefined;
  /** Options of a custom one, in a form of its own; none: empty. */
  readonly custom: Uint8Array;
}

/** What a file's bytes 4 to 7 say. */
const IDENTIFIER = "TFL3";
const VERSION = 3;
/** More than any file has: each takes hundreds of bytes once it is read. */
const MOST_TENSORS = 100_000;

/** Whether a file says that it is TensorFlow Lite's. */
export function isTflite(bytes: Uint8Array): boolean {
  return new TextDecoder("latin1").decode(bytes.subarray(4, 8)) === IDENTIFIER;
}

/** Reads a `.tflite` file (schema version 3). Throws F121. */
export function readTfliteModel(bytes: Uint8Array): TfliteModel {
  if (!isTflite(bytes))
    throw damaged(`its ${bytes.length} bytes do not say that they are one (${IDENTIFIER})`);
  const root = rootTable(bytes);
  const version = intField(root, MODEL.version);
  if (version !== VERSION) throw damaged(`its version is ${version}, not ${VERSION}`);
  const [graph] = tablesField(root, MODEL.subgraphs);
  if (graph === undefined) throw damaged("it holds no graph");
  const buffers = tablesField(root, MODEL.buffers).map((b) => bufferOf(b, bytes));
  const tables = tablesField(graph, SUBGRAPH.tensors);
  if (tables.length > MOST_TENSORS) throw damaged(`it has ${tables.length} tensors`);
  const names = new Set<string>();
  const ports = new Set([...intsField(graph, SUBGRAPH.inputs), ...intsField(graph, SUBGRAPH.outputs)]);
  const tensors = tables.map((t, index) => tensorOf(t, { index, isPort: ports.has(index), names }, buffers));
  const codes = tablesField(root, MODEL.operatorCodes).map(operatorName);
  const known = (of: readonly number[], least: number): readonly number[] => {
    const wrong = of.find((n) => n < least || n >= tensors.length);
    if (wrong !== undefined) throw damaged(`it names tensor ${wrong} of ${tensors.length}`);
    return of;
  };
  return {
    tensors,
    inputs: known(intsField(graph, SUBGRAPH.inputs), 0),
    outputs: known(intsField(graph, SUBGRAPH.outputs), 0),
    operators: tablesField(graph, SUBGRAPH.operators).map((o) => {
      const code = intField(o, OPERATOR.code);
      const name = codes[code];
      if (name === undefined) throw damaged(`it names operator ${code} of ${codes.length}`);
      const [inputs, outputs] = [intsField(o, OPERATOR.inputs), intsField(o, OPERATOR.outputs)];
      return {
        name,
        inputs: known(inputs, -1),
        outputs: known(outputs, 0),
        options: tableField(o, OPERATOR.options),
        custom: bytesField(o, OPERATOR.custom),
      };
    }),
  };
}

/** Numbers beyond 127 are in a field of their own, the earlier one then holding 127. */
function operatorName(code: Table): string {
  const number = Math.max(byteField(code, OPERATOR_CODE.early), intField(code, OPERATOR_CODE.builtin));
  const name = OPERATORS[number] ?? `operator ${number}`;
  return name === "CUSTOM" ? textField(code, OPERATOR_CODE.custom) || name : name;
}

/** What a buffer holds: in the file's tables, or, in large files, behind them. */
function bufferOf(buffer: Table, bytes: Uint8Array): Uint8Array {
  const [offset, size] = [longField(buffer, BUFFER.offset), longField(buffer, BUFFER.size)];
  if (offset <= 1 || size === 0) return bytesField(buffer, BUFFER.data);
  if (offset + size > bytes.length)
    throw damaged(`a buffer ends at byte ${offset + size} of ${bytes.length}`);
  return bytes.subarray(offset, offset + size);
}

function tensorOf(
  t: Table,
  { index, isPort, names }: { readonly index: number; readonly isPort: boolean; readonly names: Set<string> },
  buffers: readonly Uint8Array[],
): TfliteTensor {
  const given = textField(t, TENSOR.name);
  // of operators that were made one, converters list all names
  const [first] = isPort ? [given] : given.split(";");
  const name = first === "" || names.has(first) ? `${first || "tensor"} ${index}` : first;
  names.add(name);
  const data = buffers[intField(t, TENSOR.buffer)];
  return {
    name,
    shape: intsField(t, TENSOR.shape).map((n) => Math.max(n, 1)),
    type: TYPES[byteField(t, TENSOR.type)] ?? "other",
    data: data === undefined || data.length === 0 ? undefined : data,
    quantization: quantizationOf(tableField(t, TENSOR.quantization)),
    isSparse: tableField(t, TENSOR.sparsity) !== undefined,
    isVariable: byteField(t, TENSOR.variable) !== 0,
  };
}

function quantizationOf(q: Table | undefined): Quantization | undefined {
  if (q === undefined) return undefined;
  const scales = floatsField(q, QUANTIZATION.scale);
  if (scales.length === 0) return undefined;
  const zeroPoints = longsField(q, QUANTIZATION.zeroPoint);
  if (zeroPoints.length !== 0 && zeroPoints.length !== scales.length)
    throw damaged(`a tensor has ${scales.length} scales and ${zeroPoints.length} zero points`);
  return {
    scales,
    zeroPoints: zeroPoints.length === 0 ? scales.map(() => 0) : zeroPoints,
    dimension: intField(q, QUANTIZATION.dimension),
  };
}
