import { blockChunks, type Kernel } from "../../artifact/kernel.ts";
import { commentText, cString, wrapArguments, wrapPrototype } from "../../codegen/c-text.ts";
import type { LayerView, NetworkHeaderView, NetworkSourceView, Views } from "../../codegen/views.ts";
import type { Arg, Plan, Step } from "../../graph/plan.ts";
import { BYTES, type DType } from "../../ir/dtype.ts";
import { physicalSize } from "../../ir/storage.ts";
import type { Target } from "../../machine/target.schema.ts";
import { assertNever, defined, invariant } from "../../support/assert.ts";
import type { BundleNames, NamedPort } from "./emit-bundle-names.ts";
import { ALIGN, type PackedWeights } from "./emit-bundle-weights.ts";

/** Everything the views are made of. */
export interface BundleParts {
  readonly plan: Plan;
  /** One per step. */
  readonly kernels: readonly Kernel[];
  readonly target: Target;
  readonly names: BundleNames;
  readonly weights: PackedWeights;
  /** Names of classes; none where they are not known. */
  readonly labels: readonly string[];
}

/** Bytes of a step's result as it lies in memory; 0 when it completes no tensor. */
export function resultBytes(step: Step): number {
  if (step.produces === undefined) return 0;
  const { storage, dtype = "f32" } = step.produces;
  return physicalSize(storage) * BYTES[dtype];
}

/** TW_MAX_THREADS in runtime-c/tilewright.h. */
const MOST_THREADS = 64;

/** Bytes that a call of a kernel works in besides its parameters. */
function scratchBytes({ scratch }: Kernel): number {
  return scratch.reduce((sum, { size, dtype }) => sum + aligned(size * BYTES[dtype]), 0);
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGN) * ALIGN;
}

/** What the plan places, and behind it the scratch memory of all threads for the kernel that needs most. */
export function arenaBytes({ plan, kernels }: Pick<BundleParts, "plan" | "kernels">): number {
  const most = Math.max(
    0,
    ...kernels.map((k) => scratchBytes(k) * Math.min(k.grid / blockChunks(k), MOST_THREADS)),
  );
  return most === 0 ? plan.arenaBytes : aligned(plan.arenaBytes) + most;
}

export function headerView(parts: BundleParts): NetworkHeaderView {
  return {
    ...commonView(parts),
    arenaBytes: arenaBytes(parts),
    align: ALIGN,
    scratchBytes: Math.max(0, ...parts.kernels.map((kernel) => kernel.scratchBytes)),
    ports: [...parts.names.inputs, ...parts.names.outputs],
  };
}

/** First line of a bundle's README.md. */
export const README_MARK = "<!-- Written by tilewright, with the bundle. -->";

export function readmeView(parts: BundleParts): Views["README.md"] {
  const { net, macro, summary, params } = commonView(parts);
  return {
    mark: README_MARK,
    net,
    macro,
    target: commentText(parts.target.name),
    summary,
    declarations: [
      `int ${net}_run(void *arena, ${params});`,
      `int ${net}_run_parallel(void *arena, struct tw_pool *pool, ${params});`,
    ],
  };
}

export function sourceView(parts: BundleParts): NetworkSourceView {
  const { names, plan, kernels, weights } = parts;
  const join = (ports: readonly NamedPort[]): string => ports.map(asFloats).join(", ");
  const made = (of: Plan["inputs"]) =>
    of.flatMap(({ floats }, index) =>
      floats === undefined || floats === "copied" ? [] : [{ index, floats: floatsAt(floats, undefined) }],
    );
  const [given, converted] = [made(plan.inputs), made(plan.outputs)];
  const types = (ports: readonly NamedPort[]): string =>
    ports.map(({ dtype }) => `TW_${dtype.toUpperCase()}`).join(", ");
  return {
    ...commonView(parts),
    netString: cString(plan.name),
    weightBytes: weights.file.byteLength,
    kernelNames: [...new Set(kernels.map((kernel) => kernel.name))],
    prototypes: [...new Set(kernels.map((kernel) => wrapPrototype(kernel.prototype)))],
    layers: plan.steps.map((step, i) =>
      layerView(step, i, kernels[i], weights.offsets[i], aligned(plan.arenaBytes)),
    ),
    layerCount: plan.steps.length,
    ports: [...names.inputs, ...names.outputs],
    inputs: names.inputs,
    outputs: names.outputs,
    inputCount: names.inputs.length,
    outputCount: names.outputs.length,
    inputArgs: join(names.inputs),
    outputArgs: join(names.outputs),
    inputTypes: types(names.inputs),
    outputTypes: types(names.outputs),
    wholeInputs: plan.inputs.some(({ floats }) => floats !== undefined),
    madeFloats: given.length > 0,
    given,
    madeOfFloats: converted.length > 0,
    converted,
    checks: plan.checks.map((at) => ({ floats: floatsAt(at, undefined) })),
  };
}

