import { UserError } from "../../support/diagnostic.ts";
import type { Values } from "../run/run-network.ts";

/** What is used of the package: it is the user's, if there is one. */
interface OnnxRuntime {
  readonly InferenceSession: {
    create(model: Uint8Array, options: { readonly intraOpNumThreads: number }): Promise<Session>;
  };
  readonly Tensor: new (type: "float32", data: Float32Array, dims: readonly number[]) => Tensor;
}
interface Session {
  readonly inputNames: readonly string[];
  run(feeds: Readonly<Record<string, Tensor>>): Promise<Readonly<Record<string, Tensor>>>;
}
interface Tensor {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

const PACKAGE = "onnxruntime-node";

/** Outputs of a model as ONNX Runtime computes them here. Throws R181 where it is not installed, or refuses the model. */
export async function runOnnxRuntime(
  model: Uint8Array,
  inputs: ReadonlyMap<string, Values>,
  outputs: readonly string[],
): Promise<ReadonlyMap<string, Values>> {
  const ort = await load();
  try {
    const session = await ort.InferenceSession.create(model, { intraOpNumThreads: 1 });
    const feeds = [...inputs].map(([name, { shape, data }]) => [
      name,
      new ort.Tensor("float32", data, shape),
    ]);
    const found = await session.run(Object.fromEntries(feeds));
    return new Map(outputs.map((name) => [name, { shape: found[name].dims, data: found[name].data }]));
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
