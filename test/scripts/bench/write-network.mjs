import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadModel } from "../../../dist/frontend/load-model.js";
import { exportOnnx } from "../../../dist/frontend/onnx/export.js";
import { makeRng } from "../../../dist/support/rng.js";

/** Writes a network and some input as files for ort-runner.c, which leaves its result in `output.file`. */
export async function writeNetwork(folder, name) {
  const graph = await loadModel(name);
  const file = (ending) => join(folder, `${name.replace(/\W/g, "_")}.${ending}`);
  const [input] = graph.inputs;
  const { shape } = graph.tensors.get(input);
  const rng = makeRng(2);
  const floats = shape.reduce((product, dim) => product * dim, 1);
  writeFileSync(file("onnx"), exportOnnx(graph));
  writeFileSync(
    file("x.f32"),
    Float32Array.from({ length: floats }, () => rng.next() * 2 - 1),
  );
  return {
    graph,
    path: file("onnx"),
    input: { name: input, shape, file: file("x.f32") },
    output: { name: graph.outputs[0], file: file("y.f32") },
  };
}
