import { type Diagnostic, UserError } from "../../support/diagnostic.ts";
import { adviceFor } from "./advice.ts";

/**
 * What can be wrong with an ONNX file. F101 not ONNX (protobuf.ts), F102 too large, F103 operator set, F104 unsupported
 * operators, F105 dynamic shape, F106 --input-shape, F107-F109 external data, F110 weights, F111 groups,
 * F112 window, F113 data type, F114 inconsistent file, F115 input too large, F116 beyond a limit,
 * F117 no input.
 */
export function fileTooLarge(name: string, bytes: number, limit: number): UserError {
  return new UserError({
    code: "F102",
    exit: "badModel",
    title: `\`${name}\` is too large`,
    why: `it has ${bytes} bytes; the limit is ${limit}`,
    help: ["keep the weights of a model this large in external data files"],
  });
}

export function opsetOutside(name: string, found: string, oldest: number, newest: number): UserError {
  return new UserError({
    code: "F103",
    exit: "unsupportedModel",
    title: `\`${name}\` uses an ONNX operator set that is not supported`,
    why: `${found}; supported are ai.onnx opsets ${oldest} to ${newest}`,
    help: ["export the model again, for instance with opset_version=13"],
  });
}

/** One node that cannot be imported, and the reason. */
export interface UnsupportedItem {
  readonly node: string;
  readonly operator: string;
  readonly why: string;
}

/** Lines of reasons, at most. */
const MOST_REASONS = 30;

/** In reasons: what an input that always is the same would be. */
const KNOWN_BEFORE = "known before the network runs";
const COMPILED_IN =
  "where that comes from an input that always is the same, `--input-value NAME=NUMBER,NUMBER` compiles it in";

/** Alike nodes are told by their first; `behind`: how many could not be looked at, since they read what others compute. */
export function unsupportedOperators(
  name: string,
  opset: number,
  items: readonly UnsupportedItem[],
  behind: number,
): UserError {
  const nodes = (n: number): string => (n === 1 ? "1 node" : `${n} nodes`);
  const groups = new Map<string, UnsupportedItem[]>();
  for (const item of items) {
    const key = `${item.operator} (opset ${opset}): ${item.why}`;
    const alike = groups.get(key) ?? [];
    groups.set(key, alike);
    alike.push(item);
  }
  const lines = [...groups].map(([why, [first, ...rest]]) => {
    const more = rest.length === 0 ? "" : ` and ${rest.length} more`;
    return `node \`${first.node}\`${more}: ${why}`;
  });
  const left = lines.length - MOST_REASONS;
  const hidden = `${nodes(behind)} behind ${items.length === 1 ? "it" : "them"} could not be looked at: there may be more to replace`;
  return new UserError({
    code: "F104",
    exit: "unsupportedModel",
    title: `${nodes(items.length)} of \`${name}\` cannot be compiled`,
    why: [...lines.slice(0, MOST_REASONS), ...(left > 0 ? [`and for ${left} other reasons`] : [])].join("\n"),
    help: [
      ...(behind === 0 ? [] : [hidden]),
      ...(items.some(({ why: reason }) => reason.includes(KNOWN_BEFORE)) ? [COMPILED_IN] : []),
      ...adviceFor(items.map(({ operator }) => operator)),
      "`tilewright inspect MODEL` shows what becomes of each node, `tilewright supported-ops` lists the operators",
    ],
  });
}

/** @param named whether names stand in the flags for numbers that nobody can propose */
export function dynamicShape(name: string, why: string, flags: string, named: boolean): UserError {
  return new UserError({
    code: "F105",
    exit: "unsupportedModel",
    title: `\`${name}\` has inputs of dynamic shape`,
    why,
    help: [`state the shape: ${flags}`, ...(named ? ["with numbers in place of its names"] : [])],
  });
}

export function badInputShape(title: string, why: string, help: readonly string[]): UserError {
  return new UserError({ code: "F106", exit: "usage", title, why, help });
}

