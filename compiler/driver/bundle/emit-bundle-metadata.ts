import type { BundleMetadata } from "../../artifact/bundle.ts";
import type { Kernel } from "../../artifact/kernel.ts";
import type { Port, Step } from "../../graph/plan.ts";
import type { Storage } from "../../ir/storage.ts";
import { algorithmRows } from "../../ops/conv2d/algorithms.ts";
import { compactJson } from "../../support/compact-json.ts";
import { compilerBuild } from "../../support/compiler-build.ts";
import { packageVersion } from "../../support/version.ts";
import { madeFloats } from "../../task/halves.ts";
import { compilerFlags } from "./emit-bundle-flags.ts";
import { arenaBytes, type BundleParts, resultBytes, stepMacs } from "./emit-bundle-views.ts";

/** metadata.json as a value. */
export function bundleMetadata(
  { plan, kernels, target, names, weights }: BundleParts,
  modelSha256: string,
  sources: BundleMetadata["sources"],
): BundleMetadata {
  return {
    version: 1,
    tilewright: packageVersion(),
    build: compilerBuild(),
    name: plan.name,
    program: names.net,
    target: target.name,
    isa: target.isa.name,
    modelSha256,
    arenaBytes: arenaBytes({ plan, kernels }),
    weightBytes: weights.file.byteLength,
    inputs: plan.inputs.map(port),
    outputs: plan.outputs.map(port),
    cflags: compilerFlags(target),
    sources,
    layers: plan.steps.map((step, i) => layer(step, kernels[i])),
  };
}

/** Text of metadata.json. */
export function metadataText(metadata: BundleMetadata): string {
  return `${compactJson(metadata)}\n`;
}

function port({ name, shape, dtype = "f32", rows }: Port): BundleMetadata["inputs"][number] {
  return {
    ...{ name, shape: [...shape] },
    ...(dtype === "f32" ? {} : { dtype }),
    ...(rows === undefined ? {} : { rows }),
  };
}

function layer(step: Step, kernel: Kernel): BundleMetadata["layers"][number] {
  const rows = algorithmRows(step.task);
  const floats = madeFloats(step.task);
  const base = {
    name: step.name,
    op: step.task.op,
    kernel: kernel.name,
    schedule: kernel.schedule,
    choice: kernel.choice,
    ...(kernel.chosen === undefined ? {} : { chosen: kernel.chosen }),
    macs: stepMacs(step, kernel),
    ...(rows === undefined ? {} : { rows }),
    ...(floats && { floats }),
    grid: kernel.grid,
    ...(kernel.steps === undefined ? {} : { steps: [...kernel.steps] }),
    scratchBytes: kernel.scratchBytes,
  };
  const { produces } = step;
  if (produces === undefined) return base;
  const { tensor, shape, place, storage, dtype, quantized } = produces;
  return {
    ...base,
    output: {
      tensor,
      shape: [...shape],
      arenaOffset: place.kind === "arena" ? place.offset : -1,
      bytes: resultBytes(step),
      storage: copyStorage(storage),
      ...(dtype && { dtype }),
      ...(quantized && { quantized }),
    },
  };
}

function copyStorage({ shape, halo, dims }: Storage): {
  shape: number[];
  halo: Storage["halo"][number][];
  dims: Storage["dims"][number][];
} {
  return { shape: [...shape], halo: [...halo], dims: [...dims] };
}
