import type { Graph } from "../../graph/graph.ts";
import { UserError } from "../../support/diagnostic.ts";

/** C390. */
export function nothingToQuantize({ name }: Graph): UserError {
  return new UserError({
    code: "C390",
    exit: "unsupportedModel",
    title: `\`${name}\` has no layer to quantize`,
    why: "what is quantized are convolutions and dense layers with constant weights, and several channels in a group",
    help: ["`tilewright inspect` shows what its nodes become"],
  });
}

/** C391: as another tool, Tilewright itself cannot read the file that it would write. */
export function notWritten({ name }: Graph, error: unknown): UserError {
  return new UserError({
    code: "C391",
    exit: "unsupportedModel",
    title: `\`${name}\` cannot be written as ONNX again, and so not be quantized`,
    why: error instanceof UserError ? error.diagnostic.title : String(error),
    help: [
      "a tool that keeps the nodes of the file can quantize it: QuantizeLinear and DequantizeLinear are read",
    ],
  });
}

/** C392. */
export function notFinite({ name }: Graph, layer: string, sample: number): UserError {
  return new UserError({
    code: "C392",
    exit: "badInput",
    title: `sample ${sample + 1} makes no finite numbers of what \`${layer}\` of \`${name}\` reads`,
    why: "a range that is quantized needs a least and a greatest number",
    help: ["give samples as the network is used with: --input FILE"],
  });
}
