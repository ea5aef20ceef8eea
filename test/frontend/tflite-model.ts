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
} from "../../compiler/frontend/tflite/schema.ts";

/** What lies in a FlatBuffer: tables of fields by their numbers, and lists. */
type Node =
  | { readonly table: Readonly<Record<number, Field>> }
  | { readonly tables: readonly Node[] }
  | { readonly ints: readonly number[] }
  | { readonly longs: readonly number[] }
  | { readonly floats: readonly number[] }
  | { readonly bytes: Uint8Array };
export type Field =
  | { readonly byte: number }
  | { readonly int: number }
  | { readonly float: number }
  | { readonly to: Node };

/** A file of one table, which identifies itself. */
class Writer {
  readonly #bytes: number[] = [];

  write(root: Node, identifier: string): Uint8Array {
    this.#room(4);
    this.#bytes.push(...new TextEncoder().encode(identifier));
    this.#point(0, this.#node(root));
    return Uint8Array.from(this.#bytes);
  }

  #room(bytes: number): number {
    const at = this.#bytes.length;
    for (let i = 0; i < bytes; i++) this.#bytes.push(0);
    return at;
  }
  #align(to: number, from = 0): void {
    while ((this.#bytes.length + from) % to !== 0) this.#bytes.push(0);
  }
  #set(at: number, bytes: number, write: (view: DataView) => void): void {
    const view = new DataView(new ArrayBuffer(bytes));
    write(view);
    for (let i = 0; i < bytes; i++) this.#bytes[at + i] = view.getUint8(i);
  }
  #point(at: number, to: number): void {
    this.#set(at, 4, (v) => v.setUint32(0, to - at, true));
  }

  #node(node: Node): number {
    if ("table" in node) return this.#table(node.table);
    const list = "tables" in node ? node.tables : Object.values(node)[0];
    const each = "bytes" in node ? 1 : "longs" in node ? 8 : 4;
    // elements are aligned, behind their number
    this.#align(8, 4);
    const at = this.#room(4 + each * list.length);
    // texts end with a zero
    if ("bytes" in node) this.#room(1);
    this.#set(at, 4, (v) => v.setUint32(0, list.length, true));
    list.forEach((value: number | Node, i: number) => {
      const to = at + 4 + i * each;
      if (typeof value !== "number") return this.#point(to, this.#node(value));
      this.#set(to, each, (v) => {
        if ("floats" in node) v.setFloat32(0, value, true);
        else if ("longs" in node) v.setBigInt64(0, BigInt(value), true);
        else if ("ints" in node) v.setInt32(0, value, true);
        else v.setUint8(0, value);
      });
    });
    return at;
  }

  /** Every field in four bytes of its own, behind the table of their places. */
  #table(fields: Readonly<Record<number, Field>>): number {
    const numbers = Object.keys(fields).map(Number);
    const count = Math.max(-1, ...numbers) + 1;
    this.#align(2);
    const places = this.#room(4 + 2 * count);
    this.#align(8);
    const at = this.#room(4 + 4 * numbers.length);
    this.#set(places, 2, (v) => v.setUint16(0, 4 + 2 * count, true));
    this.#set(places + 2, 2, (v) => v.setUint16(0, 4 + 4 * numbers.length, true));
    this.#set(at, 4, (v) => v.setInt32(0, at - places, true));
    numbers.forEach((number, i) => {
      const [field, to] = [fields[number], at + 4 + 4 * i];
      this.#set(places + 4 + 2 * number, 2, (v) => v.setUint16(0, 4 + 4 * i, true));
      if ("to" in field) return this.#point(to, this.#node(field.to));
      this.#set(to, 4, (v) => {
        if ("byte" in field) v.setInt8(0, field.byte);
        else if ("int" in field) v.setInt32(0, field.int, true);
        else v.setFloat32(0, field.float, true);
      });
    });
    return at;
  }
}

