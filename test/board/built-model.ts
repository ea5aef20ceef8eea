import { type BuiltNetwork, buildBinary, compileToBundle } from "../../compiler/driver/build-network.ts";
import { loadModel } from "../../compiler/frontend/load-model.ts";
import type { Target } from "../../compiler/machine/target.schema.ts";

const quiet = (): void => {};

/** A model compiled for a target and built in `bundle`. */
export async function buildModel(model: string, target: Target, bundle: string): Promise<BuiltNetwork> {
  const { signal } = new AbortController();
  const request = { model, inputShapes: [], jobs: 2, dumpIr: undefined, signal };
  const network = { graph: await loadModel(model), sha256: "0".repeat(64) };
  const compiled = await compileToBundle(network, target, bundle, request, quiet);
  return buildBinary(compiled, target, bundle, request, quiet);
}
