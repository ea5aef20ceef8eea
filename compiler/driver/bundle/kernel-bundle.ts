import type { Kernel } from "../../artifact/kernel.ts";
import type { Arg, Plan, Port } from "../../graph/plan.ts";
import type { TypedArray } from "../../ir/dtype.ts";
import { physicalShape } from "../../ir/storage.ts";
import type { Target } from "../../machine/target.schema.ts";
import { type BundleFiles, emitBundle } from "./emit-bundle.ts";

/** Port of a bundle whose kernel reads nothing: a network has an input. */
const NOTHING: Port = { name: "nothing", shape: [1] };

/**
 * A kernel alone as a bundle of one layer. Inputs and outputs are handed over as they lie in memory; weights
 * (row-major, by parameter) are packed into it.
 */
export function kernelBundle(
  name: string,
  kernel: Kernel,
  weights: ReadonlyMap<string, TypedArray>,
  target: Target,
): BundleFiles {
  const inputs: Port[] = [];
  const outputs: Port[] = [];
  const args: Record<string, Arg> = {};
  for (const { name: param, role, dtype, storage } of kernel.params) {
    const data = weights.get(param);
    if (role === "weight" && data !== undefined) {
      args[param] = { kind: "weight", shape: storage.shape, data };
      continue;
    }
    const ports = role === "output" ? outputs : inputs;
    args[param] = { kind: role === "output" ? "output" : "input", index: ports.length };
    ports.push({ name: param, shape: physicalShape(storage), ...(dtype === "f32" ? {} : { dtype }) });
  }
  const plan: Plan = {
    name,
    arenaBytes: 0,
    inputs: inputs.length === 0 ? [NOTHING] : inputs,
    outputs,
    steps: [{ name, layer: name, task: { op: name, dims: {}, storage: {} }, args }],
  };
  return emitBundle(plan, [kernel], target, { modelSha256: "0".repeat(64) });
}
