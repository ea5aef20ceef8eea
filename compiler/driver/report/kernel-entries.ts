import type { Kernel } from "../../artifact/kernel.ts";
import type { Target } from "../../machine/target.schema.ts";
import type { CompiledNetwork } from "../compile-network.ts";
import { compileStep } from "../decide/decided-plan.ts";
import { roundedBytes } from "./figures.ts";
import type { KernelText, ReportKernel } from "./report-data.ts";

/** What else is told of a kernel: its assembly, where somebody asked for it. */
export type MoreTexts = (kernel: Kernel) => Promise<readonly KernelText[]>;

const NO_MORE: MoreTexts = async () => [];

/** Each kernel of a network once, in the order of its first layer, with the steps that made it and its C. */
export async function kernelEntries(
  { plan, kernels, target }: Pick<CompiledNetwork, "plan" | "kernels" | "target">,
  more: MoreTexts = NO_MORE,
): Promise<readonly ReportKernel[]> {
  const layers = new Map<string, string[]>();
  for (const [i, { name }] of plan.steps.entries()) {
    const known = layers.get(kernels[i].name);
    if (known === undefined) layers.set(kernels[i].name, [name]);
    else known.push(name);
  }
  const entries: ReportKernel[] = [];
  for (const [i, step] of plan.steps.entries()) {
    const kernel = kernels[i];
    const names = layers.get(kernel.name) ?? [];
    if (names[0] !== step.name) continue;
    // A compiled network keeps no traces: the same schedule with the same knobs leaves the same one.
    const decision = { schedule: kernel.schedule, knobs: kernel.knobs, from: "estimate" } as const;
    const { trace } = compileStep(step, target, decision).schedule;
    const steps = trace.map((each) => JSON.stringify(each)).join("\n");
    entries.push({
      name: kernel.name,
      op: step.task.op,
      schedule: kernel.schedule,
      choice: kernel.choice,
      layers: names,
      facts: factsOf(kernel, step.task.dims, target),
      texts: [
        { title: `Schedule, ${trace.length} steps`, text: steps },
        { title: "C", text: kernel.c },
        ...(await more(kernel)),
      ],
    });
  }
  return entries;
}

function factsOf(
  { knobs, grid, intents, scratchBytes, c }: Kernel,
  dims: Readonly<Record<string, number>>,
  { isa }: Target,
): ReportKernel["facts"] {
  const list = (of: Readonly<Record<string, unknown>>): string =>
    Object.entries(of)
      .map(([name, value]) => `${name}=${value}`)
      .join(" ");
  return [
    { label: "Sizes", value: list(dims) },
    { label: "Knobs", value: list(knobs) },
    { label: "Asked of the C compiler", value: intents.join(", ") },
    { label: "Tasks for threads", value: String(grid) },
    { label: "Local arrays", value: scratchBytes === 0 ? "" : roundedBytes(scratchBytes) },
    { label: "Lines of C", value: String(c.split("\n").length - 1) },
    { label: "Vectors", value: `${isa.lanes} lanes, ${isa.name}` },
  ].filter(({ value }) => value !== "");
}
