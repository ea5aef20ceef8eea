import type { OnnxAttribute, OnnxGraph, OnnxTensor } from "./model.ts";
import { ATTRIBUTE_TYPE } from "./schema.ts";

/** How one attribute is decoded, and its value when absent. */
export interface AttributeKind<T> {
  readonly type: AttributeType;
  readonly read: (attribute: OnnxAttribute) => T;
  readonly fallback: T | undefined;
  /** ONNX wants it in every node. */
  readonly required?: true;
  /** The values it can have, where not all of its type; as a message goes on after "should be". */
  readonly wants?: { readonly text: string; readonly fits: (attribute: OnnxAttribute) => boolean };
}
export type AttributeType = keyof typeof ATTRIBUTE_TYPE;

/** Lists are axes, shapes and pads: longer ones are damage. */
const LONGEST_LIST = 1000;

const oneInt = (a: OnnxAttribute): number => a.i ?? 0;
const oneFloat = (a: OnnxAttribute): number => a.f ?? 0;
const oneText = (a: OnnxAttribute): string => new TextDecoder().decode(a.s);
const list = {
  type: "ints",
  read: (a: OnnxAttribute): readonly number[] => a.ints ?? [],
  wants: {
    text: `a list of at most ${LONGEST_LIST} numbers`,
    fits: (a: OnnxAttribute) => (a.ints ?? []).length <= LONGEST_LIST,
  },
} as const;

export function int(fallback: number): AttributeKind<number> {
  return { type: "int", read: oneInt, fallback };
}
export function requiredInt(): AttributeKind<number> {
  return { type: "int", read: oneInt, fallback: undefined, required: true };
}
export function optionalInt(): AttributeKind<number | undefined> {
  return { type: "int", read: oneInt, fallback: undefined };
}
/** 0 or 1. */
export function flag(fallback: boolean): AttributeKind<boolean> {
  const wants = { text: "0 or 1", fits: (a: OnnxAttribute) => oneInt(a) === 0 || oneInt(a) === 1 };
  return { type: "int", read: (a) => oneInt(a) === 1, fallback, wants };
}
export function float(fallback: number): AttributeKind<number> {
  return { type: "float", read: oneFloat, fallback };
}
export function optionalFloat(): AttributeKind<number | undefined> {
  return { type: "float", read: oneFloat, fallback: undefined };
}
/** One of some words. */
export function word<const W extends string>(fallback: W, words: readonly W[]): AttributeKind<W> {
  const wants = {
    text: `one of ${words.join(", ")}`,
    fits: (a: OnnxAttribute) => words.some((w) => w === oneText(a)),
  };
  return { type: "string", read: (a) => oneText(a) as W, fallback, wants };
}
export function requiredText(): AttributeKind<string> {
  return { type: "string", read: oneText, fallback: undefined, required: true };
}
export function optionalInts(): AttributeKind<readonly number[] | undefined> {
  return { ...list, fallback: undefined };
}
export function requiredInts(): AttributeKind<readonly number[]> {
  return { ...list, fallback: undefined, required: true };
}
export function optionalFloats(): AttributeKind<readonly number[] | undefined> {
  return { type: "floats", read: (a) => a.floats ?? [], fallback: undefined };
}
export function optionalTexts(): AttributeKind<readonly string[] | undefined> {
  const decoder = new TextDecoder();
  return {
    type: "strings",
    read: (a) => (a.strings ?? []).map((text) => decoder.decode(text)),
    fallback: undefined,
    wants: {
      text: `a list of at most ${LONGEST_LIST} names`,
      fits: (a) => (a.strings ?? []).length <= LONGEST_LIST,
    },
  };
}
export function requiredFloats(): AttributeKind<readonly number[]> {
  return { type: "floats", read: (a) => a.floats ?? [], fallback: undefined, required: true };
}
export function optionalTensor(): AttributeKind<OnnxTensor | undefined> {
  return { type: "tensor", read: (a) => a.t, fallback: undefined };
}

export function requiredTensor(): AttributeKind<OnnxTensor | undefined> {
  return { ...optionalTensor(), required: true };
}

export function requiredGraph(): AttributeKind<OnnxGraph> {
  return { type: "graph", read: (a) => a.g ?? {}, fallback: undefined, required: true };
}

/** Why an attribute does not decode as its kind, or undefined. */
export function misfit(kind: AttributeKind<unknown>, a: OnnxAttribute): string | undefined {
  const text = attributeText(a);
  if (a.refAttrName) return `attribute ${a.name ?? ""} refers to \`${a.refAttrName}\` of a function`;
  // Files of IR version 1 leave `type` out; then the value itself says what it is.
  const fits = a.type ? a.type === ATTRIBUTE_TYPE[kind.type] : a[FIELD[kind.type]] !== undefined;
  if (!fits) return `attribute ${text} should be of type ${kind.type}`;
  if (kind.wants && !kind.wants.fits(a)) return `attribute ${text} should be ${kind.wants.text}`;
  return undefined;
}

/** Where the value of each type lies. */
const FIELD = {
  float: "f",
  int: "i",
  string: "s",
  tensor: "t",
  graph: "g",
  floats: "floats",
  ints: "ints",
  strings: "strings",
} as const satisfies Record<AttributeType, keyof OnnxAttribute>;

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
      return JSON.stringify(oneText(a).slice(0, 40));
    case ATTRIBUTE_TYPE.floats:
      return listText(a.floats ?? []);
    case ATTRIBUTE_TYPE.ints:
      return listText(a.ints ?? []);
    case ATTRIBUTE_TYPE.strings:
      return listText(
        (a.strings ?? []).map((text) => JSON.stringify(new TextDecoder().decode(text).slice(0, 40))),
      );
    case ATTRIBUTE_TYPE.tensor:
      return "(tensor)";
    case ATTRIBUTE_TYPE.graph:
      return "(graph)";
    default:
      return "(other)";
  }
}

function listText(items: readonly (number | string)[]): string {
  return items.length > 8 ? `[${items.slice(0, 8).join(",")},...]` : `[${items.join(",")}]`;
}
