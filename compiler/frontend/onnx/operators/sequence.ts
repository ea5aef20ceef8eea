import { NO_CLAMP, type Recurrent } from "../../../graph/graph.ts";
import type { NodeContext } from "../node-context.ts";
import { operator } from "../operator.ts";
import { type ConstantValue, sameShape, shapeText, type TensorValue } from "../value.ts";
import { type ActivationLists, activationsOf } from "./sequence-activations.ts";

/** What the three operators have alike. */
interface Attributes extends ActivationLists {
  readonly clip: number | undefined;
  readonly direction: "forward" | "reverse" | "bidirectional";
  readonly hidden_size: number | undefined;
  /** Batches come first. */
  readonly layout: boolean;
}
type Cell = Recurrent["cell"];
const GATES: Readonly<Record<Cell, number>> = { rnn: 1, gru: 3, lstm: 4 };

/** A node's sizes: steps, batch, inputs, states, and the number of directions. */
interface Sizes {
  readonly t: number;
  readonly n: number;
  readonly h: number;
  readonly directions: number;
}
type Own = Pick<Recurrent, "inputForget" | "resetLate">;

const lstm = operator("LSTM", (node, { input_forget, ...attributes }) => {
  layer(node, "lstm", attributes, input_forget ? { inputForget: true } : {});
});
const gru = operator("GRU", (node, { linear_before_reset, ...attributes }) => {
  layer(node, "gru", attributes, linear_before_reset ? { resetLate: true } : {});
});
const rnn = operator("RNN", (node, attributes) => layer(node, "rnn", attributes, {}));

/**
 * A dense layer weights the inputs of all steps at once, a node for each direction does the steps, and its states are
 * arranged as the outputs want them: Y [T,D,N,H], Y_h and Y_c [D,N,H], batches first with `layout`.
 */
function layer(node: NodeContext, cell: Cell, attributes: Attributes, own: Own): void {
  const { direction, layout, clip } = attributes;
  const given = node.tensor(0);
  if (given.shape.length !== 3)
    node.invalid(`its input has shape ${shapeText(given.shape)}, not three dimensions`);
  const [first, second, inputs] = given.shape as [number, number, number];
  const [t, n] = layout ? [second, first] : [first, second];
  const x = layout ? moved(node, "x", given, [1, 0, 2]) : given;
  const directions = direction === "bidirectional" ? 2 : 1;
  const h = statesOf(node, attributes.hidden_size);
  const sizes = { t, n, h, directions };
  checkLengths(node, sizes);
  const gates = GATES[cell] * h;
  const weights = constantOf(node, 1, "weights W", [directions, gates, inputs]);
  const flat = node.emitHelper("flat", { kind: "reshape" }, [x.name], [t * n, inputs]);
  const activations = activationsOf(node, cell, attributes, directions);
  const bound = clip === undefined || clip === 0 ? Number.POSITIVE_INFINITY : clip;
  if (!(bound > 0)) node.invalid(`clip is ${clip}`);
  const states = Array.from({ length: directions }, (_, d) => {
    const w = node.weight(`w${d}`, [gates, inputs], part(weights, d, directions));
    const { bias, late } = biasesOf(node, cell, sizes, own, d);
    const dense = { kind: "dense", bias: true, clamp: NO_CLAMP } as const;
    const rows = node.emitHelper(`weighted${d}`, dense, [flat.name, w, bias], [t * n, gates]);
    const weighted = node.emitHelper(`steps${d}`, { kind: "reshape" }, [rows.name], [t, n, gates]);
    const reverse = direction === "reverse" || d === 1;
    const op: Recurrent = {
      kind: "recurrent",
      cell,
      reverse,
      clip: bound,
      activations: activations[d],
      ...own,
    };
    return steps(node, op, weighted, sizes, layout, late, d);
  });
  emitOutputs(node, cell, states, sizes, direction === "reverse", layout);
}

