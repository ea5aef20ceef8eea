import { type AttributeTable, type AttributeValues, attributeText, readAttributes } from "./attributes.ts";
import type { OnnxAttribute } from "./model.ts";
import type { NodeContext } from "./node-context.ts";

/** How one ONNX operator becomes nodes of our graph; see operators/index.ts for the list. */
export interface OperatorImporter {
  readonly type: string;
  /** More than its first result may be used. */
  readonly manyResults?: true;
  /** An attribute that keeps the node from being imported, or undefined. */
  readonly refusedAttribute: (attributes: readonly OnnxAttribute[]) => string | undefined;
  /** Emits nodes, or defines the result as a known value; throws UnsupportedNode or a UserError. */
  readonly run: (node: NodeContext, attributes: readonly OnnxAttribute[]) => void;
}

/** Declares an operator: its attributes as a table, and what to do with them decoded. */
export function operator<A extends AttributeTable>(
  type: string,
  table: A,
  run: (node: NodeContext, attributes: AttributeValues<A>) => void,
): OperatorImporter {
  return {
    type,
    refusedAttribute(attributes) {
      const read = readAttributes(table, attributes);
      return "refused" in read ? read.refused : undefined;
    },
    run(node, attributes) {
      const read = readAttributes(table, attributes);
      if ("refused" in read) node.unsupported(`attribute ${read.refused}`);
      else run(node, read.values);
    },
  };
}

/** All of a node's attributes on one line, for messages. */
export function attributesText(attributes: readonly OnnxAttribute[]): string {
  return attributes.map(attributeText).join(" ");
}
