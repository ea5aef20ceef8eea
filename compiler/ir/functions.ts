/** A function of numbers that is neither an operation of its own nor made of such: in C a call, in lanes one call for each. */
interface NumberFunction {
  readonly arity: number;
  readonly of: (...args: readonly number[]) => number;
  /** The function of C's math library (for float), or ours, with its definition. */
  readonly c: string | { readonly name: string; readonly text: string };
}

const math = (of: (v: number) => number, c: NumberFunction["c"]): NumberFunction => ({ arity: 1, of, c });

/** The nearest whole number, ties to even (C rint in its default mode). */
export function roundEven(v: number): number {
  const down = Math.floor(v);
  if (v - down !== 0.5) return Math.round(v);
  return down % 2 === 0 ? down : down + 1;
}

/**
 * Functions of f32 numbers by their name in the kernel language. Truth is a number: 1, or 0. Where an argument is NaN
 * comparisons give 0; all others give NaN, but `choose`, which gives what its condition (not 0: the first) picks.
 */
export const FUNCTIONS = {
  log: math(Math.log, "logf"),
  sin: math(Math.sin, "sinf"),
  cos: math(Math.cos, "cosf"),
  tan: math(Math.tan, "tanf"),
  asin: math(Math.asin, "asinf"),
  acos: math(Math.acos, "acosf"),
  atan: math(Math.atan, "atanf"),
  sinh: math(Math.sinh, "sinhf"),
  cosh: math(Math.cosh, "coshf"),
  asinh: math(Math.asinh, "asinhf"),
  acosh: math(Math.acosh, "acoshf"),
  atanh: math(Math.atanh, "atanhf"),
  roundDown: math(Math.floor, "floorf"),
  roundUp: math(Math.ceil, "ceilf"),
  roundEven: math(roundEven, "rintf"),
  /** -1, 0 or 1. */
  sign: math(Math.sign, {
    name: "tw_signf",
    text: "static inline float tw_signf(float v) { return v > 0.0f ? 1.0f : v < 0.0f ? -1.0f : v; }",
  }),
  pow: { arity: 2, of: Math.pow, c: "powf" },
  /** The remainder of a quotient rounded towards zero: it has the sign of the first. */
  fmod: { arity: 2, of: (a, b) => a % b, c: "fmodf" },
  isLess: {
    arity: 2,
    of: (a, b) => (a < b ? 1 : 0),
    c: {
      name: "tw_is_less",
      text: "static inline float tw_is_less(float a, float b) { return a < b ? 1.0f : 0.0f; }",
    },
  },
  isEqual: {
    arity: 2,
    of: (a, b) => (a === b ? 1 : 0),
    c: {
      name: "tw_is_equal",
      text: "static inline float tw_is_equal(float a, float b) { return a == b ? 1.0f : 0.0f; }",
    },
  },
  choose: {
    arity: 3,
    of: (when, a, b) => (when !== 0 ? a : b),
    c: {
      name: "tw_choose",
      text: "static inline float tw_choose(float when, float a, float b) { return when != 0.0f ? a : b; }",
    },
  },
} as const satisfies Readonly<Record<string, NumberFunction>>;

export type FunctionName = keyof typeof FUNCTIONS;

export const FUNCTION_NAMES = Object.keys(FUNCTIONS) as readonly FunctionName[];

/** The value of a function, as exactly as Node has it. */
export function evaluate(fn: FunctionName, args: readonly number[]): number {
  const row: NumberFunction = FUNCTIONS[fn];
  return row.of(...args);
}

/** The value of a function of f32 numbers, rounded to one. */
export function applyFunction(fn: FunctionName, args: readonly number[]): number {
  return Math.fround(evaluate(fn, args));
}

/** The same of arguments that are computed when it is called. */
export function deferredCall(fn: FunctionName, args: readonly (() => number)[]): () => number {
  return () =>
    applyFunction(
      fn,
      args.map((arg) => arg()),
    );
}

export function arityOf(fn: FunctionName): number {
  return FUNCTIONS[fn].arity;
}

/** What C calls it, and its definition where the math library has none. */
export function functionInC(fn: FunctionName): { readonly name: string; readonly text?: string } {
  const { c }: NumberFunction = FUNCTIONS[fn];
  return typeof c === "string" ? { name: c } : c;
}

export function isFunctionName(name: string): name is FunctionName {
  return Object.hasOwn(FUNCTIONS, name);
}
