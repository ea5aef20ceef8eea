import { importOnnx } from "../../../dist/frontend/onnx/import.js";
import { UserError } from "../../../dist/support/diagnostic.js";
import { isData, readRecorded, withInitializers } from "./read-case.mjs";

/**
 * A test's graph, what it is fed and what it should give; or why it is refused. Inputs that are no data, shapes, axes and
 * flags, are initializers with the values recorded. Where that is not enough all inputs but one are tried as initializers, as
 * weights are in a network: `known` says so. The answer's `outcome` is "imported", "refused" or "crashed".
 */
export function importCase(test, set) {
  const floats = test.inputs.filter(({ type }) => isData(type)).map(({ name }) => name);
  const choices = [floats, ...(floats.length > 1 ? floats.map((name) => [name]) : [])];
  let first;
  for (const data of choices) {
    const answer = importWith(test, set, data);
    if (answer.outcome !== "refused") return { ...answer, known: data.length < floats.length };
    first ??= answer;
  }
  return first;
}

function importWith(test, set, data) {
  const recorded = test.inputs.map((input, i) => ({ ...input, bytes: set.inputs[i] }));
  const parameters = recorded.filter(({ name }) => !data.includes(name));
  try {
    const fed = recorded
      .filter(({ name }) => data.includes(name))
      .map(({ name, bytes }) => [name, readRecorded(bytes, name)]);
    const shapes = Object.fromEntries(
      fed.filter(([, { shape }]) => shape.length > 0).map(([name, { shape }]) => [name, shape]),
    );
    const model = parameters.length === 0 ? test.bytes : withInitializers(test.bytes, parameters);
    const graph = importOnnx(model, { name: "model", inputShapes: shapes });
    const outputs = test.outputs.map(({ name }, i) => ({ name, ...readRecorded(set.outputs[i], name) }));
    return {
      ...{ outcome: "imported", graph, outputs },
      feeds: Object.fromEntries(fed.map(([name, value]) => [name, value.data])),
    };
  } catch (error) {
    if (!(error instanceof UserError)) return { outcome: "crashed", why: String(error?.stack ?? error) };
    const { code, title, why } = error.diagnostic;
    return { outcome: "refused", code, why: (code === "F104" ? why : title).split("\n")[0] };
  }
}
