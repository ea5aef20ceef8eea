import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { AttributeKind } from "../../compiler/frontend/onnx/attributes.ts";
import { int } from "../../compiler/frontend/onnx/attributes.ts";
import { define, makeState } from "../../compiler/frontend/onnx/import-state.ts";
import { makeNodeContext, type NodeContext } from "../../compiler/frontend/onnx/node-context.ts";
import { importer } from "../../compiler/frontend/onnx/operator.ts";
import { findOperator, listSupportedOps } from "../../compiler/frontend/onnx/operators/index.ts";
import {
  type AttributeRule,
  input,
  inSpan,
  made,
  optional,
  read,
  rulesAt,
  rulesOf,
  type Signature,
} from "../../compiler/frontend/onnx/signature.ts";
import { SIGNATURES } from "../../compiler/frontend/onnx/signatures.ts";
import { node } from "./onnx-model.ts";

type Presence = "required" | "optional" | "variadic";
interface Schema {
  readonly since: number;
  readonly inputs: readonly (readonly [string, Presence])[];
  readonly outputs: readonly (readonly [string, Presence])[];
  /** Type, then "required", or "default" and the default. */
  readonly attributes: Readonly<Record<string, readonly (string | number)[]>>;
}
/**
 * What onnx.defs of ONNX 1.23.1 says of the operators, one entry for each operator set in which inputs, outputs or attributes
 * changed (`get_all_schemas_with_history`).
 */
const ONNX: Readonly<Record<string, readonly Schema[]>> = JSON.parse(
  readFileSync(new URL("../fixtures/onnx/operators.json", import.meta.url), "utf8"),
);
const NEWEST = 28;
const signatures: Readonly<Record<string, Signature>> = SIGNATURES;

/** Where a default differs: ONNX gives Concat's in words and RNN's for two directions, a bound of Clip that is the largest f32 bounds nothing, and lists of axes are filled in by handlers. */
const DEFAULTS: Readonly<Record<string, readonly (string | number)[]>> = {
  "Concat axis 1": ["int", "default", 1],
  "MeanVarianceNormalization axes 9": ["ints"],
  "Clip min 6": ["float"],
  "Clip max 6": ["float"],
  "RNN activations 1": ["strings"],
  "RNN activations 7": ["strings"],
  "RNN activations 14": ["strings"],
};

/** One of our attributes as the schemas write it. */
function written(rule: AttributeRule): readonly (string | number)[] {
  if (rule.does === "refused") return [rule.type];
  const { type, required, fallback }: AttributeKind<unknown> = rule.kind;
  if (required) return [type, "required"];
  if (fallback === undefined) return [type];
  const value = typeof fallback === "boolean" ? Number(fallback) : fallback;
  return [type, "default", typeof value === "number" ? Math.fround(value) : String(value)];
}

function ours(signature: Signature, opset: number): Omit<Schema, "since"> {
  return {
    inputs: signature.inputs
      .filter((rule) => inSpan(rule, opset))
      .map(({ name, variadic, optionalSince = Number.POSITIVE_INFINITY }) => [
        name,
        variadic ? "variadic" : opset >= optionalSince ? "optional" : "required",
      ]),
    outputs: signature.outputs
      .filter((rule) => inSpan(rule, opset))
      .map(({ name, variadic, optional, required }, i) => [
        name,
        variadic ? "variadic" : (i > 0 && !required) || optional ? "optional" : "required",
      ]),
    attributes: Object.fromEntries(
      [...rulesAt(signature, opset)].map(([name, rule]) => [name, written(rule)] as const).sort(),
    ),
  };
}

/** Names of inputs and outputs changed over time without a meaning. */
function unnamed(parts: Schema["inputs"]): readonly Presence[] {
  return parts.map(([, presence]) => presence);
}

describe("the table of operators is ONNX's own", () => {
  test.each(Object.keys(signatures))("%s", (type) => {
    const { since = 1, until = NEWEST } = signatures[type];
    for (let opset = since; opset <= until; opset++) {
      const schema = ONNX[type].findLast((entry) => entry.since <= opset);
      if (schema === undefined) throw new Error(`ONNX has no ${type} in opset ${opset}`);
      const found = ours(signatures[type], opset);
      const attributes = Object.entries(schema.attributes).map(
        ([name, attribute]) => [name, DEFAULTS[`${type} ${name} ${schema.since}`] ?? attribute] as const,
      );
      expect(found.attributes, `opset ${opset}`).toEqual(Object.fromEntries(attributes));
      expect(unnamed(found.inputs), `opset ${opset}`).toEqual(unnamed(schema.inputs));
      expect(unnamed(found.outputs), `opset ${opset}`).toEqual(unnamed(schema.outputs));
    }
  });

  test("names every operator that has a handler", () => {
    expect(Object.keys(signatures).sort()).toEqual(listSupportedOps().filter((type) => !type.includes(".")));
    for (const [type, signature] of Object.entries(signatures)) {
      expect(findOperator("", type)?.signature).toBe(signature);
    }
  });
});

