import { badInputShape, dataTypeUnsupported } from "./errors.ts";
import { floatContents, isFloatType } from "./float-types.ts";
import { fitsType } from "./integer-range.ts";
import type { OnnxValueInfo } from "./model.ts";
import { DATA_TYPES } from "./schema.ts";
import { isIntegerType } from "./tensor-data.ts";
import { elementCount, shapeText, type Value } from "./value.ts";

/** What an input holds in every run: it is no input of the compiled network. */
export interface FixedInput {
  readonly always: readonly number[];
}

export function isFixedInput(given: unknown): given is FixedInput {
  return typeof given === "object" && given !== null && "always" in given;
}

/** An input as the constant that it always is. Throws F106 where the numbers do not fill its shape or are none of its type, F113. */
export function fixedValue(input: OnnxValueInfo, { always }: FixedInput): Value {
  const name = input.name ?? "";
  const type = DATA_TYPES[input.type?.tensorType?.elemType ?? 0] ?? "unknown";
  const refuse = (why: string): never => {
    throw badInputShape(`input \`${name}\` cannot always be ${always.join(",")}`, why, []);
  };
  const shape = fixedShape(input, always.length);
  if (elementCount(shape) !== always.length) refuse(`it has the shape ${shapeText(shape)}`);
  if (isFloatType(type)) {
    const data = type === "float64" ? Float64Array.from(always) : Float32Array.from(always);
    return { kind: "constant", name, shape, ...floatContents(name, shape, type, data) };
  }
  if (!isIntegerType(type)) throw dataTypeUnsupported(`input \`${name}\``, type);
  if (!always.every((value) => fitsType(type, value))) refuse(`it is of type ${type}`);
  return { kind: "integers", type, name, shape, data: always };
}

/** As declared; the one dimension that is open has what is left. */
function fixedShape({ type }: OnnxValueInfo, count: number): readonly number[] {
  const dims = (type?.tensorType?.shape?.dim ?? []).map(({ dimValue = 0 }) => dimValue);
  const open = dims.filter((d) => d <= 0).length;
  const known = elementCount(dims.filter((d) => d > 0));
  return open === 1 ? dims.map((d) => (d > 0 ? d : count / known)) : dims;
}
