import { type ImportNode, importBody } from "../import-body.ts";
import { define } from "../import-state.ts";
import type { OnnxNode } from "../model.ts";
import type { NodeContext } from "../node-context.ts";
import { isIntegerType } from "../tensor-data.ts";
import { typeOf, type Value } from "../value.ts";
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
  const asked = { has: (name: string) => there.has(name), rank: (name: string) => rankOf(there.get(name)) };
  const nodes = parts(given, asked).map((each) => ({
    ...each,
    input: (each.input ?? []).map((name) => (absent.has(name) ? "" : name)),
  }));
  const wanted = outputs.flatMap((name, i) => (outputNames[i] ? [[name, outputNames[i]] as const] : []));
  const names = new Map(wanted);
  const values = importParts(context, importNode, { words, nodes, inputs: there, outputs, names });
  wanted.forEach(([name, own]) => {
    if (!state.values.has(own)) define(state, own, values[outputs.indexOf(name)]);
  });
}

/** Nodes in the words of an operator set, of values of these names; results in `names` get those names. */
export interface Parts {
  readonly words?: number;
  readonly nodes: readonly OnnxNode[];
  readonly inputs: ReadonlyMap<string, Value>;
  readonly outputs: readonly string[];
  readonly names?: ReadonlyMap<string, string>;
}

/** What such nodes make of their inputs, in the place of a node, whose name they bear. */
export function importParts(
  context: NodeContext,
  importNode: ImportNode,
  { words = WORDS, nodes, inputs, outputs, names = new Map() }: Parts,
): readonly Value[] {
  const body = {
    input: [...inputs.keys()].map((name) => ({ name })),
    node: nodes.map((each) => ({ ...each, name: `${context.name}/${each.name}` })),
    output: outputs.map((name) => ({ name })),
  };
  const worded = { ...context, state: { ...context.state, opset: words } };
  return importBody(worded, body, importNode, [...inputs.values()], new Map(names));
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