function commonView({ plan, target, names, weights, kernels, labels }: BundleParts) {
  const ports = [...names.inputs, ...names.outputs];
  const macs = plan.steps.reduce((sum, step, i) => sum + stepMacs(step, kernels[i]), 0);
  return {
    net: names.net,
    macro: names.macro,
    title: `${commentText(plan.name)}, compiled by Tilewright for ${commentText(target.name)}.`,
    summary: [
      ...ports.map((port) => `${port.direction.padEnd(7)} ${port.comment}`),
      `${plan.steps.length} layers, ${macs} multiply-accumulates, ${weights.file.byteLength} bytes of weights.`,
    ],
    params: [
      ...names.inputs.map((port) => `const ${port.cType} *${port.arg}`),
      ...names.outputs.map((port) => `${port.cType} *${port.arg}`),
    ].join(", "),
    typed: ports.some(({ dtype }) => dtype !== "f32"),
    converts: [...plan.inputs, ...plan.outputs].some(({ floats }) => floats !== undefined),
    checked: plan.checks.length > 0,
    labelled: labels.length > 0,
    labelCount: labels.length,
    labels: labels.map((label) => ({ text: cString(label) })),
    callArgs: ports.map((port) => port.arg).join(", "),
  };
}

/** A frame's pointers are to floats, whatever lies there. */
function asFloats({ arg, dtype, direction }: NamedPort): string {
  if (dtype === "f32") return arg;
  return direction === "input" ? `(const float *)(const void *)${arg}` : `(float *)(void *)${arg}`;
}

/** A pointer to floats as a kernel takes it. */
function pointerTo(dtype: DType, writable: boolean, floats: string): string {
  return dtype === "f32" ? floats : `(${writable ? "" : "const "}void *)${floats}`;
}

function floatsAt(arg: Arg, weightOffset: number | undefined): string {
  switch (arg.kind) {
    case "arena":
      return `tw_arena_at(frame, ${arg.offset})`;
    case "input":
      return `frame->inputs[${arg.index}]`;
    case "output":
      return `frame->outputs[${arg.index}]`;
    case "weight":
      return `tw_weights_at(frame, ${weightOffset})`;
    default:
      return assertNever(arg);
  }
}

/** What the network asks for, or without one what the kernel does. */
export function stepMacs(step: Step, kernel: Kernel): number {
  return step.macs ?? kernel.macs;
}

function layerView(
  step: Step,
  index: number,
  kernel: Kernel,
  weightOffsets: Readonly<Record<string, number>>,
  scratch: number,
): LayerView {
  invariant(/^[A-Za-z_]\w*$/.test(kernel.name), `kernel name ${kernel.name} is no C identifier`);
  const macs = stepMacs(step, kernel);
  invariant(Number.isSafeInteger(macs) && macs >= 0, `${kernel.name}: ${macs} MACs`);
  const args = kernel.params.map((param) => {
    const arg = defined(step.args[param.name], `argument ${param.name} of step ${step.name}`);
    invariant(
      (arg.kind !== "input" && arg.kind !== "weight") || param.role !== "output",
      `step ${step.name} writes ${param.name}, which is ${arg.kind}`,
    );
    return pointerTo(param.dtype, param.role === "output", floatsAt(arg, weightOffsets[param.name]));
  });
  let at = 0;
  for (const { size, dtype } of kernel.scratch) {
    args.push(pointerTo(dtype, true, `tw_scratch_at(frame, ${at})`));
    at += aligned(size * BYTES[dtype]);
  }
  const place = step.produces?.place;
  return {
    index,
    comment: commentText(`${step.name} (${step.task.op})`),
    kernel: kernel.name,
    args: wrapArguments(args, 4 + kernel.name.length + 1),
    nameString: cString(step.name),
    opString: cString(step.task.op),
    kernelString: cString(kernel.name),
    macs: String(macs),
    grid: kernel.grid,
    hasSteps: kernel.steps !== undefined,
    steps: (kernel.steps ?? []).join(", "),
    stepCount: kernel.steps?.length ?? 0,
    output: place?.kind === "output" ? place.index : -1,
    offset: place?.kind === "arena" ? place.offset : 0,
    bytes: resultBytes(step),
    hasScratch: kernel.scratch.length > 0,
    scratch,
    scratchBytes: scratchBytes(kernel),
  };
}
