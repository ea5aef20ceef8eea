// Compares a run over all test images with their labels and with ONNX Runtime:
//
//   node test/scripts/check-digits.mjs MODEL.onnx TEST.npz SCORES.npy
import { readFileSync } from "node:fs";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { readNpy, readNpz } from "../../dist/frontend/npy.js";

const [model, test, file] = process.argv.slice(2);
const arrays = readNpz(readFileSync(test), test);
const images = arrays.get("images");
const labels = arrays.get("labels").data;
const { shape, data: scores } = readNpy(readFileSync(file), file);
const [samples, classes] = shape;
const pixels = images.data.length / samples;

const session = await InferenceSession.create(model);
const best = (row) => row.indexOf(Math.max(...row));
let right = 0;
let agree = 0;
let error = 0;
for (let i = 0; i < samples; i++) {
  const x = new Tensor("float32", images.data.slice(i * pixels, (i + 1) * pixels), [
    1,
    ...images.shape.slice(1),
  ]);
  const theirs = (await session.run({ [session.inputNames[0]]: x }))[session.outputNames[0]].data;
  const ours = scores.subarray(i * classes, (i + 1) * classes);
  if (best(ours) === labels[i]) right++;
  if (best(ours) === best(theirs)) agree++;
  for (let c = 0; c < classes; c++) error = Math.max(error, Math.abs(ours[c] - theirs[c]));
}
const of = `of ${samples} images`;
console.log(`    ${right} ${of} are classified right (${((100 * right) / samples).toFixed(2)} %)`);
console.log(
  `    ${agree} ${of} get the digit that ONNX Runtime gives them; largest difference of a probability ${error.toExponential(1)}`,
);
if (right / samples < 0.97 || agree < samples || !(error <= 1e-4)) {
  console.error("    this is not good enough: 97 %, all of them and 1e-4 were expected");
  process.exitCode = 1;
}
