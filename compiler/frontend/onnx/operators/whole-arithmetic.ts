import { NO_CLAMP } from "../../../graph/graph.ts";
import type { NodeContext } from "../node-context.ts";
import type { TensorValue, Whole } from "../value.ts";
import { unsure } from "../whole.ts";
import { type Ending, emitElementwise } from "./broadcast.ts";
import { functionOp } from "./function-op.ts";
import { exactly, fitted, type WholeOperand, wholeOperand, wholeOperands } from "./whole-operand.ts";

// Arithmetic of whole numbers: in float32, where all of them have a place, or the result is NaN (whole.ts).

type Fn = "add" | "sub" | "mul" | "max" | "min";

/** Where the results of numbers between bounds lie. */
const RANGES: Readonly<Record<Fn, (a: Whole, b: Whole) => readonly number[]>> = {
  add: (a, b) => [a.lo + b.lo, a.hi + b.hi],
  sub: (a, b) => [a.lo - b.hi, a.hi - b.lo],
  mul: (a, b) => [a.lo * b.lo, a.lo * b.hi, a.hi * b.lo, a.hi * b.hi],
  max: (a, b) => [Math.max(a.lo, b.lo), Math.max(a.hi, b.hi)],
  min: (a, b) => [Math.min(a.lo, b.lo), Math.min(a.hi, b.hi)],
};

function rangeOf(fn: Fn, { whole: a }: WholeOperand, { whole: b }: WholeOperand): Whole {
  const ends = RANGES[fn](a, b).map((v) => v + 0);
  const range = { type: a.type, lo: Math.min(...ends), hi: Math.max(...ends) };
  return a.unsure || b.unsure ? unsure(range) : range;
}

/** One operator of all inputs, from the first to the last. */
export function combineWhole(node: NodeContext, fn: Fn): void {
  const operands = wholeOperands(node);
  // nothing is computed by a comparison: any number that is held may be the greatest
  const all = fn === "max" || fn === "min" ? operands : operands.map((each) => exactly(node, each));
  all.slice(1).reduce<WholeOperand>((before, operand, i) => {
    const range = rangeOf(fn, before, operand);
    const ending = fn === "max" || fn === "min" ? { whole: range } : fitted(range);
    return combined(node, fn, [before, operand], ending, i === all.length - 2 ? undefined : `part${i}`);
  }, all[0]);
}

function combined(
  node: NodeContext,
  fn: Parameters<typeof emitElementwise>[1],
  operands: readonly [WholeOperand, WholeOperand],
  ending: Ending & { readonly whole?: Whole },
  helper: string | undefined,
): WholeOperand {
  const result = emitElementwise(node, fn, operands, helper, ending);
  return { ...result, whole: ending.whole ?? operands[0].whole };
}

/** The quotient of two whole numbers, towards zero: that of what the remainder leaves is exact, but for what a board's division rounds. */
export function divideWhole(node: NodeContext): void {
  const [a, b] = wholeOperands(node).map((each) => exactly(node, each));
  const left = remainder(node, a, b, "remainder");
  const rest = combined(node, "sub", [a, left], { whole: a.whole }, "multiple");
  const size = Math.max(-a.whole.lo, a.whole.hi);
  const range = { type: a.whole.type, lo: a.whole.lo < 0 || b.whole.lo < 0 ? -size : 0, hi: size };
  const fits = fitted(range);
  const round = { fn: "round", alpha: 0, beta: 0 } as const;
  if (fits.activation !== undefined) node.unsupported(`of ${a.whole.type} below 0`);
  combined(
    node,
    "div",
    [rest, b],
    { activation: round, whole: sureOf(range, a, b, mayBeZero(b)) },
    undefined,
  );
}

