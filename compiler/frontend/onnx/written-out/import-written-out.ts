import { type ImportNode, importBody } from "../import-body.ts";
import { define } from "../import-state.ts";
import type { OnnxNode } from "../model.ts";
import type { NodeContext } from "../node-context.ts";
import { typeOf } from "../steps.ts";
import { isIntegerType } from "../tensor-data.ts";
import type { Value } from "../value.ts";
import { contributedOperators } from "./contributed.ts";
import { quantizedOperators } from "./quantized.ts";
import { WORDS, type WrittenOut } from "./written-out.ts";

/** What a node of ONNX, or of ONNX Runtime's own operators, is written out as. */
export function findWrittenOut(domain: string, type: string): WrittenOut | undefined {
  const found: Readonly<Record<string, WrittenOut>> =
    domain === "com.microsoft" ? contributedOperators : quantizedOperators;
  return Object.hasOwn(found, type) ? found[type] : undefined;
}

/** Puts the parts of a node in its place; results get the names that it gives them. */
export function importWrittenOut(
  context: NodeContext,
  given: OnnxNode,
  { words = WORDS, inputs, outputs, parts, refuses }: WrittenOut,
  importNode: ImportNode,
): void {
  const { state, outputNames } = context;
  const refused = refuses?.(given);
  if (refused !== undefined) context.unsupported(refused);
  const formal = typeof inputs === "function" ? inputs(context.inputCount) : inputs;
  const there = new Map(
    formal.flatMap((name, i) => {
      const value = context.optional(i);
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
  const zero = absentZero(context, there);
  if (zero !== undefined) there.set("y_zero", zero);
  const absent = new Set(formal.filter((name) => !there.has(name)));
  const body = {
    input: [...there.keys()].map((name) => ({ name })),
    node: parts(given, { has: (name) => there.has(name), rank: (name) => rankOf(there.get(name)) }).map(
      (each) => ({
        ...each,
        name: `${context.name}/${each.name}`,
        input: (each.input ?? []).map((name) => (absent.has(name) ? "" : name)),
      }),
    ),
    output: outputs.map((name) => ({ name })),
  };
  const wanted = outputs.flatMap((name, i) => (outputNames[i] ? [[name, outputNames[i]] as const] : []));
  const worded = { ...context, state: { ...state, opset: words } };
  const values = importBody(worded, body, importNode, [...there.values()], new Map(wanted));
  wanted.forEach(([, name], i) => {
    if (!state.values.has(name)) define(state, name, values[i]);
  });
}

function rankOf(value: Value | undefined): number {
  return value === undefined || value.kind === "unknown" ? 0 : value.shape.length;
}

/** Without a zero point a result is of its input's type, and 0 is 0. */
function absentZero({ name }: NodeContext, there: ReadonlyMap<string, Value>): Value | undefined {
  const like = there.get("x") ?? there.get("a");
  if (like === undefined || there.has("y_zero") || !there.has("y_scale")) return undefined;
  const type = typeOf(like);
  return isIntegerType(type)
    ? { kind: "integers", type, name: `${name}/zero`, shape: [], data: [0] }
    : undefined;
}
