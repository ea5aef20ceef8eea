// What it costs to give a network frames of a camera instead of prepared floats: the layers before the first convolution, timed inside
// whole inferences on this machine, beside the plain copy that floats need.
//
//   node test/scripts/bench-frames.mjs [MODEL]
import { execFileSync } from "node:child_process";

const [model = "zoo:mobilenet-v1"] = process.argv.slice(2);
const BYTES = ["--input-u8", "--input-layout", "nhwc"];
const IMAGENET = ["--mean", "123.675,116.28,103.53", "--scale", "0.0171248,0.017507,0.0174292"];
const KINDS = {
  "floats as the model has them": [],
  "bytes, nhwc, mean and scale": [...BYTES, ...IMAGENET],
  "bytes, nhwc, bgr, mean and scale": [...BYTES, "--input-order", "bgr", ...IMAGENET],
  "bytes, planes, scale": ["--input-u8", "--scale", "0.00392157"],
  "bytes of 480x640, resized": [...BYTES, ...IMAGENET, "--input-size", "480,640"],
};

/** Microseconds of each layer that comes before the first one that multiplies weights. */
function before(options) {
  const args = [
    "dist/cli/main.js",
    "bench",
    model,
    "--board",
    "host",
    "--repeats",
    "100",
    "--json",
    ...options,
  ];
  const { layers } = JSON.parse(
    execFileSync(process.execPath, args, { stdio: ["ignore", "pipe", "ignore"] }),
  );
  const first = layers.findIndex(({ op }) => op === "conv2d");
  return layers.slice(0, first).map(({ op, times }) => ({ op, us: times.median / 1000 }));
}

for (const [title, options] of Object.entries(KINDS)) {
  const layers = before(options);
  const all = layers.reduce((sum, { us }) => sum + us, 0);
  const parts = layers.map(({ op, us }) => `${op} ${us.toFixed(1)}`).join(" + ");
  process.stdout.write(`${title.padEnd(34)} ${all.toFixed(1).padStart(7)} us = ${parts}\n`);
}
