import type { OnnxAttribute, OnnxNode } from "./model.ts";
import { ATTRIBUTE_TYPE } from "./schema.ts";

/** Attributes as they are written; attributes.ts reads them. */
export function intAttribute(name: string, i: number): OnnxAttribute {
  return { name, type: ATTRIBUTE_TYPE.int, i };
}
export function intsAttribute(name: string, ints: readonly number[]): OnnxAttribute {
  return { name, type: ATTRIBUTE_TYPE.ints, ints };
}
export function floatAttribute(name: string, f: number): OnnxAttribute {
  return { name, type: ATTRIBUTE_TYPE.float, f };
}
export function floatsAttribute(name: string, floats: readonly number[]): OnnxAttribute {
  return { name, type: ATTRIBUTE_TYPE.floats, floats };
}
export function textsAttribute(name: string, values: readonly string[]): OnnxAttribute {
  const encoder = new TextEncoder();
  return { name, type: ATTRIBUTE_TYPE.strings, strings: values.map((value) => encoder.encode(value)) };
}
export function textAttribute(name: string, value: string): OnnxAttribute {
  return { name, type: ATTRIBUTE_TYPE.string, s: new TextEncoder().encode(value) };
}

/** A node's attribute as it is, in parts that stand for the node: a number that is left out of an attribute that is there is 0. */
export function attributeOf({ attribute = [] }: OnnxNode, name: string): OnnxAttribute | undefined {
  return attribute.find((each) => each.name === name);
}
export function intOf(node: OnnxNode, name: string, fallback: number): number {
  const given = attributeOf(node, name);
  return given === undefined ? fallback : (given.i ?? 0);
}
export function floatOf<F extends number | undefined>(node: OnnxNode, name: string, fallback: F): number | F {
  const given = attributeOf(node, name);
  return given === undefined ? fallback : (given.f ?? 0);
}