/** A value for an input that does not fit. */
export function badInputValue(title: string, why: string, help: readonly string[]): UserError {
  return new UserError({ code: "F118", exit: "usage", title, why, help });
}

export function externalDataMissing(tensor: string, file: string, why: string): UserError {
  return external("F107", `external data file \`${file}\` of tensor \`${tensor}\` is missing`, why, [
    "put the file beside the model, as it was exported, or export the model as one file",
  ]);
}

export function externalDataEscapes(tensor: string, file: string): UserError {
  return external(
    "F108",
    `external data file \`${file}\` of tensor \`${tensor}\` is refused`,
    "it lies outside the model's folder; a model may read only files beside it or below",
    ["move the file into the model's folder and export the model with a relative location"],
  );
}

export function externalDataSize(tensor: string, file: string, why: string): UserError {
  return external("F109", `external data of tensor \`${tensor}\` does not fit`, `${file}: ${why}`, [
    "copy the model and its data files again: they must come from one export",
  ]);
}

function external(code: Diagnostic["code"], title: string, why: string, help: readonly string[]): UserError {
  return new UserError({ code, exit: "badModel", title, why, help });
}

export function notFinite(tensor: string, index: readonly number[], value: number, count: number): UserError {
  const more = count > 1 ? `, the first of ${count} such values` : "";
  return weightsHold(tensor, index, value, {
    why: `is ${value}${more}`,
    help: "train or export the model again: no result computed from these weights has a meaning",
  });
}

export function beyondFloat32(tensor: string, index: readonly number[], value: number): UserError {
  return weightsHold(tensor, index, value, {
    why: `is ${value}, beyond what float32 can hold`,
    help: "export the model in float32",
  });
}

function weightsHold(
  tensor: string,
  index: readonly number[],
  value: number,
  { why, help }: { readonly why: string; readonly help: string },
): UserError {
  return new UserError({
    code: "F110",
    exit: "badModel",
    title: `weights \`${tensor}\` hold ${value}`,
    why: `element [${index.join(", ")}] ${why}`,
    help: [help],
  });
}

export function groupsDoNotDivide(where: string, why: string): UserError {
  return new UserError({
    code: "F111",
    exit: "badModel",
    title: `the groups of ${where} do not divide its channels`,
    why,
  });
}

export function windowTooLarge(where: string, why: string): UserError {
  return new UserError({
    code: "F112",
    exit: "badModel",
    title: `the kernel of ${where} is larger than its padded input`,
    why,
    help: ["give a larger input with --input-shape, or check the model's strides"],
  });
}

export function dataTypeUnsupported(
  what: string,
  type: string,
  help = "export the model in float32",
): UserError {
  return new UserError({
    code: "F113",
    exit: "unsupportedModel",
    title: `${what} has data type ${type}`,
    why: "Tilewright compiles float32 networks",
    help: [help],
  });
}

/** The file decodes but contradicts itself or the ONNX specification. */
export function inconsistent(where: string, why: string): UserError {
  return new UserError({
    code: "F114",
    exit: "badModel",
    title: `${where} is not valid ONNX`,
    why,
    help: ["check the file with onnx.checker, and export the model again"],
  });
}

export function inputTooLarge(name: string, shape: string, most: number): UserError {
  return new UserError({
    code: "F115",
    exit: "unsupportedModel",
    title: `input \`${name}\` is too large`,
    why: `its shape is ${shape}; a tensor has ${most} elements at most`,
    help: ["give a smaller shape with --input-shape, where the file leaves it open"],
  });
}

export function noInput(name: string): UserError {
  return new UserError({
    code: "F117",
    exit: "unsupportedModel",
    title: `\`${name}\` has no input`,
    why: "all that it computes is constant",
    help: ["export the model with an input that is no initializer"],
  });
}

export function beyondLimit(name: string, why: string): UserError {
  return new UserError({
    code: "F116",
    exit: "unsupportedModel",
    title: `\`${name}\` is larger than any network that is compiled`,
    why,
    help: ["look at the model: a damaged or generated file is likely"],
  });
}
