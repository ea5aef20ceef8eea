// Draws a digit of 8x8 pixels and what the network says of it: show-digit.mjs IMAGE.npy SCORES.npy
import { readFileSync } from "node:fs";
import { readNpy } from "../../dist/frontend/npy.js";

const [image, scores] = process.argv.slice(2).map((file) => readNpy(readFileSync(file), file).data);
const most = Math.max(...image);
const shade = (value) => " .:-=+*#%@"[Math.max(0, Math.min(9, Math.round((9 * value) / most)))].repeat(2);
for (let row = 0; row < 8; row++)
  console.log(`    ${[...image.slice(8 * row, 8 * row + 8)].map(shade).join("")}`);
const digit = scores.indexOf(Math.max(...scores));
console.log(`    this looks like: ${digit} (probability ${scores[digit].toFixed(4)})`);
