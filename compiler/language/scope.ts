import type { Expression, Node } from "ts-morph";
import type { DType } from "../ir/dtype.ts";
import type { Cond, Table } from "../ir/expr.ts";
import type { Index, IndexTable, Ranges } from "../ir/index-expr.ts";
import type { Role } from "../ir/proc.ts";
import type { Storage } from "../ir/storage.ts";
import { didYouMean } from "../support/text.ts";
import type { CalledFunction } from "./declarations.ts";
import type { Dims } from "./kernel.ts";
import { kernelError } from "./kernel-error.ts";
import type { Value } from "./value.ts";

/**
 * What a name stands for. A parameter's storage is worked out when it is first used. A view is a tensor, or a
 * part of one, that a call handed to a parameter: `prefix` are the indices given already, `shape` the rest.
 */
export type Binding =
  | {
      readonly kind: "value";
      readonly what: "dimension" | "loop variable" | "constant" | "number";
      readonly value: Value;
    }
  /** The dimensions that a pattern's rest stands for. */
  | { readonly kind: "dims"; readonly dims: Dims }
  | { readonly kind: "table"; readonly table: Table }
  | {
      readonly kind: "param";
      readonly role: Role;
      readonly dtype: DType;
      readonly storage: () => Storage;
      /** Of an index table: its elements lie below. */
      readonly bound?: () => number;
    }
  | {
      readonly kind: "local";
      readonly buffer: string;
      readonly shape: readonly number[];
      readonly dtype: DType;
    }
  | {
      readonly kind: "view";
      readonly role: Role;
      readonly buffer: string;
      readonly prefix: readonly Index[];
      readonly shape: readonly number[];
      readonly dtype: DType;
      readonly indices?: IndexTable;
    };

/** Reads an expression: parse-expr.ts's parseValue, handed to the files that read its parts. */
export type ParseValue = (node: Expression, scope: Scope) => Value;

/** Constants and functions at the top of the file that the node lies in, by name. */
export interface Outside {
  readonly constant: (name: string, at: Node) => Binding | undefined;
  readonly callee: (name: string, at: Node) => CalledFunction | undefined;
}

/** Names in scope, bounds of the loop axes, and the conditions that hold here. Immutable but for `taken`. */
export interface Scope {
  readonly names: ReadonlyMap<string, Binding>;
  readonly ranges: Ranges;
  readonly guards: readonly Cond[];
  /** What is declared outside of the function, in its file or in one it imports from. */
  readonly outside: Outside;
  /** Functions being inlined, outermost first. */
  readonly calls: readonly Node[];
  /** Names of axes, buffers and tables of the procedure so far; grows. */
  readonly taken: Set<string>;
}

/** A scope without names. */
export function emptyScope(outside: Outside): Scope {
  return { names: new Map(), ranges: new Map(), guards: [], outside, calls: [], taken: new Set() };
}

/** The scope with one more name; hiding a name is an error, so that a name means one thing in a nest. */
export function declare(scope: Scope, name: string, binding: Binding, at: Node): Scope {
  if (scope.names.has(name) || RESERVED.has(name)) {
    throw kernelError("declaredTwice", at, `\`${name}\` is already declared here`, {
      help: ["give it a name of its own: a name means one thing inside a loop nest"],
    });
  }
  return { ...scope, names: new Map(scope.names).set(name, binding) };
}

const RESERVED = new Set(["Infinity", "NaN", "Math", "undefined"]);

/**
 * The name that an axis or a buffer has in the procedure: its own; inside an inlined function a free one, so
 * that the loops of each call can be scheduled on their own.
 */
export function procName(scope: Scope, name: string): string {
  const chosen = scope.calls.length === 0 ? name : freeName(scope, name);
  scope.taken.add(chosen);
  return chosen;
}

/** `name`, or `name_2`, `name_3`, ... when it is taken. */
export function freeName({ taken }: Scope, name: string): string {
  let free = name;
  for (let i = 2; taken.has(free); i++) free = `${name}_${i}`;
  return free;
}

/** The scope inside a loop over the axis. */
export function enterLoop(scope: Scope, axis: string, extent: number): Scope {
  return { ...scope, ranges: new Map(scope.ranges).set(axis, { min: 0, max: extent - 1 }) };
}

/** The scope where the conditions hold. */
export function enterGuard(scope: Scope, conds: readonly Cond[]): Scope {
  return { ...scope, guards: [...scope.guards, ...conds] };
}

/** What a name stands for, or an error with the nearest name. */
export function lookup(scope: Scope, name: string, at: Node): Binding {
  const binding = scope.names.get(name) ?? scope.outside.constant(name, at);
  if (binding !== undefined) return binding;
  const near = didYouMean(name, [...scope.names.keys()]);
  throw kernelError("unknownName", at, `unknown name \`${name}\``, {
    help: [
      near === undefined ? "declare it as a dimension, a parameter or a local" : `did you mean \`${near}\`?`,
    ],
  });
}
