import { attributeText } from "./attributes.ts";
import { readValues } from "./check-signature.ts";
import type { OnnxAttribute } from "./model.ts";
import { moving } from "./moving.ts";
import type { NodeContext } from "./node-context.ts";
import type { ReadValues, Signature } from "./signature.ts";
import { type OperatorName, SIGNATURES } from "./signatures.ts";

/** How one ONNX operator becomes nodes of our graph; see operators/index.ts for the list. */
export interface OperatorImporter {
  readonly type: string;
  readonly signature: Signature;
  /** Emits nodes, or defines the result as a known value; throws UnsupportedNode or a UserError. */
  readonly run: (node: NodeContext, attributes: readonly OnnxAttribute[]) => void;
}

/** Declares what to do with an operator of the table, its attributes decoded. */
export function operator<N extends OperatorName>(
  type: N,
  run: (node: NodeContext, attributes: ReadValues<(typeof SIGNATURES)[N]>) => void,
): OperatorImporter {
  return importer(type, SIGNATURES[type], run);
}

/** The same for an operator that only moves elements, whatever their type. */
export function mover<N extends OperatorName>(
  type: N,
  run: (node: NodeContext, attributes: ReadValues<(typeof SIGNATURES)[N]>) => void,
): OperatorImporter {
  return importer(type, SIGNATURES[type], (node, attributes) => run(moving(node), attributes));
}

/**
 * A handler that comes to an end without having looked at an input that is there, or at an attribute it is to read, has
 * passed over something that may change the meaning: the node is refused.
 */
export function importer<S extends Signature>(
  type: string,
  signature: S,
  handle: (node: NodeContext, attributes: ReadValues<S>) => void,
): OperatorImporter {
  const run = (node: NodeContext, attributes: readonly OnnxAttribute[]): void => {
    const values = readValues(signature, node.opset, attributes);
    const { watched, unread } = watch(values);
    handle(node, watched as ReadValues<S>);
    const [name] = unread();
    if (name !== undefined) node.unsupported(`attribute ${name} is not supported in this form`);
    const input = node.unreadInput();
    if (input !== undefined) node.unsupported(`input \`${input}\` is not supported in this form`);
  };
  return { type, signature, run };
}

/** The values, and those of them that nobody has asked for. */
function watch(values: Readonly<Record<string, unknown>>): {
  readonly watched: Readonly<Record<string, unknown>>;
  readonly unread: () => readonly string[];
} {
  const left = new Set(Object.keys(values));
  const watched: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(values)) {
    Object.defineProperty(watched, name, {
      enumerable: true,
      get: () => {
        left.delete(name);
        return value;
      },
    });
  }
  return { watched, unread: () => [...left] };
}

/** All of a node's attributes on one line, for messages. */
export function attributesText(attributes: readonly OnnxAttribute[]): string {
  return attributes.map(attributeText).join(" ");
}
