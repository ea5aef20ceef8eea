import { type ImportNode, importBody } from "./import-body.ts";
import { finish, MOST_ROUNDS, stackOf } from "./import-loop.ts";
import type { OnnxGraph, OnnxNode } from "./model.ts";
import type { NodeContext } from "./node-context.ts";
import { constantTensor } from "./operators/constant-tensor.ts";
import { refuseRows } from "./selected.ts";
import { isKnown, type TensorValue, type Value } from "./value.ts";

// Scans: the nodes of the body stand in their place once for each element of their sequences.

interface Sequence {
  readonly x: TensorValue;
  readonly axis: number;
  /** From the last element on. */
  readonly back: boolean;
}
/** What the last round left, and what each gave. */
interface Scanned {
  readonly states: readonly Value[];
  readonly rows: readonly (readonly Value[])[];
}

/** Scan: from opset 9 on a round for each element along an axis of its inputs, in opset 8 of each of a batch. */
export function importScan(context: NodeContext, node: OnnxNode, importNode: ImportNode): boolean {
  const attribute = (name: string) => node.attribute?.find((each) => each.name === name);
  const body = attribute("body")?.g ?? {};
  const scanned = attribute("num_scan_inputs")?.i ?? 0;
  const first = context.opset < 9 ? 1 : 0;
  const count = (node.input ?? []).length - first;
  if (scanned < 1 || scanned > count) context.invalid(`num_scan_inputs=${scanned} of ${count} inputs`);
  const list = (name: string): readonly number[] => attribute(name)?.ints ?? [];
  const from = first + count - scanned;
  const states = Array.from({ length: from - first }, (_, i) => context.value(first + i));
  const axes = list("scan_input_axes");
  const directions = list(first === 1 ? "directions" : "scan_input_directions");
  const sequences = Array.from({ length: scanned }, (_, i): Sequence => {
    const x = tensorAt(context, from + i);
    const given = first === 1 ? 1 : (axes[i] ?? 0);
    const axis = given < 0 ? given + x.shape.length : given;
    refuseRows(context, from + i, "a round for each", axis);
    return { x, axis, back: directions[i] === 1 };
  });
  if (first === 1) {
    if (context.optional(0) !== undefined)
      context.unsupported("sequences of several lengths (sequence_lens)");
    scanBatch(context, body, importNode, states, sequences);
    return true;
  }
  const [outAxes, outDirections] = [list("scan_output_axes"), list("scan_output_directions")];
  const { states: last, rows } = scan(context, body, importNode, states, sequences);
  const turned = rows.map((_, i) =>
    rows[i].map((value, k) => (outDirections[k] === 1 ? rows[rows.length - 1 - i][k] : value)),
  );
  finish(context, body, last, turned, states.length, (k) => outAxes[k] ?? 0);
  return true;
}

function scan(
  context: NodeContext,
  body: OnnxGraph,
  importNode: ImportNode,
  initial: readonly Value[],
  sequences: readonly Sequence[],
): Scanned {
  const lengths = sequences.map(({ x, axis }) => x.shape[axis] ?? 0);
  const [rounds] = lengths;
  if (lengths.some((length) => length !== rounds))
    context.invalid(`its sequences have lengths ${lengths.join(", ")}`);
  if (rounds > MOST_ROUNDS) context.unsupported(`of ${rounds} rounds, more than ${MOST_ROUNDS}`);
  let states = initial;
  const rows: (readonly Value[])[] = [];
  for (let i = 0; i < rounds; i++) {
    const slices = sequences.map(({ x, axis, back }) =>
      elementOf(context, x, axis, back ? rounds - 1 - i : i),
    );
    const results = importBody(context, body, importNode, [...states, ...slices]);
    states = results.slice(0, initial.length);
    rows.push(results.slice(initial.length));
  }
  return { states, rows };
}

/** Opset 8: states and sequences are batches, and each of them is scanned by itself. */
function scanBatch(
  context: NodeContext,
  body: OnnxGraph,
  importNode: ImportNode,
  states: readonly Value[],
  sequences: readonly Sequence[],
): void {
  const initial = states.map((_, i) => tensorAt(context, 1 + i));
  const sizes = [...initial, ...sequences.map(({ x }) => x)].map(({ shape }) => shape[0] ?? 0);
  const [batch] = sizes;
  if (sizes.some((size) => size !== batch)) context.invalid(`its batches have sizes ${sizes.join(", ")}`);
  if (batch > MOST_ROUNDS) context.unsupported(`of batches of ${batch}, more than ${MOST_ROUNDS}`);
  const each = Array.from({ length: batch }, (_, b): readonly Value[] => {
    const own = sequences.map(({ x, back }) => ({ x: elementOf(context, x, 0, b), axis: 0, back }));
    const first = initial.map((state) => elementOf(context, state, 0, b));
    const { states: last, rows } = scan(context, body, importNode, first, own);
    const given = Array.from({ length: (body.output ?? []).length - last.length }, (_value, k): Value => {
      const parts = rows.map((row) => row[k]);
      return (
        parts.find(({ kind }) => kind === "unknown") ??
        context.emitHelper(`all${k}`, ...stackOf(context, parts, 0))
      );
    });
    return [...last, ...given];
  });
  finish(context, body, [], each, 0, () => 0);
}

function tensorAt(context: NodeContext, i: number): TensorValue {
  const value = context.value(i);
  return isKnown(value) ? constantTensor(context, i, value) : context.activation(i);
}

function elementOf(context: NodeContext, x: TensorValue, axis: number, at: number): TensorValue {
  const one = context.emitHelper(
    "element",
    { kind: "slice", axis, start: at },
    [x.name],
    x.shape.with(axis, 1),
    x.whole,
  );
  return context.emitHelper("slice", { kind: "reshape" }, [one.name], x.shape.toSpliced(axis, 1), x.whole);
}
