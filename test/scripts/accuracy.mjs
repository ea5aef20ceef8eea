// How often the largest score is the label's: accuracy.mjs TEST.npz SCORES.npy
import { readFileSync } from "node:fs";
import { readNpy, readNpz } from "../../dist/frontend/npy.js";

const [test, scores] = process.argv.slice(2);
const labels = readNpz(readFileSync(test), test).get("labels").data;
const { shape, data } = readNpy(readFileSync(scores), scores);
const [samples, classes] = shape;
let right = 0;
for (let i = 0; i < samples; i++) {
  const row = data.subarray(i * classes, (i + 1) * classes);
  if (row.indexOf(Math.max(...row)) === labels[i]) right++;
}
console.log(
  `    ${right} of ${samples} images are classified right (${((100 * right) / samples).toFixed(2)} %)`,
);
if (right / samples < 0.97) process.exitCode = 1;
