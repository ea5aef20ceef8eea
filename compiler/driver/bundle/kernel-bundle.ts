import type { Kernel } from "../../artifact/kernel.ts";
import type { Arg, Plan, Port } from "../../graph/plan.ts";
import type { TypedArray } from "../../ir/dtype.ts";
import { physicalShape } from "../../ir/storage.ts";
import type { Target } from "../../machine/target.schema.ts";
import { defined } from "../../support/assert.ts";
import { type BundleFiles, emitBundle } from "./emit-bundle.ts";

/** Port of a bundle whose kernel reads nothing: a network has an input. */
const NOTHING: Port = { name: "nothing", shape: [1] };

/** Row-major contents of a kernel's weights, by parameter; those left out are inputs. */
export type KernelWeights = ReadonlyMap<string, TypedArray>;

/**
 * A kernel alone as a bundle of one layer. Inputs and outputs are handed over as they lie in memory; weights are packed
 * into it.
 */
export function kernelBundle(
  name: string,
  kernel: Kernel,
  weights: KernelWeights,
  target: Target,
): BundleFiles {
  return emit(name, [name], [kernel], weights, target);
}

/**
 * Kernels that compute the same of the same inputs, as a bundle of one layer each: all of them read the same ports and write
 * the same one, so that any layer may run alone. Each packs its weights as it wants them.
 */
export function racingBundle(
  name: string,
  kernels: readonly Kernel[],
  weights: KernelWeights,
  target: Target,
): BundleFiles {
  return emit(
    name,
    kernels.map((_, i) => `${name}_${i}`),
    kernels,
    weights,
    target,
  );
}

function emit(
  name: string,
  steps: readonly string[],
  kernels: readonly Kernel[],
  weights: KernelWeights,
  target: Target,
): BundleFiles {
  const inputs = new Map<string, Port>();
  const outputs = new Map<string, Port>();
  for (const { name: param, role, dtype, storage } of kernels.flatMap(({ params }) => params)) {
    if (role === "weight" && weights.has(param)) continue;
    const port = { name: param, shape: physicalShape(storage), ...(dtype === "f32" ? {} : { dtype }) };
    (role === "output" ? outputs : inputs).set(param, port);
  }
  const indexOf = (ports: ReadonlyMap<string, Port>, param: string): number =>
    [...ports.keys()].indexOf(param);
  const argsOf = ({ params }: Kernel): Record<string, Arg> =>
    Object.fromEntries(
      params.map(({ name: param, role, storage }): [string, Arg] => {
        if (outputs.has(param)) return [param, { kind: "output", index: indexOf(outputs, param) }];
        if (inputs.has(param)) return [param, { kind: "input", index: indexOf(inputs, param) }];
        const data = defined(weights.get(param), `${role} ${param}`);
        return [param, { kind: "weight", shape: storage.shape, data }];
      }),
    );
  const plan: Plan = {
    name,
    arenaBytes: 0,
    inputs: inputs.size === 0 ? [NOTHING] : [...inputs.values()],
    outputs: [...outputs.values()],
    checks: [],
    steps: kernels.map((kernel, i) => ({
      name: steps[i],
      layer: steps[i],
      task: { op: steps[i], dims: {}, storage: {} },
      args: argsOf(kernel),
    })),
  };
  return emitBundle(plan, kernels, target, { modelSha256: "0".repeat(64) });
}
