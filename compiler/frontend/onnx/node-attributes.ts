import type { OnnxAttribute } from "./model.ts";
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
