import type { ImportNode } from "./import-body.ts";
import { define, defineSequence } from "./import-state.ts";
import type { OnnxNode } from "./model.ts";
import { intAttribute, intOf, intsAttribute } from "./node-attributes.ts";
import type { NodeContext } from "./node-context.ts";
import { normalAxis, normalIndex } from "./operators/axis.ts";
import { isKnown, type Value } from "./value.ts";
import { importParts } from "./written-out/import-written-out.ts";
import { part } from "./written-out/written-out.ts";

// Sequences of tensors, as exporters split and join them: how many there are is known while importing, so they are lists of values, and
// nothing of them is left in the network.

type Sequence = readonly Value[];
type ImportSequence = (context: NodeContext, node: OnnxNode, importNode: ImportNode) => true;

function sequenceAt(context: NodeContext, i: number): Sequence {
  const name = context.inputName(i);
  return context.state.sequences.get(name) ?? context.unsupported(`\`${name}\` is no sequence that is known`);
}

/** Operators that give a sequence. */
function giving(
  make: (context: NodeContext, node: OnnxNode, importNode: ImportNode) => Sequence,
): ImportSequence {
  return (context, node, importNode) => {
    defineSequence(context.state, context.outputName, make(context, node, importNode));
    return true;
  };
}

/** Input i as a place among so many; one below 0 counts from the end. */
function placeOf(context: NodeContext, i: number, count: number): number {
  const [place] = context.integers(i, "position", "alone") ?? [];
  return normalIndex(context, place ?? count - 1, count);
}

const construct = giving((context) => Array.from({ length: context.inputCount }, (_, i) => context.value(i)));

const insert = giving((context) => {
  const items = sequenceAt(context, 0);
  const [given = items.length] = context.integers(2, "position", "alone") ?? [];
  // before that one; behind the last where it is their number
  const place = given < 0 ? given + items.length : given;
  if (place < 0 || place > items.length) context.invalid(`position ${given} among ${items.length}`);
  return items.toSpliced(place, 0, context.value(1));
});

const erase = giving((context) => {
  const items = sequenceAt(context, 0);
  return items.toSpliced(placeOf(context, 1, items.length), 1);
});

const at: ImportSequence = (context) => {
  const items = sequenceAt(context, 0);
  define(context.state, context.outputName, items[placeOf(context, 1, items.length)]);
  return true;
};

const length: ImportSequence = (context) => {
  const { outputName: name } = context;
  const data = [sequenceAt(context, 0).length];
  define(context.state, name, { kind: "integers", type: "int64", name, shape: [], data });
  return true;
};

/** Parts along an axis: of one element each, which `keepdims` 0 leaves without the axis, of one size, or of those that are listed. */
const split = giving((context, node, importNode) => {
  const value = context.value(0);
  const { shape } = isKnown(value) ? value : context.activation(0);
  const axis = normalAxis(context, intOf(node, "axis", 0), shape.length);
  const sizes = sizesOf(context, shape[axis]);
  const squeezed = context.optional(1) === undefined && intOf(node, "keepdims", 1) === 0;
  const parts = sizes.map((_, i) => `part${i}`);
  const body = [
    part("Constant", [], "sizes", [intsAttribute("value_ints", sizes)]),
    { ...part("Split", ["x", "sizes"], "", [intAttribute("axis", axis)]), output: parts },
    ...(squeezed ? [part("Constant", [], "axes", [intsAttribute("value_ints", [axis])])] : []),
    ...(squeezed ? parts.map((each) => part("Squeeze", [each, "axes"], `${each}_alone`)) : []),
  ];
  const outputs = squeezed ? parts.map((each) => `${each}_alone`) : parts;
  return importParts(context, importNode, { nodes: body, inputs: new Map([["x", value]]), outputs });
});

function sizesOf(context: NodeContext, extent: number): readonly number[] {
  const given = context.optional(1);
  if (given === undefined) return Array<number>(extent).fill(1);
  const sizes = context.integers(1, "split", "alone") ?? [];
  if (given.kind === "integers" && given.shape.length === 1) return sizes;
  const [size] = sizes;
  if (size < 1) context.invalid(`its parts have ${size} elements`);
  const count = Math.ceil(extent / size);
  return Array.from({ length: count }, (_, i) => Math.min(size, extent - i * size));
}

const concat: ImportSequence = (context, node, importNode) => {
  const items = sequenceAt(context, 0);
  const axis = intOf(node, "axis", 0);
  if (items.length === 0) context.invalid("it joins no tensors");
  const names = items.map((_, i) => `item${i}`);
  const stacked = intOf(node, "new_axis", 0) === 1;
  const body = [
    ...(stacked ? [part("Constant", [], "axes", [intsAttribute("value_ints", [axis])])] : []),
    ...(stacked ? names.map((item) => part("Unsqueeze", [item, "axes"], `${item}_row`)) : []),
    part("Concat", stacked ? names.map((item) => `${item}_row`) : names, "all", [intAttribute("axis", axis)]),
  ];
  const inputs = new Map(names.map((item, i) => [item, items[i]]));
  const { state, outputName } = context;
  const all = { nodes: body, inputs, outputs: ["all"], names: new Map([["all", outputName]]) };
  const [value] = importParts(context, importNode, all);
  if (!state.values.has(outputName)) define(state, outputName, value);
  return true;
};

/** Operators of sequences, by name. */
export const SEQUENCES = {
  ConcatFromSequence: concat,
  SequenceAt: at,
  SequenceConstruct: construct,
  SequenceEmpty: giving(() => []),
  SequenceErase: erase,
  SequenceInsert: insert,
  SequenceLength: length,
  SplitToSequence: split,
} as const satisfies Readonly<Record<string, ImportSequence>>;
