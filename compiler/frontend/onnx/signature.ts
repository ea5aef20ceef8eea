import type { AttributeKind } from "./attributes.ts";

/** The operator sets in which a part of an operator exists, both included; left out: from the first, to the newest. */
export interface Span {
  readonly since?: number;
  readonly until?: number;
}

/** What ONNX says an operator is, in all operator sets that are read, and what the import does with each part of it. */
export interface Signature extends Span {
  readonly inputs: readonly InputRule[];
  readonly outputs: readonly OutputRule[];
  /** Where an attribute's rule hangs on the operator set, one for each span. */
  readonly attributes: Readonly<Record<string, AttributeRule | readonly AttributeRule[]>>;
}

export interface InputRule extends Span {
  readonly name: string;
  /** From this operator set on it may be left out. */
  readonly optionalSince?: number;
  /** There may be any number of them; the last of an operator only. */
  readonly variadic?: true;
}

export interface OutputRule extends Span {
  readonly name: string;
  /**
   * `made`: the import gives it a value. `unused`: the node may name it as long as nothing reads it. `unnamed`: a node that
   * names it means something else by its first output too.
   */
  readonly does: "made" | "unused" | "unnamed";
  /** The first output of a node need not be named. */
  readonly optional?: true;
  /** ONNX has another than the first in every node, too. */
  readonly required?: true;
  readonly variadic?: true;
}

/**
 * `read`: the handler gets it, and must look at it. `only`: it must have one value, its default included, or the node is
 * refused. `ignored`: it changes nothing that we compute. `refused`: whoever gives it means something we cannot do.
 */
export type AttributeRule =
  | ReadRule<unknown>
  | (Span & {
      readonly does: "only";
      readonly kind: AttributeKind<unknown>;
      readonly value: unknown;
      readonly because: string;
    })
  | (Span & { readonly does: "ignored"; readonly kind: AttributeKind<unknown>; readonly because: string })
  | (Span & { readonly does: "refused"; readonly type: string; readonly because: string });

export interface ReadRule<T> extends Span {
  readonly does: "read";
  readonly kind: AttributeKind<T>;
}

export function input(name: string, more: Omit<InputRule, "name"> = {}): InputRule {
  return { name, ...more };
}
export function optional(name: string, span: Span = {}): InputRule {
  return { name, ...span, optionalSince: 1 };
}
export function made(name: string): OutputRule {
  return { name, does: "made" };
}
export function unused(name: string): OutputRule {
  return { name, does: "unused" };
}
export function read<T>(kind: AttributeKind<T>, span: Span = {}): ReadRule<T> {
  return { does: "read", kind, ...span };
}
/** The same, where the operator has the attribute in these operator sets only: in others there is none, however required. */
export function readWithin<T>(span: Span, kind: AttributeKind<T>): ReadRule<T | undefined> {
  return { does: "read", kind, ...span };
}
export function only<T>(kind: AttributeKind<T>, value: T, because: string, span: Span = {}) {
  return { does: "only", kind, value, because, ...span } as const;
}
export function ignored(kind: AttributeKind<unknown>, because: string, span: Span = {}) {
  return { does: "ignored", kind, because, ...span } as const;
}
export function refused(type: string, because: string, span: Span = {}) {
  return { does: "refused", type, because, ...span } as const;
}

export function inSpan({ since = 1, until = Number.POSITIVE_INFINITY }: Span, opset: number): boolean {
  return since <= opset && opset <= until;
}

export function rulesOf(signature: Signature, name: string): readonly AttributeRule[] {
  const rules = Object.hasOwn(signature.attributes, name) ? signature.attributes[name] : [];
  return "does" in rules ? [rules] : rules;
}

/** The rule of each attribute that an operator set has. */
export function rulesAt(signature: Signature, opset: number): ReadonlyMap<string, AttributeRule> {
  const found = new Map<string, AttributeRule>();
  for (const name of Object.keys(signature.attributes)) {
    const rule = rulesOf(signature, name).find((r) => inSpan(r, opset));
    if (rule !== undefined) found.set(name, rule);
  }
  return found;
}

/** The value of an attribute as a handler gets it; never for those it does not. */
type ValueOf<R> =
  R extends ReadRule<infer T>
    ? T
    : R extends readonly (infer E)[]
      ? E extends ReadRule<infer T>
        ? T
        : never
      : never;

/** What the handler of an operator is given. */
export type ReadValues<S extends Signature> = {
  readonly [K in keyof S["attributes"] as [ValueOf<S["attributes"][K]>] extends [never] ? never : K]: ValueOf<
    S["attributes"][K]
  >;
};