/** One direction. */
function steps(
  node: NodeContext,
  op: Recurrent,
  weighted: TensorValue,
  { t, n, h, directions }: Sizes,
  layout: boolean,
  late: string | undefined,
  d: number,
): TensorValue {
  const gates = GATES[op.cell] * h;
  const recurrent = constantOf(node, 2, "weights R", [directions, gates, h]);
  const r = node.weight(`r${d}`, [gates, h], part(recurrent, d, directions));
  const initial = (i: number, name: string): string =>
    initialState(node, i, name, { t, n, h, directions }, layout, d);
  const inputs = [weighted.name, r, initial(5, "h")];
  if (op.cell !== "lstm") {
    return node.emitHelper(`states${d}`, op, late === undefined ? inputs : [...inputs, late], [t, n, h]);
  }
  const lstmInputs = [...inputs, initial(6, "c")];
  const peepholes =
    node.optional(7) === undefined ? undefined : constantOf(node, 7, "peepholes P", [directions, 3 * h]);
  if (peepholes === undefined) return node.emitHelper(`states${d}`, op, lstmInputs, [t + 1, n, h]);
  const p = node.weight(`p${d}`, [3, h], part(peepholes, d, directions));
  return node.emitHelper(`states${d}`, { ...op, peepholes: true }, [...lstmInputs, p], [t + 1, n, h]);
}

/** The biases of inputs and states are added at once, but for one that a gru's reset scales. */
function biasesOf(
  node: NodeContext,
  cell: Cell,
  { h, directions }: Sizes,
  { resetLate }: Own,
  d: number,
): { readonly bias: string; readonly late: string | undefined } {
  const gates = GATES[cell] * h;
  const given =
    node.optional(3) === undefined ? undefined : constantOf(node, 3, "biases B", [directions, 2 * gates]);
  const both = given === undefined ? new Float32Array(2 * gates) : part(given, d, directions);
  const own = 2 * h;
  const bias = Float32Array.from({ length: gates }, (_, i) =>
    resetLate && i >= own ? both[i] : both[i] + both[gates + i],
  );
  return {
    bias: node.weight(`b${d}`, [gates], bias),
    late: resetLate ? node.weight(`late${d}`, [h], both.slice(gates + own)) : undefined,
  };
}

/** A state before the first step, [N,H]: zeros where none is given. */
function initialState(
  node: NodeContext,
  i: number,
  name: string,
  { n, h, directions }: Sizes,
  layout: boolean,
  d: number,
): string {
  const v = node.optional(i);
  if (v === undefined) return node.weight(`${name}${d}`, [n, h], new Float32Array(n * h));
  const wanted = layout ? [n, directions, h] : [directions, n, h];
  if (v.kind === "constant") {
    const all = constantOf(node, i, `initial ${name}`, wanted);
    const at = (b: number): number => (layout ? b * directions + d : d * n + b) * h;
    const data = Float32Array.from(
      { length: n * h },
      (_, e) => all.data[at(Math.floor(e / h)) + (e % h)] as number,
    );
    return node.weight(`${name}${d}`, [n, h], data);
  }
  const state = node.tensor(i);
  if (!sameShape(state.shape, wanted)) {
    node.invalid(`its initial ${name} has shape ${shapeText(state.shape)}, not ${shapeText(wanted)}`);
  }
  const axis = layout ? 1 : 0;
  const own = { kind: "slice", axis, start: d } as const;
  const taken =
    directions === 1 ? state : node.emitHelper(`${name}-part${d}`, own, [state.name], wanted.with(axis, 1));
  return node.emitHelper(`${name}${d}`, { kind: "reshape" }, [taken.name], [n, h]).name;
}

