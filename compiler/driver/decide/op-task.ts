import { elementCount } from "../../graph/extents.ts";
import type { Conv2d, Graph, NodeOp, Tensor } from "../../graph/graph.ts";
import { naturalLayout } from "../../graph/layout.ts";
import { epilogueOf } from "../../graph/node-task/epilogue-dims.ts";
import { optimizeGraph } from "../../graph/optimize-graph.ts";
import { halfIsa, halvesOf } from "../../graph/plan-for-target.ts";
import { planNetwork } from "../../graph/plan-network.ts";
import { blocked } from "../../graph/view.ts";
import { plainStorage, type Storage } from "../../ir/storage.ts";
import type { Dims } from "../../language/kernel.ts";
import { dimensionsOf } from "../../language/kernel-parameters.ts";
import { kernelFileParameters } from "../../language/parse-kernel.ts";
import type { Target } from "../../machine/target.schema.ts";
import type { ConvDims } from "../../ops/conv2d/algorithm.ts";
import type { Epilogue } from "../../ops/epilogue/epilogue.kernel.ts";
import { defined } from "../../support/assert.ts";
import { UserError } from "../../support/diagnostic.ts";
import { kernelFile, operator } from "../../task/compile-task.ts";
import type { Task } from "../../task/task.ts";
import { checkNames, checkSizes, checkTensors } from "./op-sizes.ts";

/**
 * The task that an operator of these sizes is inside a network: a convolution is planned as the only one of a
 * network, others have the channels of their tensors in blocks where they divide. Throws S301, C317 and C319; of f16 also C320 for an
 * operator that has none, and F407.
 */
export function opTask(op: string, sizes: Dims, target: Target, floats?: Task["floats"]): Task {
  const def = operator(op);
  const { name, layer } = def;
  if (floats !== undefined && def.halves === undefined) throw noHalves(`\`${name}\``);
  const parameters = kernelFileParameters(kernelFile(def), def.kernel.name);
  const extents = parameters.flatMap((p) => (p.kind === "tensor" ? p.extents : []));
  const known = dimensionsOf(parameters);
  const names = parameters.flatMap((p) => (p.kind === "dims" ? p.names : []));
  const optional = parameters.flatMap((p) => (p.kind === "dims" ? p.optional : []));
  // what lies around a layer's tensors hangs on its network
  const wanted = (layer === undefined ? known : names).filter((dim) => !optional.includes(dim));
  const given = { ...layer?.sizes, ...sizes };
  checkNames(name, given, wanted, known);
  checkSizes(name, given, extents);
  if (layer !== undefined) return LAYERS[layer.kind](name, given, target, floats);
  const tensors = parameters.flatMap((p) =>
    p.kind === "tensor" ? [{ ...p, shape: p.extents.map((e) => given[e] ?? Number(e)) }] : [],
  );
  checkTensors(name, tensors, []);
  const lanes = floats === undefined ? target.isa.lanes : halfIsa(target).lanes;
  const storage = tensors.map(
    (t) => [t.name, t.weight ? plainStorage(t.shape) : storageOf(t.shape, t.extents, lanes)] as const,
  );
  return { op: name, dims: given, storage: Object.fromEntries(storage), ...(floats && { floats }) };
}

/** Images are blocked along the channels when whole vectors fit; rows of elements lie as they are. */
function storageOf(shape: readonly number[], extents: readonly string[], lanes: number): Storage {
  const plain = plainStorage(shape);
  const channels = channelsOf(extents);
  if (channels === undefined || shape[channels] % lanes !== 0) return plain;
  return blocked(shape, plain.halo, naturalLayout({ lanes }), channels);
}

/** The dimension of images, or of an operand's, that is their channels: 1, or 2 where groups come before them. */
function channelsOf(extents: readonly string[]): number | undefined {
  const at = extents.length === 5 ? 2 : 1;
  const images = extents.length !== 3 && /^(.?N|I)$/.test(extents[0]);
  return images && /^.?C$/.test(extents[at]) ? at : undefined;
}

