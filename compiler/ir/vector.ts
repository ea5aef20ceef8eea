import type { DType } from "./dtype.ts";
import type { BinaryOp, Cond, UnaryOp } from "./expr.ts";
import type { FunctionName } from "./functions.ts";
import { axesOf, type Index, lookupsIn } from "./index-expr.ts";
import type { Instruction } from "./instruction.ts";
import type { Param } from "./proc.ts";

/**
 * Values of a vector procedure. `lanes` is 1 for a scalar. Addresses are flat: elements from the start of
 * the buffer (or pointer).
 */
export type VExpr =
  | { readonly kind: "literal"; readonly value: number; readonly dtype: DType }
  | { readonly kind: "register"; readonly name: string; readonly lanes: number; readonly dtype: DType }
  | VLoad
  | { readonly kind: "splat"; readonly value: VExpr; readonly lanes: number }
  | {
      readonly kind: "binary";
      readonly op: BinaryOp;
      readonly lanes: number;
      readonly lhs: VExpr;
      readonly rhs: VExpr;
    }
  | { readonly kind: "unary"; readonly op: UnaryOp; readonly value: VExpr }
  /** A function of f32, lane by lane. */
  | {
      readonly kind: "call";
      readonly fn: LaneFunction;
      readonly lanes: number;
      readonly args: readonly VExpr[];
    }
  /** The float whose bits are those of the value moved up to where its exponent begins: by 23 places, of f16 by 10. */
  | { readonly kind: "exponent"; readonly lanes: number; readonly value: VExpr }
  /** About 1 / value, as an instruction estimates it: right in its first eight binary digits. */
  | { readonly kind: "reciprocal"; readonly lanes: number; readonly value: VExpr }
  /** acc + a * b, rounded once where the hardware can. */
  | {
      readonly kind: "fma";
      readonly lanes: number;
      readonly acc: VExpr;
      readonly a: VExpr;
      readonly b: VExpr;
    }
  /** acc - a * b. */
  | {
      readonly kind: "fms";
      readonly lanes: number;
      readonly acc: VExpr;
      readonly a: VExpr;
      readonly b: VExpr;
    }
  /** acc + a * b[lane], lane by lane of a. */
  | {
      readonly kind: "fma-lane";
      readonly lanes: number;
      readonly acc: VExpr;
      readonly a: VExpr;
      readonly b: VExpr;
      readonly lane: number;
    }
  /** a * b[lane], lane by lane of a. */
  | {
      readonly kind: "mul-lane";
      readonly lanes: number;
      readonly a: VExpr;
      readonly b: VExpr;
      readonly lane: number;
    }
  | { readonly kind: "select"; readonly when: Cond; readonly then: VExpr; readonly otherwise: VExpr }
  | { readonly kind: "index"; readonly index: Index; readonly dtype: DType }
  /** 0, 1, 2, ...: each lane's number. */
  | { readonly kind: "iota"; readonly lanes: number; readonly dtype: DType }
  | {
      readonly kind: "convert";
      readonly to: DType;
      readonly lanes: number;
      readonly value: VExpr;
      readonly small?: true;
    }
  /** Two vectors as one of smaller numbers, what is in `low` first. */
  | {
      readonly kind: "narrow";
      readonly to: DType;
      readonly lanes: number;
      readonly low: VExpr;
      readonly high: VExpr;
    }
  /**
   * What an instruction gives; `args` are what it reads, in the order of its operands. Of one in two parts what the first gives of all but the
   * first operand, or the second of that operand and this.
   */
  | {
      readonly kind: "instruction";
      readonly instruction: Instruction;
      readonly part?: "first" | "then";
      readonly lanes: number;
      readonly args: readonly VExpr[];
    };

/** Operations of single numbers that have vectors of all instruction sets only lane by lane, beside the functions. */
export type LaneFunction = FunctionName | "sqrt";

export interface VLoad {
  readonly kind: "load";
  /** Stays among the others of its kind where it is: a C compiler must neither move it past them nor load its lanes one by one. */
  readonly inOrder?: true;
  readonly buffer: string;
  readonly at: Index;
  readonly lanes: number;
  readonly dtype: DType;
  /** Several, each filled with copies of its share of the elements. */
  readonly registers?: number;
}

