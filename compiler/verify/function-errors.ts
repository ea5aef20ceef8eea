import { evaluate, type FunctionName } from "../ir/functions.ts";

/** What C libraries' functions of float are off by at most, relative: 4 units in the last place, and Node's own digits. */
const OFF = 2 ** -21;
/** Below it results may be off by it, or taken for 0. */
const SMALL = 2 ** -120;
const INFINITE = Number.POSITIVE_INFINITY;

type Errors = (args: readonly number[], errors: readonly number[], v: number) => number;

/** How far a continuous function of one value moves: at the ends of where the value may be, and at its turning points there. */
const moves =
  (fn: FunctionName, { turns = [], from = -INFINITE, to = INFINITE }: Continuous = {}): Errors =>
  ([a], [e], v) => {
    if (e === 0) return 0;
    const [low, high] = [a - e, a + e];
    if (low <= from || high >= to) return INFINITE;
    const places = [low, high, ...turns.filter((turn) => low < turn && turn < high)];
    return Math.max(...places.map((at) => Math.abs(evaluate(fn, [at]) - v)));
  };

interface Continuous {
  /** Where it turns. */
  readonly turns?: readonly number[];
  /** Where it ends: beyond there is no value. */
  readonly from?: number;
  readonly to?: number;
}

const steps =
  (fn: FunctionName): Errors =>
  ([a], [e]) =>
    e === 0 ? 0 : evaluate(fn, [a + e]) - evaluate(fn, [a - e]);

/** A truth that either answer may be. */
const undecided: Errors = ([a, b], [ea, eb]) => (ea + eb > 0 && Math.abs(a - b) <= ea + eb ? 1 : 0);

interface FunctionErrors {
  readonly errors: Errors;
  /** It does not round. */
  readonly exact?: true;
  /** Its result is known to lie within its errors whatever its operands are, NaN among them. */
  readonly known?: true;
}

/** By the errors of the operands alone; the function's own rounding is added where it rounds. */
const ERRORS: Readonly<Record<FunctionName, FunctionErrors>> = {
  log: { errors: moves("log", { from: 0 }) },
  sin: { errors: (_, [e]) => Math.min(e, 2) },
  cos: { errors: (_, [e]) => Math.min(e, 2) },
  tan: {
    errors: ([a], [e], v) =>
      e > 0 && Math.floor((a - e) / Math.PI + 0.5) !== Math.floor((a + e) / Math.PI + 0.5)
        ? INFINITE
        : moves("tan")([a], [e], v),
  },
  asin: { errors: moves("asin", { from: -1, to: 1 }) },
  acos: { errors: moves("acos", { from: -1, to: 1 }) },
  atan: { errors: moves("atan") },
  sinh: { errors: moves("sinh") },
  cosh: { errors: moves("cosh", { turns: [0] }) },
  asinh: { errors: moves("asinh") },
  acosh: { errors: moves("acosh", { from: 1 }) },
  atanh: { errors: moves("atanh", { from: -1, to: 1 }) },
  roundDown: { errors: steps("roundDown"), exact: true },
  roundUp: { errors: steps("roundUp"), exact: true },
  roundEven: { errors: steps("roundEven"), exact: true },
  sign: { errors: steps("sign"), exact: true },
  pow: { errors: powerErrors },
  fmod: { errors: (_, [ea, eb]) => (ea === 0 && eb === 0 ? 0 : INFINITE), exact: true },
  isLess: { errors: undecided, exact: true, known: true },
  isEqual: { errors: undecided, exact: true, known: true },
  choose: {
    errors: ([when, a, b], [ew, ea, eb]) =>
      ew > 0 && Math.abs(when) <= ew ? Math.abs(a - b) + Math.max(ea, eb) : when !== 0 ? ea : eb,
    exact: true,
    known: true,
  },
};

/** A power moves one way in each operand where its base stays above 0; elsewhere the exponent must be known. */
function powerErrors([a, b]: readonly number[], [ea, eb]: readonly number[], v: number): number {
  if (ea === 0 && eb === 0) return 0;
  if (a - ea <= 0 && (eb > 0 || !Number.isInteger(b) || b < 0)) return INFINITE;
  const bases = [a - ea, a + ea, ...(a - ea < 0 && a + ea > 0 ? [0] : [])];
  return Math.max(...bases.flatMap((x) => [b - eb, b + eb].map((y) => Math.abs(x ** y - v))));
}

/** How far a function of f32 numbers may be from its value `v`, given its arguments and how far those may be off. */
export function callError(
  fn: FunctionName,
  args: readonly number[],
  errors: readonly number[],
  v: number,
): number {
  const { errors: of, exact, known } = ERRORS[fn];
  // what may have overflowed may be NaN, of which most functions make NaN
  if (known === undefined && errors.includes(INFINITE)) return INFINITE;
  const moved = of(args, errors, v);
  if (exact || Number.isNaN(v)) return moved;
  return Number.isFinite(v) ? moved + OFF * Math.abs(v) + SMALL : moved;
}
