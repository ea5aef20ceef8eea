import { readFileSync } from "node:fs";

/** Layers of a file in the format of test/bench/workloads.json. Throws an Error that names the layer that cannot be. */
export function readWorkloads(path) {
  const layers = JSON.parse(readFileSync(path, "utf8"));
  for (const layer of layers) {
    const wrong = problemOf(layer);
    if (wrong !== undefined) throw new Error(`${path}: layer ${layer.name}: ${wrong}`);
  }
  return layers;
}

const SIZES = ["n", "ic", "oc", "groups", "ih", "iw", "kh", "kw", "stride", "dilation", "oh", "ow", "macs"];

function problemOf(layer) {
  const { n, ic, oc, groups, ih, iw, kh, kw, stride, pad, dilation, oh, ow, macs } = layer;
  const bad = SIZES.find((key) => !(Number.isSafeInteger(layer[key]) && layer[key] > 0));
  if (bad !== undefined) return `${bad} is ${layer[bad]}`;
  if (!(Number.isSafeInteger(pad) && pad >= 0)) return `pad is ${pad}`;
  if (ic % groups !== 0 || oc % groups !== 0) return `${groups} groups of ${ic} to ${oc} channels`;
  const outputs = (input, kernel) => Math.floor((input + 2 * pad - dilation * (kernel - 1) - 1) / stride) + 1;
  const [rows, columns] = [outputs(ih, kh), outputs(iw, kw)];
  if (rows !== oh || columns !== ow) return `${oh}x${ow} outputs where ${rows}x${columns} come out`;
  const work = n * oc * oh * ow * (ic / groups) * kh * kw;
  return macs === work ? undefined : `${macs} multiply-accumulates where there are ${work}`;
}