function emitOutputs(
  node: NodeContext,
  cell: Cell,
  states: readonly TensorValue[],
  sizes: Sizes,
  reversed: boolean,
  layout: boolean,
): void {
  const { t } = sizes;
  const named = (i: number): boolean => (node.outputNames[i] ?? "") !== "";
  const at = (part: string, start: number, length: number): readonly TensorValue[] =>
    states.map((s, d) =>
      length === s.shape[0]
        ? s
        : node.emitHelper(
            `${part}${d}`,
            { kind: "slice", axis: 0, start },
            [s.name],
            s.shape.with(0, length),
          ),
    );
  if (named(0)) join(node, 0, at("all", 0, t), sizes, layout);
  const last = (d: number): number => (reversed || d === 1 ? 0 : t - 1);
  if (named(1)) {
    const ends = states.map((s, d) =>
      node.emitHelper(`last${d}`, { kind: "slice", axis: 0, start: last(d) }, [s.name], s.shape.with(0, 1)),
    );
    join(node, 1, ends, sizes, layout);
  }
  if (cell === "lstm" && named(2)) join(node, 2, at("cell", t, 1), sizes, layout);
}

/** States of each direction, [T,N,H] or [1,N,H], as output `i` has them. */
function join(
  node: NodeContext,
  i: number,
  states: readonly TensorValue[],
  { t, n, h, directions }: Sizes,
  layout: boolean,
): void {
  const all = i === 0;
  const name = ["y", "y-h", "y-c"][i];
  const one = all ? [t, 1, n, h] : [1, n, h];
  const axis = all ? 1 : 0;
  const perm = all ? [2, 0, 1, 3] : [1, 0, 2];
  const shape = one.with(axis, directions);
  const parts = states.map((s, d) => node.emitHelper(`${name}${d}`, { kind: "reshape" }, [s.name], one));
  const names = parts.map((p) => p.name);
  const concat = { kind: "concat", axis } as const;
  if (layout) {
    const joined = directions === 1 ? parts[0] : node.emitHelper(`${name}-joined`, concat, names, shape);
    node.emitResult(
      i,
      { kind: "transpose", perm },
      [joined.name],
      perm.map((p) => shape[p] as number),
    );
  } else if (directions === 1) node.emitResult(i, { kind: "reshape" }, names, shape);
  else node.emitResult(i, concat, names, shape);
}

/** The number of states, which the weights of those before tell. */
function statesOf(node: NodeContext, hidden: number | undefined): number {
  const r = node.constant(2, "weights R");
  const h = r.shape[2] ?? node.invalid(`its weights R have shape ${shapeText(r.shape)}`);
  if (hidden !== undefined && hidden !== h)
    node.invalid(`hidden_size=${hidden}, but its weights R are for ${h}`);
  return h;
}

/** Sequences that end before the last step are refused. */
function checkLengths(node: NodeContext, { t, n }: Sizes): void {
  const lengths = node.integers(4, "sequence lengths");
  if (lengths === undefined) return;
  if (lengths.length !== n) node.invalid(`it has ${lengths.length} sequence lengths for a batch of ${n}`);
  if (lengths.some((length) => length !== t)) {
    node.unsupported(`sequence lengths [${lengths.join(", ")}]: only of all ${t} steps`);
  }
}

function constantOf(node: NodeContext, i: number, what: string, shape: readonly number[]): ConstantValue {
  const c = node.constant(i, what);
  if (!sameShape(c.shape, shape)) {
    node.invalid(`its ${what} have shape ${shapeText(c.shape)}, not ${shapeText(shape)}`);
  }
  return c;
}

/** What belongs to direction d. */
function part({ data }: ConstantValue, d: number, directions: number): Float32Array {
  const size = data.length / directions;
  return data.slice(d * size, (d + 1) * size);
}

function moved(node: NodeContext, name: string, x: TensorValue, perm: readonly number[]): TensorValue {
  return node.emitHelper(
    name,
    { kind: "transpose", perm },
    [x.name],
    perm.map((p) => x.shape[p] as number),
  );
}

export const sequenceOperators = [gru, lstm, rnn] as const;
