import type { AlgorithmLimits } from "../ops/conv2d/algorithm.ts";
import { defined } from "../support/assert.ts";
import { UserError } from "../support/diagnostic.ts";
import { shapeOf } from "./extents.ts";
import type { Graph, GraphNode } from "./graph.ts";
import { dtypeOf } from "./layout.ts";
import type { DecideAlgorithm } from "./node-task/conv-algorithms.ts";
import { constantOperands } from "./node-traits.ts";
import { ownView, placementBytes } from "./placement.ts";
import { assignLayouts } from "./plan/assign-layouts.ts";
import type { Buffer } from "./plan/buffers.ts";
import { byteMaps } from "./plan/byte-maps.ts";
import type { DraftMemory, DraftStep } from "./plan/emission.ts";
import { emitSteps } from "./plan/emit-steps.ts";
import { formatsOf, rowsOfOneFormat } from "./plan/formats.ts";
import { keepBorders } from "./plan/keep-borders.ts";
import { planBuffers } from "./plan/plan-buffers.ts";
import { type Lifetime, type MemoryPlan, type MemoryPlanner, planMemory } from "./plan/plan-memory.ts";
import { planNodes } from "./plan/plan-node.ts";
import { type InPlace, writeInPlace } from "./plan/write-in-place.ts";
import type { Arg, Place, Plan, Port, Step } from "./plan.ts";

export interface PlanOptions {
  /** How the arena is divided; tests use one without reuse. */
  readonly memory?: MemoryPlanner;
  /** Lets convolutions be computed by other algorithms than plain sums where these pay. */
  readonly algorithms?: AlgorithmLimits;
  /** Chooses the algorithm of each convolution, by node; absent: the estimate does. */
  readonly decide?: DecideAlgorithm | undefined;
  /** Which nodes write f16, in vectors of so many; absent: none. */
  readonly halves?: Halves | undefined;
  /** Told the division made, with the least any could need. */
  readonly onMemory?: (memory: MemoryPlan) => void;
}

/** Numbers of f16: how many fill a register, and whether a node writes them. */
export interface Halves {
  readonly lanes: number;
  readonly isHalf: (node: GraphNode) => boolean;
}

/** A network's steps, layouts and memory, for vectors of `lanes` f32. Takes what optimizeGraph() gives. */
export function planNetwork(graph: Graph, lanes: number, options: PlanOptions = {}): Plan {
  checkOperands(graph);
  const named = planNodes(graph);
  const { algorithms, decide, halves } = options;
  const single = { lanes };
  const half = halves && { lanes: halves.lanes, floats: "f16" as const };
  // f16 lies in vectors of other lanes
  const bytes = half === undefined ? byteMaps(graph, named, single, { algorithms, decide }) : new Map();
  const formats = formatsOf(named, { single, half, bytes }, ({ node }) => halves?.isHalf(node) === true);
  const nodes = half === undefined ? named : rowsOfOneFormat(named, formats);
  const layouts = assignLayouts(graph, nodes, formats, { algorithms, decide });
  const buffers = planBuffers(graph, nodes, layouts, { formats, single }, { algorithms, decide });
  const { steps: emitted, floats, checks, given } = emitSteps(graph, nodes, buffers);
  const lifetimes = arenaLifetimes(emitted);
  // what outputs of other types are made of, and what is checked, is read when the last step is done
  for (const { buffer } of [...floats.flatMap((memory) => memory ?? []), ...checks]) {
    if (buffer.port !== undefined) continue;
    // no step writes what is an input given back
    const { first } = lifetimes.get(buffer) ?? { first: 0 };
    lifetimes.set(buffer, { bytes: placementBytes(buffer), first, last: emitted.length });
  }
  // what floats are made of inputs for is there before the first step
  for (const { buffer } of given.values()) {
    const lifetime = lifetimes.get(buffer);
    if (lifetime !== undefined) lifetimes.set(buffer, { ...lifetime, first: 0 });
  }
  const {
    steps: drafts,
    arena,
    rootOf,
    memory,
  } = divided(writeInPlace(emitted, lifetimes), options.memory ?? planMemory);
  options.onMemory?.(memory);
  const offsets = new Map([...arena.keys()].map((buffer, i) => [buffer, memory.offsets[i]]));
  const place = ({ buffer, offset }: DraftMemory): Place => {
    if (buffer.port !== undefined) return buffer.port;
    const start = defined(offsets.get(rootOf(buffer)), `place of ${buffer.tensor}`);
    return { kind: "arena", offset: start + offset };
  };
  return {
    name: graph.name,
    arenaBytes: memory.arenaBytes,
    inputs: graph.inputs.map((name) => {
      const made = given.get(name);
      return port(graph, name, made && lifetimes.has(made.buffer) ? place(made) : "copied");
    }),
    outputs: graph.outputs.map((name, i) => port(graph, name, floats[i] && place(floats[i]))),
    checks: checks.map(place),
    steps: drafts.map((draft) => finalStep(graph, draft, place)),
  };
}

