import type { Expression, Node } from "ts-morph";
import type { Cond } from "../ir/expr.ts";
import type { Ranges } from "../ir/index-expr.ts";
import type { Role } from "../ir/proc.ts";
import type { Memory } from "../ir/stmt.ts";
import type { Storage } from "../ir/storage.ts";
import { didYouMean } from "../support/text.ts";
import { kernelError } from "./kernel-error.ts";
import type { Value } from "./value.ts";

/** What a name stands for. A parameter's storage is worked out when it is first used. */
export type Binding =
  | {
      readonly kind: "value";
      readonly what: "dimension" | "loop variable" | "constant";
      readonly value: Value;
    }
  | { readonly kind: "param"; readonly role: Role; readonly storage: () => Storage }
  | { readonly kind: "local"; readonly shape: readonly number[]; readonly memory: Memory };

/** Reads an expression: parse-expr.ts's parseValue, handed to the files that read its parts. */
export type ParseValue = (node: Expression, scope: Scope) => Value;

/** Names in scope, bounds of the loop axes, and the conditions that hold here. Immutable. */
export interface Scope {
  readonly names: ReadonlyMap<string, Binding>;
  readonly ranges: Ranges;
  readonly guards: readonly Cond[];
}

export const EMPTY_SCOPE: Scope = { names: new Map(), ranges: new Map(), guards: [] };

/** The scope with one more name; hiding a name is an error, so that a name means one thing in a nest. */
export function declare(scope: Scope, name: string, binding: Binding, at: Node): Scope {
  if (scope.names.has(name) || scope.ranges.has(name) || RESERVED.has(name)) {
    throw kernelError("declaredTwice", at, `\`${name}\` is already declared here`, {
      help: ["give it a name of its own: a name means one thing inside a loop nest"],
    });
  }
  return { ...scope, names: new Map(scope.names).set(name, binding) };
}

const RESERVED = new Set(["Infinity", "NaN", "Math", "undefined"]);

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
  const binding = scope.names.get(name);
  if (binding !== undefined) return binding;
  const near = didYouMean(name, [...scope.names.keys()]);
  throw kernelError("unknownName", at, `unknown name \`${name}\``, {
    help: [
      near === undefined ? "declare it as a dimension, a parameter or a local" : `did you mean \`${near}\`?`,
    ],
  });
}
