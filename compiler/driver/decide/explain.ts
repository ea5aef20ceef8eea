import { explainKernel, type KernelExplanation } from "../../analyze/explain-kernel.ts";
import { type HotLoop, hotLoop } from "../../analyze/hot-loop.ts";
import type { Target } from "../../machine/target.schema.ts";
import type { Choice } from "../../schedule/choose.ts";
import type { LostThreads } from "../../schedule/lost-threads.ts";
import { defaultCacheDir } from "../../support/cache-folder.ts";
import { UserError } from "../../support/diagnostic.ts";
import { didYouMean, someOf } from "../../support/text.ts";
import type { CompiledProc } from "../../task/compile-proc.ts";
import type { TaskOptions } from "../../task/compile-task.ts";
import { assemblyOf } from "../../toolchain/assembly.ts";
import { type BlockThroughput, blockThroughput, type NoThroughput } from "../../toolchain/llvm-mca.ts";
import type { Toolchain } from "../../toolchain/toolchain.ts";
import { kernelFlags } from "../bundle/emit-bundle-flags.ts";
import type { ModelRequest, Network } from "../read-network.ts";
import { compileChosen, compileStep, decidedPlan, type PlanRequest } from "./decided-plan.ts";
import { computedWith } from "./decisions.ts";
import { opTask } from "./op-task.ts";

/** What llvm-mca says of the innermost loop. */
export type InnerLoop = (BlockThroughput & Pick<HotLoop, "instructions" | "vectorArithmetic">) | NoThroughput;

export interface Explanation extends KernelExplanation {
  readonly title: string;
  readonly inner: InnerLoop;
  /** What can be set with --set, the preferred option first. */
  readonly knobs: readonly Choice[];
  readonly lostThreads: readonly LostThreads[];
}

/** Costs of a compiled kernel, and its innermost loop as the C compiler makes it. A missing compiler is no error here. */
export async function explain(
  title: string,
  compiled: CompiledProc,
  target: Target,
  compiler: Promise<Toolchain | UserError>,
): Promise<Explanation> {
  const { kernel, schedule, vector, knobs, lostThreads } = compiled;
  const toolchain = await compiler;
  // The C compiler works while the loops are counted.
  const inner = innerLoop(compiled, target, toolchain);
  const explained = explainKernel(kernel, schedule.proc, vector, compiled.target);
  return { ...explained, title, knobs, lostThreads, inner: await inner };
}

async function innerLoop(
  { kernel }: CompiledProc,
  target: Target,
  toolchain: Toolchain | UserError,
): Promise<InnerLoop> {
  try {
    if (toolchain instanceof UserError) throw toolchain;
    const assembly = await assemblyOf({
      c: kernel.c,
      name: kernel.name,
      toolchain,
      flags: kernelFlags(target, toolchain, kernel),
      includes: target.isa.prelude.filter((line) => line.startsWith("#include")),
      cacheDir: defaultCacheDir(),
    });
    const loop = hotLoop(assembly);
    if (loop === undefined) return { kind: "absent", why: "the compiled kernel has no loop" };
    const found = await blockThroughput(loop.lines, target);
    if (found.kind === "absent") return found;
    return { ...found, instructions: loop.instructions, vectorArithmetic: loop.vectorArithmetic };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const [help] = error.diagnostic.help ?? [];
    return { kind: "absent", why: error.diagnostic.title, ...(help === undefined ? {} : { help }) };
  }
}

/** An operator by name and sizes, as a network would have it. Throws what opTask throws, and S404 for a choice that is no knob of the schedule. */
export function compileOp(
  op: string,
  dims: Readonly<Record<string, number>>,
  target: Target,
  { numerics, ...options }: TaskOptions & Pick<PlanRequest, "numerics">,
): CompiledProc {
  const floats = numerics === "f16" ? numerics : undefined;
  return compileChosen(opTask(op, dims, target, floats), target, options);
}

/** How one layer of a network is asked for. */
export interface LayerRequest extends PlanRequest, Pick<TaskOptions, "schedule" | "choices"> {
  /** What else is decided, of the network as it was read. */
  readonly decide?: (network: Network, request: PlanRequest) => Promise<PlanRequest>;
}

/**
 * One layer of a network, as `compile` makes it, and the target with the instruction set it took. A schedule or choices
 * given are taken instead of what was decided for the layer. Throws F codes, and C318 when no layer has that name.
 */
export async function compileLayer(
  asked: ModelRequest,
  layer: string | undefined,
  wanted: Target,
  { schedule, choices = {}, decide, ...wishes }: LayerRequest,
): Promise<{ readonly compiled: CompiledProc; readonly target: Target }> {
  const { readNetwork } = await import("../read-network.ts");
  const network = await readNetwork(asked, () => {});
  const request = (await decide?.(network, wishes)) ?? wishes;
  const { plan, target } = decidedPlan(network.graph, wanted, request);
  const { steps } = plan;
  const found =
    steps.find((step) => step.name === layer) ??
    steps.find((step) => layer !== undefined && step.name.includes(layer));
  if (found !== undefined) {
    const decided = request.decisions?.steps.get(found.name);
    const given = schedule !== undefined || Object.keys(choices).length > 0;
    if (!given) return { compiled: compileStep(found, target, decided), target };
    const named = schedule ?? decided?.schedule;
    const wish = { choices, ...(named !== undefined && { schedule: named }) };
    return { compiled: compileChosen(found.task, target, wish), target };
  }
  const inside = layer === undefined ? undefined : computedWith(layer, plan);
  if (inside !== undefined) throw inside;
  const names = steps.map((step) => step.name);
  const close = layer === undefined ? undefined : didYouMean(layer, names);
  throw new UserError({
    code: "C318",
    exit: "usage",
    title:
      layer === undefined
        ? `which layer of \`${asked.model}\` is meant has to be said`
        : `\`${asked.model}\` has no layer \`${layer}\``,
    why: `its layers are ${someOf(names)}`,
    help: [close === undefined ? "add --layer NAME" : `did you mean \`${close}\`?`],
  });
}
