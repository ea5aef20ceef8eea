import { callerNumbers, isReadType, type PortType, typedNumbers } from "../../ir/port-type.ts";
import { UserError } from "../../support/diagnostic.ts";
import type { InputPort } from "../run/held-values.ts";
import type { Values } from "../run/run-network.ts";

/** What is used of the package: it is the user's, if there is one. */
interface OnnxRuntime {
  readonly InferenceSession: {
    create(model: Uint8Array, options: { readonly intraOpNumThreads: number }): Promise<Session>;
  };
  readonly Tensor: new (type: string, data: Elements, dims: readonly number[]) => Tensor;
}
interface Session {
  readonly inputNames: readonly string[];
  run(feeds: Readonly<Record<string, Tensor>>): Promise<Readonly<Record<string, Tensor>>>;
}
interface Tensor {
  readonly data: Elements;
  readonly dims: readonly number[];
}

type Elements =
  | (Float32Array | Float64Array | Int8Array | Uint8Array | Int16Array | Uint16Array)
  | (Int32Array | Uint32Array | BigInt64Array | BigUint64Array);

/** Its names of types. */
const TYPES: Readonly<Record<PortType, string>> = {
  f32: "float32",
  f16: "float16",
  f64: "float64",
  i8: "int8",
  u8: "uint8",
  i16: "int16",
  u16: "uint16",
  i32: "int32",
  u32: "uint32",
  i64: "int64",
  u64: "uint64",
  bool: "bool",
};

/** Numbers of a network as ONNX Runtime takes them for an input of a type. */
export function runtimeElements(
  type: PortType,
  data: Float32Array,
): { readonly type: string; readonly data: Elements } {
  if (type === "i64") return { type: TYPES[type], data: BigInt64Array.from(data, BigInt) };
  return { type: TYPES[type], data: isReadType(type) ? typedNumbers(type, data) : callerNumbers(type, data) };
}

/** Its elements as numbers of a network. */
export function runtimeFloats(data: Elements): Float32Array {
  return data instanceof Float32Array ? data : Float32Array.from(data as ArrayLike<number | bigint>, Number);
}

const PACKAGE = "onnxruntime-node";

/** Outputs of a model as ONNX Runtime computes them here. Throws R181 where it is not installed, or refuses the model. */
export async function runOnnxRuntime(
  model: Uint8Array,
  inputs: ReadonlyMap<string, Values>,
  { ports, outputs }: { readonly ports: readonly InputPort[]; readonly outputs: readonly string[] },
): Promise<ReadonlyMap<string, Values>> {
  const ort = await load();
  try {
    const session = await ort.InferenceSession.create(model, { intraOpNumThreads: 1 });
    const feeds = [...inputs].map(([name, { shape, data }]) => {
      const { dtype } = ports.find((port) => port.name === name) ?? {};
      const given = runtimeElements(dtype ?? "f32", data);
      return [name, new ort.Tensor(given.type, given.data, shape)];
    });
    const found = await session.run(Object.fromEntries(feeds));
    return new Map(
      outputs.map((name) => [name, { shape: found[name].dims, data: runtimeFloats(found[name].data) }]),
    );
  } catch (error) {
    throw refused("ONNX Runtime does not run the model", error);
  }
}

async function load(): Promise<OnnxRuntime> {
  try {
    const found: { readonly default?: OnnxRuntime } & Partial<OnnxRuntime> = await import(PACKAGE);
    return found.default ?? (found as OnnxRuntime);
  } catch (error) {
    throw refused(`ONNX Runtime is not installed here (the npm package ${PACKAGE})`, error);
  }
}

function refused(title: string, cause: unknown): UserError {
  return new UserError(
    {
      code: "R181",
      exit: "missingTool",
      title,
      why: cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : String(cause),
      help: ["compare with the reference `kernels` instead, which needs nothing else"],
    },
    { cause },
  );
}
