// What ONNX Runtime makes of a model of one convolution, without its reorders.
//
// On x86 the runtime blocks channels (NCHWc) and brings a lone layer's input and output into and out of that layout.
// Inside a network of convolutions it does not, and ours is timed without its copies too, so the reorders are left out.
import { readFileSync, writeFileSync } from "node:fs";
import { decodeModel, encodeModel } from "../../../dist/frontend/onnx/protobuf.js";

const FLOAT = 1;

/**
 * Reads the optimised model of one convolution and writes it with nothing but the convolution's nodes.
 * @returns names of its input and output, and the input's shape as it then lies in memory
 */
export function writeBareConv(from, to, layer) {
  const model = decodeModel(readFileSync(from), from);
  const nodes = model.graph.node;
  const into = nodes.find(({ opType }) => opType === "ReorderInput");
  const out = nodes.find(({ opType }) => opType === "ReorderOutput");
  const input = into?.output[0] ?? "x";
  const output = out?.input[0] ?? "y";
  const conv = nodes.find(({ opType }) => opType === "Conv");
  const { dims } = model.graph.initializer.find((tensor) => tensor.name === conv.input[1]);
  const groups = conv.attribute.find(({ name }) => name === "group").i;
  const channels = into === undefined ? layer.ic : dims[1] * groups;
  const outChannels = out === undefined ? layer.oc : dims[0];
  const port = (name, dims) => ({
    name,
    type: { tensorType: { elemType: FLOAT, shape: { dim: dims.map((dimValue) => ({ dimValue })) } } },
  });
  const shape = [layer.n, channels, layer.ih, layer.iw];
  const bare = {
    ...model,
    graph: {
      ...model.graph,
      node: nodes.filter((node) => node !== into && node !== out),
      input: [port(input, shape)],
      output: [port(output, [layer.n, outChannels, layer.oh, layer.ow])],
    },
  };
  writeFileSync(to, encodeModel(bare));
  return { input, output, shape };
}

/** A model of one node on one number: what a call of the runtime costs besides its kernels. */
export function writeEmptyModel(to) {
  const port = (name) => ({
    name,
    type: { tensorType: { elemType: FLOAT, shape: { dim: [{ dimValue: 1 }] } } },
  });
  const graph = {
    name: "empty",
    node: [{ opType: "Neg", input: ["x"], output: ["y"] }],
    input: [port("x")],
    output: [port("y")],
  };
  writeFileSync(to, encodeModel({ irVersion: 8, opsetImport: [{ version: 13 }], graph }));
}