/** Where a convolution's weights come from. */
interface WeightsOf {
  readonly constant: boolean;
  readonly shape: (d: ConvDims) => readonly number[];
  readonly op: (window: Window, d: ConvDims) => NodeOp;
}
type Window = Omit<Conv2d, "kind">;

const CONSTANT: WeightsOf = {
  constant: true,
  shape: (d) => [d.G * d.OC, d.IC, d.KH, d.KW],
  op: (window) => ({ kind: "conv2d", ...window }),
};
const COMPUTED: WeightsOf = {
  constant: false,
  shape: (d) => [1, d.IC * d.KH * d.KW, d.G * d.OC],
  op: ({ slopes: _, ...window }, d) => ({ kind: "dynamic-conv2d", kernel: [d.KH, d.KW], ...window }),
};

/** The task of a layer that is all of a network. */
const LAYERS = { convolution: convTask(CONSTANT), "dynamic-convolution": convTask(COMPUTED) } as const;

/** A convolution without padding of its own: its input is as large as it reads. */
function convTask(w: WeightsOf) {
  return (name: string, given: Dims, target: Target, floats: Task["floats"]): Task => {
    const graph = optimizeGraph(convGraph(name, given, w));
    const halves = floats && halvesOf(target)(graph);
    const plan = planNetwork(graph, target.isa.lanes, { halves });
    const { task } = defined(
      plan.steps.find((step) => step.name === name),
      "the step of the convolution",
    );
    // what it ends with may not be of f16
    if (task.floats !== floats) throw noHalves(`\`${name}\` of these sizes`);
    return task;
  };
}

function convGraph(name: string, given: Dims, w: WeightsOf): Graph {
  const d = convSizes(given);
  const [ih, iw] = [(d.OH - 1) * d.SH + (d.KH - 1) * d.DH + 1, (d.OW - 1) * d.SW + (d.KW - 1) * d.DW + 1];
  const output = [d.N, d.G * d.OC, d.OH, d.OW];
  const epilogue = epilogueOf(d);
  const weights = [...(w.constant ? ["w"] : []), "b", "a"];
  const shapes = [
    { name: "x", shape: [d.N, d.G * d.IC, ih, iw] },
    { name: "w", shape: w.shape(d) },
    ...(epilogue.bias ? [{ name: "b", shape: [d.G * d.OC] }] : []),
    ...(epilogue.slopes && w.constant ? [{ name: "a", shape: [d.G * d.OC] }] : []),
    ...(epilogue.residual ? [{ name: "r", shape: output }] : []),
    { name: "y", shape: output },
  ];
  checkTensors(name, shapes, weights);
  const tensors = shapes.map(
    (t): Tensor => (weights.includes(t.name) ? { ...t, data: new Float32Array(elementCount(t.shape)) } : t),
  );
  const inputs = tensors.slice(0, -1).map((t) => t.name);
  const window: Window = {
    strides: [d.SH, d.SW],
    pads: [0, 0, 0, 0],
    dilations: [d.DH, d.DW],
    groups: d.G,
    ...epilogue,
  };
  return {
    name,
    inputs: inputs.filter((input) => !weights.includes(input)),
    outputs: ["y"],
    nodes: [{ name, op: w.op(window, d), inputs, output: "y" }],
    tensors: new Map(tensors.map((t) => [t.name, t])),
  };
}

/** The sizes of a convolution among those that were checked by name. */
function convSizes(given: Dims): ConvDims & Epilogue {
  const { N, G, OC, IC, OH, OW, KH, KW, SH, SW, DH, DW, ...epilogue } = given;
  return { N, G, OC, IC, OH, OW, KH, KW, SH, SW, DH, DW, ...epilogue };
}

function noHalves(what: string): UserError {
  return new UserError({
    code: "C320",
    exit: "usage",
    title: `the operator ${what} does not compute in f16`,
    why: "with `--numerics f16` a network computes it in f32",
    help: ["leave --numerics out"],
  });
}