export type VStmt =
  | {
      readonly kind: "for";
      readonly axis: string;
      readonly extent: number;
      readonly body: VBlock;
      readonly note?: string;
      /** Its iterations may run at the same time. */
      readonly shared?: true;
    }
  | { readonly kind: "if"; readonly cond: Cond; readonly body: VBlock }
  /** A register that is written more than once. */
  | { readonly kind: "declare"; readonly name: string; readonly lanes: number; readonly dtype: DType }
  /** A register written once, here. */
  | {
      readonly kind: "let";
      readonly name: string;
      readonly lanes: number;
      readonly value: VExpr;
      /** Stays in its register: the C compiler must not make it anew at each use. */
      readonly kept?: true;
      /** Number of the register, among those whose lanes can be named. */
      readonly register?: number;
    }
  | { readonly kind: "set"; readonly name: string; readonly lanes: number; readonly value: VExpr }
  | {
      readonly kind: "store";
      readonly buffer: string;
      readonly at: Index;
      readonly lanes: number;
      readonly value: VExpr;
    }
  /** Asks for the memory of an element ahead of its use; changes nothing. */
  | { readonly kind: "prefetch"; readonly buffer: string; readonly at: Index; readonly written?: true }
  /** A local array of so many elements. */
  | { readonly kind: "array"; readonly name: string; readonly size: number; readonly dtype: DType }
  /** What was stored to a local array is in memory from here on, and no longer in registers. */
  | { readonly kind: "fence"; readonly buffer: string }
  /** name = base + at: an address used by what follows. */
  | {
      readonly kind: "pointer";
      readonly name: string;
      readonly base: string;
      readonly dtype: DType;
      readonly at: Index;
      readonly writable: boolean;
      /** Why it is a pointer of its own: the C compiler must not fold it into the one it was made from. */
      readonly kept?: string;
      /** A number of its own: the C compiler must not take it for another one made from the same address, either. */
      readonly number?: number;
      /** A register that holds `at`, a constant, in bytes: a load or store can move its pointer on by it; `first`: made here. */
      readonly by?: { readonly name: string; readonly first: boolean };
    };
export type VBlock = readonly VStmt[];

/** A local array that the caller hands over, as it is large for a stack; `size` elements, of any contents. */
export interface ScratchArray {
  readonly name: string;
  readonly size: number;
  readonly dtype: DType;
}

/** A procedure of vector operations: what C is printed from. */
export interface VectorProc {
  readonly stage: "vector";
  readonly name: string;
  readonly params: readonly Param[];
  /** Handed over after the parameters; calls at the same time have their own. */
  readonly scratch: readonly ScratchArray[];
  /** Outermost independent axes; the caller hands out parts of their product. */
  readonly grid: readonly { readonly axis: string; readonly extent: number }[];
  readonly body: VBlock;
  /** Most vector registers live at once, by estimate. */
  readonly pressure: number;
}

const NO_OPERANDS: readonly VExpr[] = [];

/** Operands of an expression. */
export function operands(e: VExpr): readonly VExpr[] {
  switch (e.kind) {
    case "literal":
    case "register":
    case "load":
    case "index":
    case "iota":
      return NO_OPERANDS;
    case "splat":
    case "unary":
    case "exponent":
    case "reciprocal":
    case "convert":
      return [e.value];
    case "binary":
      return [e.lhs, e.rhs];
    case "fma":
    case "fms":
    case "fma-lane":
      return [e.acc, e.a, e.b];
    case "mul-lane":
      return [e.a, e.b];
    case "narrow":
      return [e.low, e.high];
    case "call":
    case "instruction":
      return e.args;
    case "select":
      return [e.then, e.otherwise];
  }
}

/** Whether a value, or each lane of it, is a number known here. */
export function isLiteral(e: VExpr): boolean {
  return e.kind === "literal" || (e.kind === "splat" && e.value.kind === "literal");
}

/** Visits an expression and all below it. */
export function walkVExpr(e: VExpr, visit: (e: VExpr) => void): void {
  visit(e);
  for (const o of operands(e)) walkVExpr(o, visit);
}

/** Visits the name of each register that a value reads, as often as it does. */
export function eachRegister(e: VExpr, visit: (name: string) => void): void {
  if (e.kind === "register") visit(e.name);
  else for (const o of operands(e)) eachRegister(o, visit);
}

export function readsRegister(e: VExpr, name: string): boolean {
  return e.kind === "register" ? e.name === name : operands(e).some((o) => readsRegister(o, name));
}

/** Visits the name of each buffer, pointer and index table that a value reads, as often as it does. */
export function eachBuffer(e: VExpr, visit: (name: string) => void): void {
  if (e.kind === "load") visit(e.buffer);
  for (const index of indicesOf(e)) for (const { table } of lookupsIn(index)) visit(table.name);
  for (const o of operands(e)) eachBuffer(o, visit);
}

/** What a value depends on: nothing else can change it. */
export interface Dependences {
  /** Axes of its addresses, of its conditions, and of numbers made of them. */
  readonly axes: ReadonlySet<string>;
  readonly registers: ReadonlySet<string>;
  /** Buffers and pointers it loads from, index tables among them. */
  readonly buffers: ReadonlySet<string>;
}

/** The one answer to what a value depends on: whoever moves, names or keeps values asks here, or the two above. */
export function dependences(e: VExpr): Dependences {
  const axes = new Set<string>();
  const registers = new Set<string>();
  const buffers = new Set<string>();
  walkVExpr(e, (x) => {
    for (const index of indicesOf(x)) axesOf(index, axes);
  });
  eachRegister(e, (name) => registers.add(name));
  eachBuffer(e, (name) => buffers.add(name));
  return { axes, registers, buffers };
}

const NO_INDICES: readonly Index[] = [];

/** The indices an expression itself mentions, those of its operands left out. */
export function indicesOf(e: VExpr): readonly Index[] {
  switch (e.kind) {
    case "load":
      return [e.at];
    case "index":
      return [e.index];
    case "select":
      return [e.when.lhs, e.when.rhs];
    default:
      return NO_INDICES;
  }
}
