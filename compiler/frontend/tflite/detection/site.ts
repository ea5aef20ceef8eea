import type { OnnxAttribute } from "../../onnx/model.ts";
import { INT64 } from "../../onnx/schema.ts";
import { emit, freshName, type Translation, wholes } from "../translation.ts";
import type { DetectionOptions } from "./options.ts";

/** The place of such an operator in a network, where its nodes are written. */
export interface Site {
  readonly t: Translation;
  readonly o: DetectionOptions;
  /** How many boxes there are, and scores of each: the background's, too, if there is one. */
  readonly S: number;
  readonly C: number;
  /** Of its first result: nodes are named after it. */
  readonly name: string;
}

/** Writes a node of one result, and says its name. */
export function make(
  { t, name }: Site,
  opType: string,
  input: readonly string[],
  attribute: readonly OnnxAttribute[] = [],
  domain = "",
): string {
  return emit(t, opType, input, { as: `${name}/${opType.toLowerCase()}`, attribute, domain });
}

export function reshaped(site: Site, x: string, shape: readonly number[]): string {
  return make(site, "Reshape", [x, wholes(site.t, shape)]);
}

/** Indices of the last of two dimensions, from one up to another. */
export function columns(site: Site, x: string, from: number, to: number): string {
  return make(site, "Slice", [x, ...[from, to, 1].map((n) => wholes(site.t, [n]))]);
}

/** A whole number (int64) without dimensions, as numbers beside a tensor's are. */
export function whole({ t }: Site, value: number): string {
  const name = freshName(t, "number");
  t.initializers.push({ name, dims: [], dataType: INT64, int64Data: [value] });
  return name;
}
