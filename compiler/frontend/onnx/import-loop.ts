import { type ImportNode, importBody } from "./import-body.ts";
import { define } from "./import-state.ts";
import type { OnnxGraph, OnnxNode } from "./model.ts";
import type { NodeContext } from "./node-context.ts";
import { constantTensor } from "./operators/constant-tensor.ts";
import { refuseRows } from "./selected.ts";
import { isKnown, type TensorValue, type Value } from "./value.ts";
import { joined } from "./whole.ts";

// Loops whose number of rounds is known: the nodes of the body stand in their place once for each round.

/** Rounds of one loop, at most. */
const MOST_ROUNDS = 1000;

/** Loop (opset 1): false where something that it hangs on is not known. */
export function importLoop(context: NodeContext, node: OnnxNode, importNode: ImportNode): boolean {
  const body = node.attribute?.find(({ name }) => name === "body")?.g ?? {};
  const [rounds, first] = [context.optional(0), context.optional(1)];
  const carried = (node.input ?? []).slice(2).map((_, i) => context.value(2 + i));
  const known = (value: Value | undefined): boolean => value === undefined || value.kind === "integers";
  if (!known(rounds) || !known(first)) return false;
  const most = rounds === undefined ? Number.POSITIVE_INFINITY : single(context, rounds);
  let goesOn = first === undefined || single(context, first) !== 0;
  let states: readonly Value[] = carried;
  const rows: (readonly Value[])[] = [];
  for (let i = 0; i < most && goesOn; i++) {
    if (i >= MOST_ROUNDS) context.unsupported(`of more than ${MOST_ROUNDS} rounds`);
    const round: Value = {
      kind: "integers",
      type: "int64",
      name: `${context.name}/round`,
      shape: [],
      data: [i],
    };
    const truth: Value = {
      kind: "integers",
      type: "bool",
      name: `${context.name}/goes-on`,
      shape: [],
      data: [1],
    };
    const [next, ...results] = importBody(context, body, importNode, [round, truth, ...states]);
    if (next?.kind !== "integers")
      return context.unsupported("whether it goes on must be known before the network runs");
    goesOn = single(context, next) !== 0;
    states = results.slice(0, carried.length);
    rows.push(results.slice(carried.length));
  }
  finish(context, body, states, rows, 1 + carried.length, () => 0);
  return true;
}

function single(context: NodeContext, value: Value): number {
  if (value.kind !== "integers" || value.data.length !== 1)
    return context.invalid(`\`${value.name}\` is no scalar`);
  return value.data[0];
}

/** Scan from opset 9 on: a round for each element along an axis of its inputs. */
export function importScan(context: NodeContext, node: OnnxNode, importNode: ImportNode): boolean {
  const attribute = (name: string) => node.attribute?.find((each) => each.name === name);
  const body = attribute("body")?.g ?? {};
  const scanned = attribute("num_scan_inputs")?.i ?? 0;
  const count = (node.input ?? []).length;
  if (scanned < 1 || scanned > count) context.invalid(`num_scan_inputs=${scanned} of ${count} inputs`);
  const list = (name: string): readonly number[] => attribute(name)?.ints ?? [];
  const [axes, directions] = [list("scan_input_axes"), list("scan_input_directions")];
  const [outAxes, outDirections] = [list("scan_output_axes"), list("scan_output_directions")];
  const from = count - scanned;
  const sequences = Array.from({ length: scanned }, (_, i) => {
    const value = context.value(from + i);
    const x = isKnown(value) ? constantTensor(context, from + i, value) : context.activation(from + i);
    const axis = (axes[i] ?? 0) < 0 ? (axes[i] ?? 0) + x.shape.length : (axes[i] ?? 0);
    refuseRows(context, from + i, "a round for each", axis);
    return { x, axis, back: directions[i] === 1 };
  });
  const lengths = sequences.map(({ x, axis }) => x.shape[axis] ?? 0);
  const [rounds] = lengths;
  if (lengths.some((length) => length !== rounds))
    context.invalid(`its sequences have lengths ${lengths.join(", ")}`);
  if (rounds > MOST_ROUNDS) context.unsupported(`of ${rounds} rounds, more than ${MOST_ROUNDS}`);
  let states: readonly Value[] = Array.from({ length: from }, (_, i) => context.value(i));
  const rows: (readonly Value[])[] = [];
  for (let i = 0; i < rounds; i++) {
    const slices = sequences.map(({ x, axis, back }) =>
      elementOf(context, x, axis, back ? rounds - 1 - i : i),
    );
    const results = importBody(context, body, importNode, [...states, ...slices]);
    states = results.slice(0, from);
    rows.push(results.slice(from));
  }
  const turned = rows.map((_, i) =>
    rows[i].map((value, k) => (outDirections[k] === 1 ? rows[rounds - 1 - i][k] : value)),
  );
  finish(context, body, states, turned, from, (k) => outAxes[k] ?? 0);
  return true;
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

/** Results: what is carried as the last round left it, then what each round gave, side by side along an axis. */
function finish(
  context: NodeContext,
  body: OnnxGraph,
  states: readonly Value[],
  rows: readonly (readonly Value[])[],
  before: number,
  axisOf: (k: number) => number,
): void {
  const { outputNames, state } = context;
  const gathered = (body.output ?? []).length - before;
  if (outputNames.length > states.length + gathered) context.invalid(`it has ${outputNames.length} results`);
  outputNames.forEach((name, i) => {
    if (name === "") return;
    const value = states[i];
    if (value !== undefined)
      define(state, name, value.kind === "unknown" ? { kind: "unknown", name } : value);
    else
      stack(
        context,
        i,
        rows.map((row) => row[i - states.length]),
        axisOf(i - states.length),
      );
  });
}

function stack(context: NodeContext, result: number, parts: readonly Value[], axis: number): void {
  const name = context.outputNames[result];
  if (parts.length === 0) context.unsupported(`\`${name}\` has no elements: no round is made`);
  if (parts.some(({ kind }) => kind === "unknown")) {
    define(context.state, name, { kind: "unknown", name });
    return;
  }
  const tensors = parts.map((part, i): TensorValue => {
    if (isKnown(part)) return constantTensor(context, i, part);
    return part.kind === "tensor" ? part : context.unsupported(`\`${part.name}\` is no tensor`);
  });
  const [first] = tensors;
  const at = axis < 0 ? axis + first.shape.length + 1 : axis;
  const rows = tensors.map(
    ({ name: from, shape, whole }, i) =>
      context.emitHelper(`row${i}`, { kind: "reshape" }, [from], shape.toSpliced(at, 0, 1), whole).name,
  );
  const whole = tensors.flatMap((tensor) => tensor.whole ?? []);
  const shape = first.shape.toSpliced(at, 0, tensors.length);
  if (rows.length > 1)
    context.emitResult(
      result,
      { kind: "concat", axis: at },
      rows,
      shape,
      whole.length === 0 ? undefined : joined(whole),
    );
  else context.emitResult(result, { kind: "reshape" }, [first.name], shape, first.whole);
}
