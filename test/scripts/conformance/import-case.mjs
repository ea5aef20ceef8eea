import { importOnnx } from "../../../dist/frontend/onnx/import.js";
import { UserError } from "../../../dist/support/diagnostic.js";
import { isFloat, readRecorded, withInitializers } from "./read-case.mjs";

/**
 * A test's graph, what it is fed and what it should give; or why it is refused. Inputs that have to be known, shapes, axes and
 * flags, are initializers with the values recorded, as weights are in a network: first all are data, then the floats alone, then one
 * alone; `known` says whether a float is not. The answer's `outcome` is "imported", "refused" or "crashed".
 */
export function importCase(test, set) {
  const names = test.inputs.map(({ name }) => name);
  const floats = test.inputs.filter(({ type }) => isFloat(type)).map(({ name }) => name);
  const choices = [names, floats, ...names.map((name) => [name])].filter(
    (choice, i, all) => choice.length > 0 && all.findIndex((other) => String(other) === String(choice)) === i,
  );
  let first;
  for (const data of choices) {
    const answer = importWith(test, set, data);
    if (answer.outcome !== "refused") {
      return { ...answer, known: floats.some((name) => !data.includes(name)) };
    }
    if (first === undefined || data === floats) first = answer;
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
    const feeds = Object.fromEntries(fed.map(([name, value]) => [name, Float32Array.from(value.data)]));
    const inexact = fed.find(([name, value]) =>
      value.data.some((v, i) => Number.isInteger(v) && feeds[name][i] !== v),
    );
    if (inexact !== undefined) return { outcome: "refused", why: `input ${inexact[0]} is no float32` };
    return { outcome: "imported", graph, outputs, feeds };
  } catch (error) {
    if (!(error instanceof UserError)) return { outcome: "crashed", why: String(error?.stack ?? error) };
    const { code, title, why } = error.diagnostic;
    return { outcome: "refused", code, why: (code === "F104" ? why : title).split("\n")[0] };
  }
}
