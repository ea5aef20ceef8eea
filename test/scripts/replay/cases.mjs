// What a replay compiles. Models are files written by the version that runs the replay, so that both compile the same ones.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { createJiti } from "jiti";
import { exportOnnx } from "../../../dist/frontend/onnx/export.js";
import { zooNetworks } from "../../../dist/frontend/zoo/index.js";
import { makeRng } from "../../../dist/support/rng.js";
import { layerGraph } from "../layer-graph.mjs";

const BENCH = "test/bench";
const LAYERS = 60;
const RANDOM_NETWORKS = 20;
/** Options of the zoo's networks that are no networks of the zoo's list by themselves. */
const GROUPED = ["mobilenet-v1-G4@64", "resnet34-g4@64", "resnet34-g32@64", "wrn-40-2-g4"];

/** The host with its widest instruction set fixed: what a replay finds does not hang on the machine. */
const HOST = {
  name: "host-256",
  summary: "A host whose widest instruction set is given",
  isa: "portable-256",
  core: "native",
  cores: 1,
  cflags: ["-ffp-contract=fast"],
  run: "native",
};

/** Writes models and boards into `folder`; answers with `{ models, targets }`, paths or names that every version reads. */
export async function writeCases(folder) {
  mkdirSync(folder, { recursive: true });
  const kept = (name, bytes) => {
    const path = resolve(folder, name);
    writeFileSync(path, bytes);
    return path;
  };
  const models = [
    ...zoo(),
    resolve("test/fixtures/digits/digits.onnx"),
    ...layers(kept),
    ...(await randomNetworks(kept)),
  ];
  const targets = ["rpi2", "rpi3", "rpi4", "rpi5", kept("host-256.json", JSON.stringify(HOST))];
  return { models, targets };
}

function zoo() {
  const whole = [...zooNetworks.keys()].map((name) => (name.startsWith("wrn") ? name : `${name}@64`));
  return [...whole, ...GROUPED].map((name) => `zoo:${name}`);
}

function layers(kept) {
  const read = (name) => JSON.parse(readFileSync(join(BENCH, name), "utf8"));
  const known = [...read("workloads.json"), ...read("odd-workloads.json")];
  return [...known, ...pointwiseLayers(LAYERS - known.length)].map((layer) =>
    kept(`layer-${layer.name}.onnx`, exportOnnx(layerGraph(layer, makeRng(1)))),
  );
}

/** 1x1 layers of usual widths, which the benchmark's lists have few of. */
function pointwiseLayers(count) {
  const widths = [32, 48, 64, 96, 128, 160, 192, 256, 320, 384, 512];
  return Array.from({ length: count }, (_, i) => {
    const [ic, oc] = [widths[i % widths.length], widths[(i * 3 + 1) % widths.length]];
    const size = [56, 28, 14, 7][i % 4];
    return {
      ...{ name: `pointwise_${i}`, n: 1, ic, oc, groups: 1, ih: size, iw: size, oh: size, ow: size },
      ...{ kh: 1, kw: 1, stride: 1, pad: 0, dilation: 1 },
    };
  });
}

async function randomNetworks(kept) {
  const jiti = createJiti(import.meta.url);
  const { randomNetwork } = await jiti.import("../../board/random-network.ts");
  return Array.from({ length: RANDOM_NETWORKS }, (_, i) =>
    kept(`random-${i + 1}.onnx`, randomNetwork(i + 1, 6).bytes),
  );
}
