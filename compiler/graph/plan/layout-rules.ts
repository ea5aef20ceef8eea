import { assertNever } from "../../support/assert.ts";
import { isAlongImages } from "../along-axes.ts";
import { imageExtents, shapeOf } from "../extents.ts";
import type { Conv2d, DynamicConv2d, Gather, Graph, PadOp, Resample } from "../graph.ts";
import {
  type Format,
  interleavedLayout,
  type Layout,
  naturalLayout,
  paddedLayout,
  planarLayout,
} from "../layout.ts";
import { convForm, requiredLayouts } from "../node-task/conv-form.ts";
import type { KernelNode } from "../node-task/node-task.ts";
import { readersOf } from "../readers.ts";
import { isSearch } from "../search-ops.ts";
import { activationOperands, type PlanNode } from "./plan-node.ts";
import { canSpread } from "./space-tasks.ts";

/**
 * What a node asks of one activation's layout: a `fixed` one; the `same` as its other `same` operands; or
 * `any` blocked one. `wish` is a layout that would save a copy.
 */
export type Rule =
  | {
      readonly kind: "fixed";
      readonly layout: Layout;
      /** Told as it is even of one pixel, which else is told as blocked. */
      readonly exactly?: true;
    }
  | {
      readonly kind: "same";
      /** It does as well with rows as with blocks. */
      readonly rows?: true;
    }
  | {
      readonly kind: "any";
      readonly wish?: Layout;
      /** It is taken as it lies, whatever that is. */
      readonly asIs?: true;
    };
export interface OperandRule {
  readonly tensor: string;
  readonly rule: Rule;
}
export interface NodeRules {
  readonly inputs: readonly OperandRule[];
  readonly output: OperandRule;
}

const ANY: Rule = { kind: "any" };
const SAME: Rule = { kind: "same" };
const SAME_OR_ROWS: Rule = { kind: "same", rows: true };
const fixed = (layout: Layout): Rule => ({ kind: "fixed", layout });
/** For kernels that see groups of a tensor one by one, which cut through vectors. */
const rowsOf = (format: Format): Rule => ({ kind: "fixed", layout: planarLayout(format), exactly: true });

/** @param format of what the node writes, and wants to read */
export function layoutRules(graph: Graph, node: PlanNode, format: Format): NodeRules {
  const { lanes } = format;
  const natural = naturalLayout(format);
  const planar = planarLayout(format);
  if (node.kind === "kernel") return kernelRules(graph, node.node, format);
  const rules = (input: Rule, output: Rule): NodeRules => ({
    inputs: node.inputs.map((tensor) => ({ tensor, rule: input })),
    output: { tensor: node.output, rule: output },
  });
  switch (node.kind) {
    case "rename":
      return rules(SAME_OR_ROWS, SAME_OR_ROWS);
    case "flatten":
      return rules(ANY, ANY);
    case "reshape":
      return rules(ANY, fixed(planar));
    case "transpose":
      return rules(fixed(planar), fixed(planar));
    case "concat":
    case "slice":
      return rules(fixed(planar), fixed(planar));
    case "join":
      return rules(wish(natural), fixed(joinedLayout(graph, node, format)));
    case "take":
      return rules(wish(natural), fixed(natural));
    case "spread":
      return rules(wish(natural), fixed(endsNetwork(graph, node.output) ? planar : natural));
    case "collect": {
      const blocked = canSpread(node.op, shapeOf(graph, node.inputs[0])[1], natural);
      return rules(wish(natural), fixed(blocked ? natural : planar));
    }
    case "shuffle": {
      const { groups, size } = node;
      if (size % lanes === 0) return rules(wish(natural), wish(interleavedLayout(format, groups)));
      if (groups % lanes === 0) return rules(wish(interleavedLayout(format, size)), wish(natural));
      return rules(ANY, ANY);
    }
    default:
      return assertNever(node);
  }
}

/**
 * Natural order; before a shuffle that takes a channel of each part in turn, every part in vectors of its own: then parts are
 * written in place, and the shuffle costs nothing.
 */
function joinedLayout(graph: Graph, { inputs, output }: PlanNode, format: Format): Layout {
  const parts = inputs.map((tensor) => shapeOf(graph, tensor)[1]);
  const [n, , h, w] = shapeOf(graph, output);
  const turned = [n, parts.length, parts[0], h, w].join();
  const readers = readersOf(graph, output);
  const shuffles = readers.every(
    (node) => node.op.kind === "reshape" && shapeOf(graph, node.output).join() === turned,
  );
  const fits = shuffles && readers.length > 0 && parts.every((c) => c === parts[0]);
  return fits && !graph.outputs.includes(output) ? paddedLayout(format, parts[0]) : naturalLayout(format);
}

