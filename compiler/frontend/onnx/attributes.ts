import type { OnnxAttribute, OnnxTensor } from "./model.ts";
import { ATTRIBUTE_TYPE } from "./schema.ts";

/** How one attribute is decoded, and its value when absent. */
export interface AttributeKind<T> {
  readonly type: number;
  readonly read: (attribute: OnnxAttribute) => T;
  readonly fallback: T;
}
export type AttributeTable = Readonly<Record<string, AttributeKind<unknown>>>;
export type AttributeValues<A extends AttributeTable> = {
  readonly [K in keyof A]: A[K] extends AttributeKind<infer T> ? T : never;
};

export function int(fallback: number): AttributeKind<number> {
  return { type: ATTRIBUTE_TYPE.int, read: (a) => a.i ?? 0, fallback };
}
export function optionalInt(): AttributeKind<number | undefined> {
  return { type: ATTRIBUTE_TYPE.int, read: (a) => a.i ?? 0, fallback: undefined };
}
export function float(fallback: number): AttributeKind<number> {
  return { type: ATTRIBUTE_TYPE.float, read: (a) => a.f ?? 0, fallback };
}
export function optionalFloat(): AttributeKind<number | undefined> {
  return { type: ATTRIBUTE_TYPE.float, read: (a) => a.f ?? 0, fallback: undefined };
}
export function text(fallback: string): AttributeKind<string> {
  return { type: ATTRIBUTE_TYPE.string, read: (a) => new TextDecoder().decode(a.s), fallback };
}
export function optionalInts(): AttributeKind<readonly number[] | undefined> {
  return { type: ATTRIBUTE_TYPE.ints, read: (a) => a.ints ?? [], fallback: undefined };
}
export function optionalFloats(): AttributeKind<readonly number[] | undefined> {
  return { type: ATTRIBUTE_TYPE.floats, read: (a) => a.floats ?? [], fallback: undefined };
}
export function optionalTensor(): AttributeKind<OnnxTensor | undefined> {
  return { type: ATTRIBUTE_TYPE.tensor, read: (a) => a.t, fallback: undefined };
}

/** The table's values, or the first attribute that is unknown or of the wrong type, as it reads in the file. */
export function readAttributes<A extends AttributeTable>(
  table: A,
  attributes: readonly OnnxAttribute[],
): { readonly values: AttributeValues<A> } | { readonly refused: string } {
  const values: Record<string, unknown> = Object.fromEntries(
    Object.entries(table).map(([name, kind]) => [name, kind.fallback]),
  );
  for (const attribute of attributes) {
    const name = attribute.name ?? "";
    const kind = Object.hasOwn(table, name) ? table[name] : undefined;
    // Files of IR version 1 leave `type` out.
    const typeFits = kind !== undefined && (!attribute.type || attribute.type === kind.type);
    if (kind === undefined || !typeFits) return { refused: attributeText(attribute) };
    values[name] = kind.read(attribute);
  }
  return { values: values as AttributeValues<A> };
}

/** `mode="linear"`, `axes=[2,3]`: an attribute as a message shows it. */
export function attributeText(a: OnnxAttribute): string {
  return `${a.name ?? ""}=${valueText(a)}`;
}

function valueText(a: OnnxAttribute): string {
  switch (a.type) {
    case ATTRIBUTE_TYPE.float:
      return String(a.f ?? 0);
    case ATTRIBUTE_TYPE.int:
      return String(a.i ?? 0);
    case ATTRIBUTE_TYPE.string:
      return JSON.stringify(new TextDecoder().decode(a.s).slice(0, 40));
    case ATTRIBUTE_TYPE.floats:
      return listText(a.floats ?? []);
    case ATTRIBUTE_TYPE.ints:
      return listText(a.ints ?? []);
    case ATTRIBUTE_TYPE.tensor:
      return "(tensor)";
    default:
      return "(subgraph or other)";
  }
}

function listText(list: readonly number[]): string {
  return list.length > 8 ? `[${list.slice(0, 8).join(",")},...]` : `[${list.join(",")}]`;
}