test("what is there and not handed to a handler", () => {
  const lines = Object.entries(signatures).flatMap(([type, signature]) => [
    ...signature.outputs
      .filter(({ does }) => does !== "made")
      .map(({ name, does }) => `${type} ${name}: ${does}`),
    ...Object.keys(signature.attributes).flatMap((name) =>
      rulesOf(signature, name).flatMap((rule) =>
        rule.does === "read" ? [] : [`${type} ${name}: ${told(rule)}`],
      ),
    ),
  ]);
  expect(lines.filter((line) => !line.includes("consumed_inputs"))).toMatchInlineSnapshot(`
    [
      "Cast saturate: ignored, about 8-bit numbers only",
      "Cast round_mode: ignored, about 8-bit numbers only",
      "CastLike saturate: ignored, about 8-bit numbers only",
      "CastLike round_mode: ignored, about 8-bit numbers only",
      "Constant sparse_value: refused, sparse tensors are not supported",
      "Constant value_string: refused, strings are not supported",
      "Constant value_strings: refused, strings are not supported",
      "Add broadcast: ignored, shapes show whether something is spread",
      "Add axis: refused, B is spread from an axis on: export with opset 7 or newer",
      "Div broadcast: ignored, shapes show whether something is spread",
      "Div axis: refused, B is spread from an axis on: export with opset 7 or newer",
      "Mul broadcast: ignored, shapes show whether something is spread",
      "Mul axis: refused, B is spread from an axis on: export with opset 7 or newer",
      "Pow broadcast: ignored, shapes show whether something is spread",
      "Pow axis: refused, B is spread from an axis on: export with opset 7 or newer",
      "Sub broadcast: ignored, shapes show whether something is spread",
      "Sub axis: refused, B is spread from an axis on: export with opset 7 or newer",
      "And broadcast: ignored, shapes show whether something is spread",
      "And axis: refused, B is spread from an axis on: export with opset 7 or newer",
      "Equal broadcast: ignored, shapes show whether something is spread",
      "Equal axis: refused, B is spread from an axis on: export with opset 7 or newer",
      "Greater broadcast: ignored, shapes show whether something is spread",
      "Greater axis: refused, B is spread from an axis on: export with opset 7 or newer",
      "Less broadcast: ignored, shapes show whether something is spread",
      "Less axis: refused, B is spread from an axis on: export with opset 7 or newer",
      "Or broadcast: ignored, shapes show whether something is spread",
      "Or axis: refused, B is spread from an axis on: export with opset 7 or newer",
      "Range stash_type: ignored, known values are computed in doubles",
      "Xor broadcast: ignored, shapes show whether something is spread",
      "Xor axis: refused, B is spread from an axis on: export with opset 7 or newer",
      "Attention present_key: unused",
      "Attention present_value: unused",
      "Attention qk_matmul_output: unused",
      "Attention left_window_size: only -1, every key in front is seen",
      "Attention qk_matmul_output_mode: ignored, what is between is no result",
      "Attention right_window_size: only -1, every key behind is seen",
      "Attention softmax_precision: ignored, float32 is what it is computed in",
      "Gemm broadcast: ignored, shapes show whether something is spread",
      "QuantizeLinear saturate: ignored, about 8-bit floats only",
      "BatchNormalization running_mean: unnamed",
      "BatchNormalization running_var: unnamed",
      "BatchNormalization saved_mean: unnamed",
      "BatchNormalization saved_var: unnamed",
      "BatchNormalization is_test: only 1, export the model for inference",
      "BatchNormalization momentum: ignored, it is about training",
      "BatchNormalization spatial: only 1, statistics of each element are not supported",
      "BatchNormalization training_mode: only 0, export the model for inference",
      "GroupNormalization stash_type: ignored, float32 is what it is computed in",
      "LayerNormalization stash_type: ignored, float32 is what it is computed in",
      "RMSNormalization stash_type: ignored, float32 is what it is computed in",
      "TopK sorted: ignored, elements in order are right, too",
      "GRU output_sequence: ignored, outputs that are named say it",
      "LSTM output_sequence: ignored, outputs that are named say it",
      "RNN output_sequence: ignored, outputs that are named say it",
      "Dropout is_test: only 1, export the model for inference",
      "Dropout ratio: ignored, inference drops nothing",
      "Dropout seed: ignored, inference drops nothing",
      "SequenceEmpty dtype: ignored, of no tensors there is no type",
    ]
  `);
});

function told(rule: Exclude<AttributeRule, { readonly does: "read" }>): string {
  return `${rule.does}${rule.does === "only" ? ` ${rule.value}` : ""}, ${rule.because}`;
}

/** A node of a made-up operator with two inputs and two attributes, given to a handler; what it is refused for. */
function refusal(
  handle: (context: NodeContext, attributes: { readonly a: number; readonly b: number }) => void,
): string {
  const signature = {
    inputs: [input("X"), optional("Y")],
    outputs: [made("Z")],
    attributes: { a: read(int(0)), b: read(int(1)) },
  };
  const state = makeState({ input: [{ name: "x" }, { name: "y" }] }, 13, new Set(), undefined);
  for (const name of ["x", "y"]) define(state, name, { kind: "tensor", name, shape: [1] });
  const of = node("Made", ["x", "y"], "z", { a: 1 });
  try {
    importer("Made", signature, handle).run(makeNodeContext(state, of), of.attribute ?? []);
  } catch (error) {
    return (error as Error).message;
  }
  return "";
}

describe("a handler that looks at less than there is refuses the node", () => {
  test.each([
    [
      "an attribute given",
      (c: NodeContext, { b }: { readonly b: number }) => [c.value(0), c.value(1), b],
      "attribute a is not supported in this form",
    ],
    [
      "one left to its default",
      (c: NodeContext, { a }: { readonly a: number }) => [c.value(0), c.value(1), a],
      "attribute b is not supported in this form",
    ],
    [
      "an input",
      (c: NodeContext, { a, b }: { readonly a: number; readonly b: number }) => [c.value(0), a, b],
      "input `y` is not supported in this form",
    ],
    [
      "nothing",
      (c: NodeContext, { a, b }: { readonly a: number; readonly b: number }) => [
        c.value(0),
        c.optional(1),
        a,
        b,
      ],
      "",
    ],
  ])("%s", (_, handle, message) => {
    expect(refusal(handle)).toBe(message);
  });
});
