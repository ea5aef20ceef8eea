// As onnx.backend.test.runner compares: |actual - recorded| <= ATOL + RTOL * |recorded|, NaN equal to NaN, shapes equal.
const RTOL = 1e-3;
const ATOL = 1e-7;

/** What is wrong with the results of a test, in words; undefined where nothing is. `read` gives a tensor's contents by name. */
export function difference({ graph, outputs }, read) {
  for (const { name, shape, data } of outputs) {
    const ours = graph.tensors.get(name)?.shape;
    if (String(ours) !== String(shape)) return `${name} has shape [${ours}], recorded is [${shape}]`;
    const actual = read(name);
    if (actual?.length !== data.length)
      return `${name} has ${actual?.length} elements, recorded are ${data.length}`;
    const wrong = data.findIndex((recorded, i) => !close(actual[i], recorded));
    if (wrong >= 0) return `${name}[${wrong}] is ${actual[wrong]}, recorded is ${data[wrong]}`;
  }
  return undefined;
}

function close(actual, recorded) {
  if (Object.is(actual, recorded) || actual === recorded) return true;
  return Math.abs(actual - recorded) <= ATOL + RTOL * Math.abs(recorded);
}