/** The arena divided among buffers: equal borders are kept where it is no larger for that. */
function divided(inPlace: InPlace, planner: MemoryPlanner): InPlace & { readonly memory: MemoryPlan } {
  const kept = keepBorders(inPlace);
  const memory = planner([...inPlace.arena.values()]);
  if (kept.arena.size === inPlace.arena.size) return { ...kept, memory };
  const together = planner([...kept.arena.values()]);
  return together.arenaBytes <= memory.arenaBytes ? { ...kept, memory: together } : { ...inPlace, memory };
}

function port(graph: Graph, name: string, floats: Port["floats"]): Port {
  const { shape, type, rows } = defined(graph.tensors.get(name), `tensor ${name}`);
  const plain = { name, shape, ...(rows !== undefined && { rows }) };
  return type === undefined || floats === undefined ? plain : { ...plain, dtype: type, floats };
}

/** The buffers of the arena, each from the step that first touches it to the last. */
function arenaLifetimes(steps: readonly DraftStep[]): Map<Buffer, Lifetime> {
  const lifetimes = new Map<Buffer, Lifetime>();
  steps.forEach(({ args }, at) => {
    for (const arg of Object.values(args)) {
      if (arg.kind !== "buffer" || arg.buffer.port !== undefined) continue;
      const bytes = placementBytes(arg.buffer);
      lifetimes.set(arg.buffer, { bytes, first: lifetimes.get(arg.buffer)?.first ?? at, last: at });
    }
  });
  return lifetimes;
}

function finalStep(
  graph: Graph,
  { args, produces, border: _, ...rest }: DraftStep,
  place: (memory: DraftMemory) => Place,
): Step {
  const placed = Object.entries(args).map(([param, arg]): [string, Arg] => [
    param,
    arg.kind === "weight" ? arg : place(arg),
  ]);
  const step = { ...rest, args: Object.fromEntries(placed) };
  if (produces === undefined) return step;
  const { tensor, layout } = produces.buffer;
  const dtype = dtypeOf(layout);
  return {
    ...step,
    produces: {
      tensor,
      shape: shapeOf(graph, tensor),
      place: place(produces.memory),
      storage: defined(ownView(produces.buffer), `a view of ${tensor}`),
      ...(dtype !== "f32" && { dtype }),
      ...(layout.quantized && { quantized: layout.quantized }),
    },
  };
}

/** Activations are computed: a constant among them (say, added to an image) has no memory at run time. */
function checkOperands(graph: Graph): void {
  for (const node of graph.nodes) {
    const { name, op, inputs } = node;
    const weights = constantOperands(node);
    inputs.forEach((input, i) => {
      const constant = graph.tensors.get(input)?.data !== undefined;
      if (weights === undefined || constant === weights.includes(i)) return;
      throw new UserError({
        code: "F402",
        exit: "unsupportedModel",
        title: constant
          ? `\`${name}\` (${op.kind}) takes the constant \`${input}\` for an activation`
          : `the weights \`${input}\` of \`${name}\` (${op.kind}) are computed while the network runs`,
        why: constant
          ? "only the weights and bias of convolutions and dense layers may be constant"
          : "weights are packed when the network is compiled",
        help: ["fold constants when exporting the model"],
      });
    });
  }
}
