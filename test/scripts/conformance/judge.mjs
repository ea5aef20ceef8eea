import { withUnusedRows } from "../../../dist/graph/unused-rows.js";

// As onnx.backend.test.runner compares: |actual - recorded| <= ATOL + RTOL * |recorded|, NaN equal to NaN, shapes equal but
// for rows of which we have as many as there may be: those beyond are marked as unused.
const RTOL = 1e-3;
const ATOL = 1e-7;

/** What is wrong with the results of a test, in words; undefined where nothing is. `read` gives a tensor's contents by name. */
export function difference({ graph, outputs }, read) {
  for (const { name, shape, data } of outputs) {
    const ours = graph.tensors.get(name);
    const wanted = ours.rows === undefined ? data : withUnusedRows(ours, shape, Float32Array.from(data));
    const same =
      ours.shape.length === shape.length &&
      shape.every((d, axis) => axis === ours.rows || d === ours.shape[axis]);
    if (!same) return `${name} has shape [${ours.shape}], recorded is [${shape}]`;
    const actual = read(name);
    if (actual?.length !== wanted.length)
      return `${name} has ${actual?.length} elements, recorded are ${wanted.length}`;
    const wrong = wanted.findIndex((recorded, i) => !close(actual[i], recorded));
    if (wrong >= 0) return `${name}[${wrong}] is ${actual[wrong]}, recorded is ${wanted[wrong]}`;
  }
  return undefined;
}

function close(actual, recorded) {
  if (Object.is(actual, recorded) || actual === recorded) return true;
  return Math.abs(actual - recorded) <= ATOL + RTOL * Math.abs(recorded);
}
