import { didYouMean } from "../../support/text.ts";
import { badInputShape, dataTypeUnsupported, dynamicShape, inconsistent, inputTooLarge } from "./errors.ts";
import type { OnnxDimension, OnnxValueInfo } from "./model.ts";
import { isInputType } from "./port-types.ts";
import { DATA_TYPES } from "./schema.ts";
import { elementCount, MOST_ELEMENTS, shapeText } from "./value.ts";

export type InputShapes = Readonly<Record<string, readonly number[]>>;

/** Reads `--input-shape x:1,3,224,224`; the name may itself contain colons. F106 when malformed. */
export function parseInputShape(text: string): { readonly name: string; readonly shape: readonly number[] } {
  const match = /^(.+):(\d{1,9}(?:,\d{1,9})*)$/.exec(text);
  const shape = match?.[2]?.split(",").map(Number);
  if (match?.[1] === undefined || shape === undefined || shape.includes(0)) {
    throw badInputShape(
      `\`--input-shape ${text}\` is no name and shape`,
      "wanted is NAME:N,C,H,W of positive numbers",
      ["for example --input-shape x:1,3,224,224"],
    );
  }
  return { name: match[1], shape };
}

/** All `--input-shape` options of a command. */
export function parseInputShapes(texts: readonly string[]): InputShapes {
  return Object.fromEntries(texts.map(parseInputShape).map(({ name, shape }) => [name, shape]));
}

export interface InputKind {
  readonly shape: readonly number[];
  readonly type: string;
}

/**
 * The static shape and the type of every input, from the file or the user. Errors: F105 lists all inputs that stay dynamic with the
 * flag to type, F106 a given shape that fits no input, F113 inputs of other types, F115 too many elements.
 */
export function resolveInputShapes(
  model: string,
  inputs: readonly OnnxValueInfo[],
  given: InputShapes,
): ReadonlyMap<string, InputKind> {
  const names = inputs.map((input) => input.name ?? "");
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) throw inconsistent(`input \`${twice}\``, "it is declared twice");
  for (const name of Object.keys(given)) if (!names.includes(name)) throw noSuchInput(model, name, names);
  const shapes = new Map<string, InputKind>();
  const dynamic: OnnxValueInfo[] = [];
  for (const input of inputs) {
    const name = input.name ?? "";
    const type = DATA_TYPES[input.type?.tensorType?.elemType ?? 0] ?? "unknown";
    if (!isInputType(type)) throw inputType(name, type);
    const dims = dimsOf(input);
    const wanted = Object.hasOwn(given, name) ? given[name] : undefined;
    if (wanted !== undefined) checkAgainst(name, wanted, dims);
    const shape = wanted ?? (dims?.every(isFixed) ? dims.map((d) => d.dimValue ?? 0) : undefined);
    if (shape === undefined) dynamic.push(input);
    else if (shape.some((d) => d >= 2 ** 31) || elementCount(shape) > MOST_ELEMENTS) {
      throw inputTooLarge(name, shapeText(shape), MOST_ELEMENTS);
    } else shapes.set(name, { shape, type });
  }
  if (dynamic.length > 0) throw dynamicInputs(model, dynamic);
  return shapes;
}

function inputType(name: string, type: string): Error {
  const help = /int|bool/.test(type)
    ? "state it with --input-value if it always is the same, or convert it to int32 inside the application"
    : undefined;
  return dataTypeUnsupported(`input \`${name}\``, type, help);
}

/** A shape without dimensions is that of a scalar; no shape at all is unknown. */
function dimsOf({ type }: OnnxValueInfo): readonly OnnxDimension[] | undefined {
  const shape = type?.tensorType?.shape;
  return shape && (shape.dim ?? []);
}

/** Exporters write an unknown size as a name, as nothing, as 0 or as -1. */
function isFixed(dim: OnnxDimension): boolean {
  return (dim.dimValue ?? 0) > 0;
}

function checkAgainst(
  name: string,
  shape: readonly number[],
  dims: readonly OnnxDimension[] | undefined,
): void {
  if (dims === undefined) return;
  const fits = dims.length === shape.length && dims.every((d, i) => !isFixed(d) || d.dimValue === shape[i]);
  if (fits) return;
  throw badInputShape(
    `input \`${name}\` cannot have shape ${shapeText(shape)}`,
    `the model declares ${dims.length === 0 ? "a scalar" : dims.map(dimText).join("x")}`,
    dims.length === 0 ? [] : [`--input-shape ${name}:${suggestion(dims).join(",")}`],
  );
}

function noSuchInput(model: string, name: string, names: readonly string[]): Error {
  const close = didYouMean(name, names);
  const hint = close === undefined ? [] : [`did you mean \`${close}\`?`];
  return badInputShape(`\`${model}\` has no input \`${name}\``, `its inputs: ${names.join(", ")}`, hint);
}

function dynamicInputs(model: string, inputs: readonly OnnxValueInfo[]): Error {
  const lines = inputs.map((input) => {
    const dims = dimsOf(input);
    if (dims === undefined) return `input \`${input.name}\` declares no shape`;
    const open = dims.flatMap((d, i) =>
      isFixed(d) ? [] : [d.dimParam ? `\`${d.dimParam}\`` : `number ${i}`],
    );
    return `input \`${input.name}\` is ${dims.map(dimText).join("x")}: dimension ${open.join(", ")} unknown`;
  });
  const shapes = inputs.map((input) => suggestion(dimsOf(input)));
  const flags = inputs.map(({ name }, i) => `--input-shape ${name}:${shapes[i].join(",")}`);
  const named = shapes.flat().some((extent) => !/^\d+$/.test(extent));
  return dynamicShape(model, lines.join("\n"), flags.join(" "), named);
}

function dimText(dim: OnnxDimension): string {
  return isFixed(dim) ? String(dim.dimValue) : dim.dimParam || "?";
}

/** A likely shape to type: one image of 224 rows and columns; what else is open has its name, for a number to be put there. */
function suggestion(dims: readonly OnnxDimension[] | undefined): readonly string[] {
  if (dims === undefined) return NCHW;
  const last = dims.at(-1);
  const isLast = last !== undefined && isFixed(last) && [1, 3, 4].includes(last.dimValue ?? 0);
  const usual = dims.length !== 4 ? ["1"] : isLast && !isFixed(dims[1]) ? NHWC : NCHW;
  return dims.map((d, i) => (isFixed(d) ? String(d.dimValue) : (usual[i] ?? openName(d, i))));
}

const NCHW = ["1", "3", "224", "224"];
const NHWC = ["1", "224", "224"];

/** One that is named after a number of images or sequences is 1. */
function openName({ dimParam = "" }: OnnxDimension, i: number): string {
  if (/^(n|b|batch.*)$/i.test(dimParam)) return "1";
  return /^\w+$/.test(dimParam) ? dimParam.toUpperCase() : `D${i}`;
}
