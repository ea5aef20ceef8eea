import { didYouMean } from "../../support/text.ts";
import { badInputValue } from "./errors.ts";
import { isFloatType } from "./float-types.ts";
import { fitsType } from "./integer-range.ts";
import type { OnnxValueInfo } from "./model.ts";
import { DATA_TYPES } from "./schema.ts";
import { isIntegerType } from "./tensor-data.ts";
import { elementCount, type KnownValue, shapeText } from "./value.ts";

/** Numbers by input name. */
export type InputValues = Readonly<Record<string, readonly number[]>>;

/** Reads `--input-value sr=16000`, or several numbers with commas; the name may itself contain `=`. F118 when malformed. */
export function parseInputValue(text: string): { readonly name: string; readonly values: readonly number[] } {
  const match = /^(.+)=([^=]+)$/.exec(text);
  const values = match?.[2]?.split(",").map((number) => (number.trim() === "" ? Number.NaN : Number(number)));
  if (match?.[1] === undefined || values === undefined || values.some(Number.isNaN)) {
    throw badInputValue(
      `\`--input-value ${text}\` is no name and numbers`,
      "wanted is NAME=NUMBER, or several with commas",
      ["for example --input-value sr=16000"],
    );
  }
  return { name: match[1], values };
}

/** All `--input-value` options of a command. */
export function parseInputValues(texts: readonly string[]): InputValues {
  return Object.fromEntries(texts.map(parseInputValue).map(({ name, values }) => [name, values]));
}

/** Inputs whose values are given, as values of the type and shape that the file declares; F118 where they do not fit. */
export function knownInputs(
  model: string,
  inputs: readonly OnnxValueInfo[],
  given: InputValues,
): readonly KnownValue[] {
  const names = inputs.map((input) => input.name ?? "");
  const unknown = Object.keys(given).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    const close = didYouMean(unknown, names);
    throw badInputValue(
      `\`${model}\` has no input \`${unknown}\``,
      `its inputs: ${names.join(", ")}`,
      close === undefined ? [] : [`did you mean \`${close}\`?`],
    );
  }
  return inputs.flatMap((input) =>
    Object.hasOwn(given, input.name ?? "") ? [knownInput(input, given[input.name ?? ""])] : [],
  );
}

/** A dimension that the file leaves open is as long as what is given. */
function knownInput(
  { name = "", type: { tensorType } = {} }: OnnxValueInfo,
  values: readonly number[],
): KnownValue {
  const type = DATA_TYPES[tensorType?.elemType ?? 0] ?? "unknown";
  const dims = tensorType?.shape ? (tensorType.shape.dim ?? []) : [];
  const shape = dims.map(({ dimValue = 0 }) =>
    dimValue > 0 ? dimValue : dims.length === 1 ? values.length : 1,
  );
  if (elementCount(shape) !== values.length) {
    throw badInputValue(
      `input \`${name}\` cannot have ${values.length} values`,
      `the model declares ${shape.length === 0 ? "a scalar" : shapeText(shape)}`,
      [],
    );
  }
  if (isFloatType(type)) return { kind: "constant", name, shape, data: Float32Array.from(values) };
  if (!isIntegerType(type))
    throw badInputValue(`input \`${name}\` cannot be given`, `it is of type ${type}`, []);
  const wrong = values.find((value) => !fitsType(type, value));
  if (wrong !== undefined)
    throw badInputValue(`input \`${name}\` cannot be ${wrong}`, `it is of type ${type}`, []);
  return { kind: "integers", type, name, shape, data: values };
}
