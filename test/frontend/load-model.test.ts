import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { loadModel, readModel } from "../../compiler/frontend/load-model.ts";
import { messageOfAsync } from "./onnx-model.ts";

const DIGITS = fileURLToPath(new URL("../fixtures/digits/digits.onnx", import.meta.url));

test("a file", async () => {
  const { graph, sha256 } = await readModel(DIGITS);
  expect(graph.name).toBe("digits");
  expect(graph.inputs).toEqual(["x"]);
  expect(graph.outputs).toEqual(["probabilities"]);
  expect(graph.tensors.get("probabilities")?.shape).toEqual([1, 10]);
  expect(graph.nodes.filter((n) => n.op.kind === "batch-norm")).toHaveLength(8);
  expect(sha256).toMatch(/^[0-9a-f]{64}$/);
});

test("a zoo network by name, grouping and size", async () => {
  const graph = await loadModel("zoo:wrn-40-2-g4@16");
  expect(graph.name).toBe("wrn-40-2-g4");
  expect(graph.tensors.get("input")?.shape).toEqual([1, 3, 16, 16]);
  const sized = await loadModel("zoo:wrn-40-2", { inputShapes: { input: [1, 3, 24, 24] }, zoo: { G: 8 } });
  expect(sized.name).toBe("wrn-40-2-G8");
  expect(sized.tensors.get("input")?.shape).toEqual([1, 3, 24, 24]);
});

test("F201 no such file", async () => {
  expect(
    await messageOfAsync(() => loadModel("/nowhere/net.onnx")),
  ).toBe(`error[F201]: there is no model file \`/nowhere/net.onnx\`
  help:  give the path of an ONNX or TensorFlow Lite file, or zoo:NAME`);
  expect(
    await messageOfAsync(() => loadModel("resnext-50")),
  ).toBe(`error[F201]: there is no model file \`resnext-50\`
  help:  did you mean \`zoo:resnext50\`?`);
});

test("F202 no such zoo network", async () => {
  expect(
    await messageOfAsync(() => loadModel("zoo:mobilnet-v1")),
  ).toBe(`error[F202]: the zoo has no network \`mobilnet-v1\`
  why:   it has resnext50, mobilenet-v1, resnet34, wrn-40-2, shufflenet-v1, mobilenet-v2, mobilenet-v3, squeezenet1.1, shufflenet-v2, mnasnet1.0, proxylessnas, efficientnet-b0, regnety-400mf, googlenet, resnet18, resnet50, densenet121, densenet201
  help:  did you mean \`mobilenet-v1\`?`);
});

test("F204 a folder", async () => {
  expect(await messageOfAsync(() => loadModel("."))).toBe(`error[F204]: model \`.\` cannot be read
  why:   it is not a file`);
});

test("F118 an input's value, which no zoo network takes", async () => {
  expect(
    await messageOfAsync(() => loadModel("zoo:resnet34", { inputValues: { input: [1] } })),
  ).toBe(`error[F118]: input \`input\` cannot be given
  why:   the zoo's networks take images, and nothing else`);
});

test("F205 a shape no zoo network has", async () => {
  expect(
    await messageOfAsync(() => loadModel("zoo:resnet34", { inputShapes: { x: [1, 3, 64, 32] } })),
  ).toBe(`error[F205]: zoo network \`resnet34\` cannot be built for \`--input-shape x:1,3,64,32\`
  why:   its one input \`input\` has shape 1x3xSxS
  help:  for example --input-shape input:1,3,64,64`);
});
