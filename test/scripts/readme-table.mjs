// The README's table of executed instructions: some layers of every kind, ours and the peers'.
import { readFileSync, writeFileSync } from "node:fs";

const LAYERS = [
  ...["resnet34_64_g1", "resnet34_64_g4", "resnet34_64_g8", "resnet34_64_g16", "resnet34_64_g32"],
  ...[
    "resnet34_128_g16",
    "resnet34_256_g1",
    "resnet34_256_g32",
    "resnext50_s1",
    "resnext50_s2",
    "resnext50_s3",
    "resnext50_s4",
  ],
  ...["mobilenetv1_dw512", "mobilenetv1_G4_512", "shufflenetv1_g3_pw", "alexnet_conv2"],
];
/** Columns after ours: title and key in test/bench/peers.json. */
const PEERS = [
  ["ONNX Runtime", "onnxruntime"],
  ["XNNPACK", "xnnpack"],
  ["ncnn", "ncnn_packed"],
  ["TVM (GSPC, tuned)", "tvm_gspc_tuned"],
];
const BEGIN = /(<!-- bench-kernels:[^\n]*-->\n)[\s\S]*?(<!-- \/bench-kernels -->)/;

/** @param layers entries of test/bench/workloads.json, @param results what bench-kernels.mjs measured */
export function readmeTable(layers, results) {
  const row = (cells) => `| ${cells.join(" | ")} |`;
  const short = (count) => (count / 1e6).toFixed(2);
  const rows = LAYERS.map((name) => {
    const layer = layers.find((l) => l.name === name);
    const { instructions, peers } = results.find((r) => r.name === name);
    const counts = [instructions, ...PEERS.map(([, key]) => peers[key])];
    const least = Math.min(...counts);
    return row([
      `\`${name}\``,
      describe(layer),
      ...counts.map((c) => (c === least ? `**${short(c)}**` : short(c))),
    ]);
  });
  const head = ["layer", "shape", "Tilewright", ...PEERS.map(([title]) => title)];
  return [row(head), row(["---", "---", ...counts(head.length - 2)]), ...rows, ""].join("\n");
}

const counts = (n) => new Array(n).fill("---:");

function describe({ ic, oc, groups, ih, iw, kh, kw, stride }) {
  const grouping =
    groups === 1 ? "dense" : groups === ic ? "depthwise" : `${groups} groups of ${ic / groups}`;
  const channels = ic === oc ? ic : `${ic} to ${oc}`;
  return `${kh}x${kw}${stride > 1 ? `/${stride}` : ""}, ${channels} channels, ${grouping}, ${ih}x${iw}`;
}

/** Puts the table between its marks in README.md. */
export function writeReadmeTable(layers, results) {
  const file = new URL("../../README.md", import.meta.url);
  const text = readFileSync(file, "utf8");
  writeFileSync(
    file,
    text.replace(BEGIN, (_, begin, end) => begin + readmeTable(layers, results) + end),
  );
}
