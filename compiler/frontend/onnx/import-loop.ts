import { type ImportNode, importBody } from "./import-body.ts";
import { define } from "./import-state.ts";
import type { OnnxGraph, OnnxNode } from "./model.ts";
import type { NodeContext } from "./node-context.ts";
import { constantTensor } from "./operators/constant-tensor.ts";
import { isKnown, type TensorValue, type Value } from "./value.ts";
import { joined } from "./whole.ts";

// Loops whose number of rounds is known: the nodes of the body stand in their place once for each round.

/** Rounds of one loop, at most. */
export const MOST_ROUNDS = 1000;

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

/** Results: what is carried as the last round left it, then what each round gave, side by side along an axis. */
export function finish(
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
  if (parts.some(({ kind }) => kind === "unknown")) define(context.state, name, { kind: "unknown", name });
  else context.emitResult(result, ...stackOf(context, parts, axis));
}

/** Values of one shape side by side along a new axis, as they are emitted. */
export function stackOf(
  context: NodeContext,
  parts: readonly Value[],
  axis: number,
): Parameters<NodeContext["emit"]> {
  const tensors = parts.map((part, i): TensorValue => {
    if (isKnown(part)) return constantTensor(context, i, part);
    return part.kind === "tensor" ? part : context.unsupported(`\`${part.name}\` is no tensor`);
  });
  const [first] = tensors;
  const at = axis < 0 ? axis + first.shape.length + 1 : axis;
  const shape = first.shape.toSpliced(at, 0, tensors.length);
  if (tensors.length === 1) return [{ kind: "reshape" }, [first.name], shape, first.whole];
  const rows = tensors.map(
    ({ name: from, shape: one, whole }, i) =>
      context.emitHelper(`row${i}`, { kind: "reshape" }, [from], one.toSpliced(at, 0, 1), whole).name,
  );
  const whole = tensors.flatMap((tensor) => tensor.whole ?? []);
  return [{ kind: "concat", axis: at }, rows, shape, whole.length === 0 ? undefined : joined(whole)];
}