/** A tensor of a small TensorFlow Lite file written out in a test; with numbers it is a constant. */
export interface TensorText {
  readonly shape: readonly number[];
  /** Absent: float32. */
  readonly type?: TfliteType;
  readonly numbers?: readonly number[];
  readonly scales?: readonly number[];
  readonly zeroPoints?: readonly number[];
  readonly dimension?: number;
}
export interface OperatorText {
  readonly op: string;
  /** Names of tensors; "" where an optional one is not there. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Fields of its options. */
  readonly options?: Readonly<Record<number, Field>>;
  /** Options of a custom one. */
  readonly custom?: Uint8Array;
}
export interface TfliteText {
  readonly tensors: Readonly<Record<string, TensorText>>;
  readonly operators: readonly OperatorText[];
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

const WIDTHS: Partial<Record<TfliteType, readonly [number, (v: DataView, n: number) => void]>> = {
  float32: [4, (v, n) => v.setFloat32(0, n, true)],
  int32: [4, (v, n) => v.setInt32(0, n, true)],
  int64: [8, (v, n) => v.setBigInt64(0, BigInt(n), true)],
  int8: [1, (v, n) => v.setInt8(0, n)],
  uint8: [1, (v, n) => v.setUint8(0, n)],
};

function bytesOf(type: TfliteType, numbers: readonly number[]): Uint8Array {
  const [width, write] = WIDTHS[type] ?? [1, () => undefined];
  return Uint8Array.from(
    numbers.flatMap((n) => {
      const view = new DataView(new ArrayBuffer(width));
      write(view, n);
      return [...new Uint8Array(view.buffer)];
    }),
  );
}

const textOf = (s: string): Field => ({ to: { bytes: new TextEncoder().encode(s) } });
const intsOf = (ints: readonly number[]): Field => ({ to: { ints } });

export function tfliteModel({ tensors, operators, inputs, outputs }: TfliteText): Uint8Array {
  const names = Object.keys(tensors);
  const numbers = (of: readonly string[]): Field => intsOf(of.map((name) => names.indexOf(name)));
  const codes = [...new Set(operators.map(({ op }) => op))];
  const codeOf = (op: string): Node => {
    const number = OPERATORS.indexOf(op);
    const custom = { [OPERATOR_CODE.early]: { byte: 32 }, [OPERATOR_CODE.custom]: textOf(op) };
    return {
      table:
        number < 0
          ? custom
          : {
              [OPERATOR_CODE.early]: { byte: Math.min(number, 127) },
              [OPERATOR_CODE.builtin]: { int: number },
            },
    };
  };
  const tensorOf = (
    [name, { shape, type = "float32", scales, zeroPoints, dimension = 0 }]: [string, TensorText],
    i: number,
  ): Node => ({
    table: {
      [TENSOR.shape]: intsOf(shape),
      [TENSOR.type]: { byte: TYPES.indexOf(type) },
      [TENSOR.buffer]: { int: i + 1 },
      [TENSOR.name]: textOf(name),
      ...(scales && {
        [TENSOR.quantization]: {
          to: {
            table: {
              [QUANTIZATION.scale]: { to: { floats: scales } },
              [QUANTIZATION.zeroPoint]: { to: { longs: zeroPoints ?? scales.map(() => 0) } },
              [QUANTIZATION.dimension]: { int: dimension },
            },
          },
        },
      }),
    },
  });
  const graph: Node = {
    table: {
      [SUBGRAPH.tensors]: { to: { tables: Object.entries(tensors).map(tensorOf) } },
      [SUBGRAPH.inputs]: numbers(inputs),
      [SUBGRAPH.outputs]: numbers(outputs),
      [SUBGRAPH.operators]: {
        to: {
          tables: operators.map(({ op, options, custom, ...of }) => ({
            table: {
              [OPERATOR.code]: { int: codes.indexOf(op) },
              [OPERATOR.inputs]: numbers(of.inputs),
              [OPERATOR.outputs]: numbers(of.outputs),
              ...(options && { [OPERATOR.options]: { to: { table: options } } }),
              ...(custom && { [OPERATOR.custom]: { to: { bytes: custom } } }),
            },
          })),
        },
      },
    },
  };
  const buffers = Object.values(tensors).map(
    ({ numbers: data, type = "float32" }): Node => ({
      table: data === undefined ? {} : { [BUFFER.data]: { to: { bytes: bytesOf(type, data) } } },
    }),
  );
  const model: Node = {
    table: {
      [MODEL.version]: { int: 3 },
      [MODEL.operatorCodes]: { to: { tables: codes.map(codeOf) } },
      [MODEL.subgraphs]: { to: { tables: [graph] } },
      [MODEL.buffers]: { to: { tables: [{ table: {} }, ...buffers] } },
    },
  };
  return new Writer().write(model, "TFL3");
}