/** Whether nothing but the caller reads a tensor, under this name or another. */
function endsNetwork(graph: Graph, tensor: string): boolean {
  return readersOf(graph, tensor).every(
    ({ op, output }) => op.kind === "reshape" && endsNetwork(graph, output),
  );
}

function wish(layout: Layout): Rule {
  return { kind: "any", wish: layout };
}

/** Blocks of fewer channels than half a vector would be mostly padding. */
function alongRule(op: Gather | Resample | PadOp, shape: readonly number[], format: Format): Rule {
  return isAlongImages(op, shape) && shape[1] * 2 >= format.lanes ? SAME : fixed(planarLayout(format));
}

function kernelRules(graph: Graph, node: KernelNode, format: Format): NodeRules {
  const planar = fixed(planarLayout(format));
  const operands = activationOperands(graph, node).map((i) => node.inputs[i]);
  const [x, ...more] = operands;
  const rules = (first: Rule, others: Rule, output: Rule): NodeRules => ({
    inputs: [{ tensor: x, rule: first }, ...more.map((tensor) => ({ tensor, rule: others }))],
    output: { tensor: node.output, rule: output },
  });
  const alike = (rule: Rule): NodeRules => rules(rule, rule, rule);
  const { op } = node;
  const shape = shapeOf(graph, node.output);
  if (isSearch(op)) return alike(planar);
  switch (op.kind) {
    case "conv2d":
      return rules(...convRules(op, shapeOf(graph, x)[1], shape[1], format));
    case "dynamic-conv2d":
      return dynamicConvRules(graph, op, operands, node.output, format);
    case "constant":
      return { inputs: [], output: { tensor: node.output, rule: planar } };
    case "dense":
      return alike(ANY);
    case "matmul":
    case "recurrent":
      return alike(planar);
    case "softmax": {
      const rows = shape.length === 2 && op.axis === 1;
      return rules(rows ? fixed(naturalLayout(format)) : planar, ANY, planar);
    }
    case "lrn":
      return alike(shape[1] % format.lanes === 0 ? fixed(naturalLayout(format)) : planar);
    case "frame":
    case "reduce":
    case "layer-norm":
      return rules(planar, ANY, planar);
    case "gather":
    case "resample":
    case "pad":
      return alike(alongRule(op, shape, format));
    case "sample":
      return rules(SAME, planar, SAME);
    case "pool":
    case "global-avg-pool":
      return alike(SAME);
    case "elementwise":
    case "where":
      return elementwiseRules(graph, operands, node.output, planar);
    case "add":
    case "mul":
    case "clamp":
    case "activation":
    case "prelu":
    case "instance-norm":
      return alike(imageExtents(shape) === undefined ? planar : SAME_OR_ROWS);
    case "batch-norm":
      return alike(imageExtents(shape) === undefined ? planar : SAME);
    default:
      return assertNever(op);
  }
}

/** What a convolution asks of its input, of other operands and of its output: the same layout, or none in particular. */
function convRules({ groups }: Conv2d, ic: number, oc: number, format: Format): readonly [Rule, Rule, Rule] {
  const channels = { groups, ic: ic / groups, oc: oc / groups };
  const form = convForm(channels, format.lanes);
  const required = requiredLayouts(form, channels, format);
  if (required !== undefined) return [fixed(required.x), fixed(required.y), fixed(required.y)];
  return form === "lanes" ? [SAME, SAME, SAME] : [ANY, SAME, SAME];
}

/** Computed weights lie as they are; images in blocks where channels fill vectors in their natural order, the only one that weights follow. */
function dynamicConvRules(
  graph: Graph,
  { groups }: DynamicConv2d,
  [x, w, ...residual]: readonly string[],
  y: string,
  format: Format,
): NodeRules {
  const { lanes } = format;
  const rows = rowsOf(format);
  const [ic, oc] = [x, y].map((tensor) => shapeOf(graph, tensor)[1] / groups);
  const whole = ic * oc === 1 ? groups % lanes === 0 : ic % lanes === 0 && oc % lanes === 0;
  const rule = whole ? fixed(naturalLayout(format)) : rows;
  return {
    inputs: [{ tensor: x, rule }, { tensor: w, rule: rows }, ...residual.map((tensor) => ({ tensor, rule }))],
    output: { tensor: y, rule },
  };
}

/** An image of one channel that serves all channels may lie in any way. */
function elementwiseRules(
  graph: Graph,
  operands: readonly string[],
  output: string,
  planar: Rule,
): NodeRules {
  const shape = shapeOf(graph, output);
  const images = imageExtents(shape) !== undefined;
  const rule = images ? SAME_OR_ROWS : planar;
  const spread = (tensor: string): boolean => images && shapeOf(graph, tensor)[1] === 1 && shape[1] !== 1;
  return {
    inputs: operands.map((tensor) => ({ tensor, rule: spread(tensor) ? { kind: "any", asIs: true } : rule })),
    output: { tensor: output, rule },
  };
}
