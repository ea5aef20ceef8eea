import { availableParallelism } from "node:os";
import type { Runner } from "../../device/runner.ts";
import type { Target } from "../../machine/target.schema.ts";
import type { Numerics } from "../../ops/numerics.ts";
import { UserError } from "../../support/diagnostic.ts";
import { inTemporaryFolder } from "../../support/temporary-folder.ts";
import { buildBinary, compileToBundle, type NetworkRequest } from "../build-network.ts";
import { checkNetwork } from "./check-network.ts";
import { layerGraph } from "./layer-graph.ts";
import type { LayerSizes } from "./suite.schema.ts";
import { testInputs } from "./test-inputs.ts";

export interface FailsOptions {
  readonly runner: Runner;
  readonly target: Target;
  readonly threads: readonly number[];
  readonly seed: number;
  /** What the layer's network was compiled with; absent: fast. */
  readonly numerics?: Numerics;
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal;
}

/** Whether a layer, compiled as the compiler chooses, computes something else on random inputs. One that is refused does not. */
export async function layerFails(layer: LayerSizes, options: FailsOptions): Promise<boolean> {
  const { runner, target, threads, seed, timeoutSeconds, signal, numerics = "fast" } = options;
  const graph = layerGraph(layer, seed);
  const jobs = availableParallelism();
  const request: NetworkRequest = { jobs, dumpIr: undefined, numerics, signal };
  const isWrong = async (folder: string): Promise<boolean> => {
    const compiled = await compileToBundle({ graph, sha256: "" }, target, folder, request, () => {});
    const network = await buildBinary(compiled, target, folder, request, () => {});
    const inputs = await testInputs(graph, "random", seed);
    const check = { threads, tolerance: 1, timeoutSeconds, signal };
    const { checks } = await checkNetwork({ graph, network, runner }, inputs, check);
    return checks.some(({ ok }) => !ok);
  };
  return inTemporaryFolder("shrink", isWrong).catch((error: unknown) => {
    if (error instanceof UserError) return false;
    throw error;
  });
}
