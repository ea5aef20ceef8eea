import { type AttributeKind, attributeText, misfit } from "./attributes.ts";
import type { OnnxAttribute, OnnxNode } from "./model.ts";
import type { NodeContext } from "./node-context.ts";
import { type AttributeRule, inSpan, rulesAt, rulesOf, type Signature, type Span } from "./signature.ts";

/**
 * Whether a node has the form that its operator has in the file's operator set, and asks for nothing that we would pass over:
 * an input, an output or an attribute too many, or of another operator set. Refuses it (F104), or the file where something
 * required is missing (F114).
 */
export function checkSignature(context: NodeContext, signature: Signature, node: OnnxNode): void {
  const { since = 1, until = Number.POSITIVE_INFINITY } = signature;
  if (context.opset < since) context.unsupported(`is read from opset ${since} on`);
  if (context.opset > until) context.unsupported(`an operator until opset ${until} only`);
  checkInputs(context, signature, node.input ?? []);
  checkOutputs(context, signature, node.output ?? []);
  checkAttributes(context, signature, node.attribute ?? []);
}

function checkInputs(context: NodeContext, { inputs }: Signature, names: readonly string[]): void {
  const { opset } = context;
  const rules = inputs.filter((rule) => inSpan(rule, opset));
  rules.forEach(({ name, optionalSince = Number.POSITIVE_INFINITY }, i) => {
    if (!names[i] && opset < optionalSince) context.invalid(`its input ${i} (${name}) is missing`);
  });
  if (rules.at(-1)?.variadic) return;
  const surplus = names.findIndex((name, i) => name !== "" && i >= rules.length);
  if (surplus < 0) return;
  const other = inputs[surplus];
  const why =
    other === undefined
      ? `the operator has ${rules.length} there`
      : `the operator has it (${other.name}) ${spanText(other)}`;
  context.unsupported(`input ${surplus} \`${names[surplus]}\` is one too many: ${why}`);
}

function checkOutputs(context: NodeContext, { outputs }: Signature, names: readonly string[]): void {
  const rules = outputs.filter((rule) => inSpan(rule, context.opset));
  if (names.every((name) => name === "")) context.invalid("it has no output");
  if (rules.at(-1)?.variadic) return;
  names.forEach((name, i) => {
    if (name === "") return;
    const rule = rules[i];
    if (rule === undefined) {
      context.unsupported(`output ${i} \`${name}\` is one too many: the operator has ${rules.length}`);
    }
    if (rule.does === "unnamed") {
      context.unsupported(
        `output ${i} \`${name}\` (${rule.name}) asks for training: export the model for inference`,
      );
    }
    if (rule.does === "unused" && (context.state.uses.get(name) ?? 0) > 0) {
      context.unsupported(`its output ${i} \`${name}\` (${rule.name}) is used`);
    }
  });
}

function checkAttributes(context: NodeContext, signature: Signature, given: readonly OnnxAttribute[]): void {
  const rules = rulesAt(signature, context.opset);
  const names = given.map((attribute) => attribute.name ?? "");
  given.forEach((attribute, i) => {
    const name = names[i];
    if (names.indexOf(name) < i) context.invalid(`attribute ${name} is given twice`);
    const rule = rules.get(name);
    const why = rule === undefined ? unknownText(signature, attribute) : refusalOf(rule, attribute);
    if (why !== undefined) context.unsupported(why);
  });
  for (const [name, rule] of rules) {
    if (names.includes(name) || rule.does === "refused") continue;
    if (rule.kind.required) context.invalid(`it has no attribute ${name}`);
    if (rule.does === "only" && rule.kind.fallback !== rule.value) {
      context.unsupported(`attribute ${name} is absent, so ${String(rule.kind.fallback)}: ${rule.because}`);
    }
  }
}

function refusalOf(rule: AttributeRule, attribute: OnnxAttribute): string | undefined {
  if (rule.does === "refused") return `attribute ${attributeText(attribute)}: ${rule.because}`;
  const wrong = misfit(rule.kind, attribute);
  if (wrong !== undefined || rule.does !== "only" || rule.kind.read(attribute) === rule.value) return wrong;
  return `attribute ${attributeText(attribute)}: ${rule.because}`;
}

function unknownText(signature: Signature, attribute: OnnxAttribute): string {
  const text = `attribute ${attributeText(attribute)}`;
  const others = rulesOf(signature, attribute.name ?? "");
  return others.length === 0
    ? `${text}, which the operator does not have`
    : `${text}, which the operator has ${others.map(spanText).join(" and ")}`;
}

function spanText({ since, until }: Span): string {
  if (since === undefined) return until === undefined ? "always" : `until opset ${until}`;
  return until === undefined ? `from opset ${since} on` : `from opset ${since} to ${until}`;
}

/** The values of the attributes that handlers read, of a node that has passed the check. */
export function readValues(
  signature: Signature,
  opset: number,
  given: readonly OnnxAttribute[],
): Readonly<Record<string, unknown>> {
  const values: Record<string, unknown> = {};
  for (const name of Object.keys(signature.attributes)) {
    const all = rulesOf(signature, name).filter((rule) => rule.does === "read");
    const rule = all.find((r) => inSpan(r, opset));
    const attribute = rule && given.find((a) => a.name === name);
    if (all.length > 0) values[name] = attribute ? rule.kind.read(attribute) : absent(all, rule?.kind);
  }
  return values;
}

/** Before an attribute came, nodes did what its default says now. */
function absent(
  all: readonly { readonly kind: AttributeKind<unknown> }[],
  kind: AttributeKind<unknown> | undefined,
): unknown {
  return (kind ?? all[0].kind).fallback;
}