/** Mod: as C's fmod, which has the sign of the first, or as Python's %, which has that of the second. */
export function moduloWhole(node: NodeContext, fmod: boolean): void {
  const [a, b] = wholeOperands(node).map((each) => exactly(node, each));
  if (fmod || (a.whole.lo >= 0 && b.whole.lo >= 0)) {
    remainder(node, a, b, undefined);
    return;
  }
  const left = remainder(node, a, b, "remainder");
  const moved = combined(node, "add", [left, b], fitted(wide(rangeOf("add", left, b))), "moved");
  const range = { type: a.whole.type, lo: Math.min(0, b.whole.lo), hi: Math.max(0, b.whole.hi) };
  combined(node, "mod", [moved, b], { whole: sureOf(range, moved, b, mayBeZero(b)) }, undefined);
}

/** A sum on the way may leave a small type, and comes back. */
function wide(range: Whole): Whole {
  return { ...range, type: "int64" };
}

function remainder(
  node: NodeContext,
  a: WholeOperand,
  b: WholeOperand,
  helper: string | undefined,
): WholeOperand {
  const most = Math.max(-b.whole.lo, b.whole.hi) - 1;
  const range = {
    type: a.whole.type,
    lo: a.whole.lo < 0 ? -most : 0,
    hi: Math.max(0, Math.min(most, a.whole.hi)),
  };
  return combined(node, "mod", [a, b], { whole: sureOf(range, a, b, mayBeZero(b)) }, helper);
}

function mayBeZero({ whole: { lo, hi } }: WholeOperand): boolean {
  return lo <= 0 && hi >= 0;
}

function sureOf(range: Whole, a: WholeOperand, b: WholeOperand, fails: boolean): Whole {
  return fails || a.whole.unsure || b.whole.unsure ? unsure(range) : range;
}

const ONE_VALUE = {
  Abs: {
    fn: "abs",
    of: ({ lo, hi }: Whole) => [
      lo <= 0 && hi >= 0 ? 0 : Math.min(Math.abs(lo), Math.abs(hi)),
      Math.max(-lo, hi),
    ],
  },
  Neg: { fn: "affine", alpha: -1, of: ({ lo, hi }: Whole) => [-hi, -lo] },
  Sign: { fn: "sign", of: ({ lo, hi }: Whole) => [Math.sign(lo), Math.sign(hi)] },
} as const;

/** A function of each number. */
export function mapWhole(node: NodeContext, type: keyof typeof ONE_VALUE): void {
  const x = exactly(node, wholeOperand(node, 0));
  const { fn, of, ...more } = ONE_VALUE[type];
  const [lo, hi] = of(x.whole);
  const { activation, whole } = fitted({ ...x.whole, lo: lo + 0, hi: hi + 0 });
  const op = functionOp(fn, "alpha" in more ? more.alpha : 0);
  if (activation === undefined) {
    node.emit(op, [x.name], x.shape, whole);
    return;
  }
  const { name } = node.emitHelper("unbounded", op, [x.name], x.shape);
  node.emit({ kind: "activation", activation, clamp: NO_CLAMP }, [name], x.shape, whole);
}

/** Whole numbers held between bounds, undefined: none. */
export function clampWhole(node: NodeContext, bounds: readonly (WholeOperand | undefined)[]): void {
  const x = wholeOperand(node, 0);
  const [lo, hi] = bounds.map((bound, i) => {
    if (bound === undefined) return i === 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    if (bound.whole.type !== x.whole.type) node.invalid(`its bound is ${bound.whole.type}`);
    if (bound.kind !== "constant" || bound.data.length !== 1)
      return node.unsupported(`its bound \`${bound.name}\` must be one known number`);
    return bound.data[0];
  });
  const held = (v: number): number => Math.min(Math.max(v, lo), hi);
  const whole = { ...x.whole, lo: held(x.whole.lo), hi: held(x.whole.hi) };
  if (whole.lo === x.whole.lo && whole.hi === x.whole.hi) node.become(x as TensorValue);
  else node.emit({ kind: "clamp", clamp: { lo, hi } }, [x.name], x.shape, whole);
}
