import type { Isa, Target } from "../machine/target.schema.ts";
import type { ConvDims } from "../ops/conv2d/algorithm.ts";
import { usualBlock } from "../ops/conv2d/pointwise.schedules.ts";
import { int8Times } from "../ops/int8/dot.ts";
import type { Numerics } from "../ops/numerics.ts";
import { cheapest, registerBudget } from "../ops/tiles.ts";
import { UserError } from "../support/diagnostic.ts";
import { checkAddresses } from "./check-addresses.ts";
import type { Graph } from "./graph.ts";
import { halfOutputs } from "./halves.ts";
import { type DecideAlgorithm, leastCost } from "./node-task/conv-algorithms.ts";
import { isKernelNode } from "./node-task/node-task.ts";
import { gateWeights } from "./passes/gate-weights.ts";
import { meanApart } from "./passes/mean-apart.ts";
import { mergeSiblings } from "./passes/merge-siblings.ts";
import { roundByProducts } from "./passes/round-by-products.ts";
import { type BandWishes, windowsBehind } from "./passes/window-behind.ts";
import { limitsIn, wantsBlocks } from "./plan/algorithm-options.ts";
import type { Plan } from "./plan.ts";
import { planCost } from "./plan-cost.ts";
import { type Halves, planNetwork } from "./plan-network.ts";

export interface TargetPlan {
  /** The network as it is planned. */
  readonly graph: Graph;
  readonly plan: Plan;
  /** The target with the one instruction set that the plan is for. */
  readonly target: Target;
}

/** What a plan has to keep to. */
export interface PlanWishes {
  readonly numerics?: Numerics | undefined;
  /** Chooses the algorithm of each convolution, by node; absent: the estimate does. Must be pure: a plan may ask twice. */
  readonly decide?: DecideAlgorithm | undefined;
  /** What is decided of layers, whatever they may be; absent: nothing. */
  readonly decided?: BandWishes["decided"];
  /** Whether something is decided of a layer by its name, which it then keeps; absent: of none. */
  readonly isNamed?: (layer: string) => boolean;
  /** Name of one of the target's instruction sets. */
  readonly isa?: string | undefined;
}

/**
 * Plans a network for a target. Where a machine has vectors of several widths the plan of least cost is taken: wide
 * vectors compute more at a time, narrow ones are filled by smaller groups. Takes what optimizeGraph() gives. Throws F402 and F403.
 */
export function planForTarget(
  graph: Graph,
  target: Target,
  { numerics = "fast", decide, decided = () => undefined, isNamed = () => false, isa: only }: PlanWishes = {},
): TargetPlan {
  const isas = [target.isa, ...(target.narrower ?? [])];
  const allowed = only === undefined ? isas : isas.filter(({ name }) => name === only);
  const candidates = allowed.map((isa) => {
    const narrowed: Target = { ...target, isa, narrower: [] };
    const { inOrder, l1dBytes, l2Bytes } = target.core;
    const int8 = int8Times(narrowed);
    const caches = { l1dBytes, l2Bytes };
    const rounding = numerics === "f16" ? "fast" : numerics;
    const algorithms = { registers: registerBudget(narrowed), numerics: rounding, inOrder, ...caches, int8 };
    const doesLess: BandWishes["doesLess"] = (whole, node) =>
      isKernelNode(node) &&
      wantsBlocks(
        whole,
        { ...node, kind: "kernel", node },
        { lanes: isa.lanes },
        { algorithms, decide: undefined },
      );
    const halves = numerics === "f16" ? halvesOf(narrowed) : undefined;
    const whole = halves === undefined ? graph : meanApart(graph);
    const ofSums = halves === undefined ? isa.lanes : halfIsa(narrowed).lanes;
    const limits = limitsIn(halves && "f16", algorithms);
    const planned = planMerged(whole, (apart) => {
      const merged = mergeSiblings(whole, {
        lanes: isa.lanes,
        isNamed: (layer) => isNamed(layer) || apart.has(layer),
        cost: (d) => leastCost(d, ofSums, limits),
      });
      // bands, and weights that are multiplied with gates, have kernels of f32 alone
      if (halves !== undefined) {
        const inHalves = halves(merged);
        const rounded = roundByProducts(merged, inHalves.isHalf);
        return {
          graph: rounded,
          plan: planNetwork(rounded, isa.lanes, { algorithms, decide, halves: inHalves }),
        };
      }
      const banded = windowsBehind(merged, narrowed, { decided, doesLess });
      const block = (d: ConvDims): number => usualBlock(d, narrowed);
      const gating = { lanes: isa.lanes, block, decided, isNamed, doesLess };
      const gated = numerics === "strict" ? banded : gateWeights(banded, gating);
      return { graph: gated, plan: planNetwork(gated, isa.lanes, { algorithms, decide }) };
    });
    return { ...planned, target: narrowed, cost: planCost(planned.plan, isa) };
  });
  const { graph: planned, plan, target: chosen } = cheapest(candidates);
  checkAddresses(plan, chosen.isa);
  return { graph: planned, plan, target: chosen };
}

/** How a target does with f16: in vectors of how many, and which nodes. Throws F407. */
export function halvesOf(target: Target): (graph: Graph) => Halves {
  const { lanes } = halfIsa(target);
  return (graph) => {
    const outputs = halfOutputs(graph);
    return { lanes, isHalf: ({ output }) => outputs.has(output) };
  };
}

/** A target's instruction set of f16. Throws F407. */
export function halfIsa({ name, core, isa, halves }: Target): Isa {
  if (halves !== undefined) return halves;
  throw new UserError({
    code: "F407",
    exit: "usage",
    title: `\`--numerics f16\`: \`${name}\` does not compute in f16`,
    why: `${core.name} with ${isa.name} has no fp16 as far as is known; Cortex-A55, A76 and A78 in 64-bit state have`,
    help: ["leave it out to compute in f32"],
  });
}

type Planned = Pick<TargetPlan, "graph" | "plan">;

/** The network with those of its convolutions as one whose parts are read as they lie: layers of which one would be copied stay apart. */
function planMerged({ nodes }: Graph, planned: (apart: ReadonlySet<string>) => Planned): Planned {
  const apart = new Set<string>();
  const convolutions = new Set(nodes.flatMap(({ op, name }) => (op.kind === "conv2d" ? [name] : [])));
  for (;;) {
    const attempt = planned(apart);
    const slices = attempt.graph.nodes.filter(
      ({ op, name }) => op.kind === "slice" && convolutions.has(name),
    );
    const parts = new Set(slices.map(({ name }) => name));
    const copied = attempt.plan.steps.filter(({ layer }) => parts.has(layer) && !apart.has(layer));
    if (copied.length === 0) return attempt;
    for (const { layer } of copied) apart.add(layer);
  }
}
