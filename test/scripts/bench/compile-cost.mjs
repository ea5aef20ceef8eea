// What compiling one network costs, in a process of its own: seconds to C, of CPU in C compilers, and of doing all of it again
// with a warm cache, C files, bytes of the model and the most memory that the process took.
//
//   node test/scripts/bench/compile-cost.mjs MODEL.onnx TARGET FOLDER      the cache is FOLDER/cache
import { readdirSync, readFileSync, statSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";

const [model, targetName, folder] = process.argv.slice(2);
process.env.TILEWRIGHT_CACHE = join(folder, "cache");
const { buildBinary, compileToBundle } = await import("../../../dist/driver/build-network.js");
const { readNetwork } = await import("../../../dist/driver/read-network.js");
const { loadTarget } = await import("../../../dist/machine/load.js");

const jobs = availableParallelism();
const request = { model, inputShapes: [], jobs, dumpIr: undefined, signal: new AbortController().signal };
const target = loadTarget(targetName);
const quiet = () => {};

async function compileOnce(name) {
  const bundle = join(folder, name);
  const began = performance.now();
  const compiled = await compileToBundle(await readNetwork(request, quiet), target, bundle, request, quiet);
  const toC = (performance.now() - began) / 1000;
  await buildBinary(compiled, target, bundle, request, quiet);
  return { toC, files: readdirSync(join(bundle, "src/kernels")).length };
}

/** Of children that have ended: utime and stime of them are the 16th and 17th field (proc(5)), in ticks of 10 ms. */
function childSeconds() {
  const fields = readFileSync("/proc/self/stat", "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return (Number(fields[13]) + Number(fields[14])) / 100;
}

const cold = await compileOnce("cold");
const cc = childSeconds();
const megabytes = process.resourceUsage().maxRSS / 1024;
const again = performance.now();
await compileOnce("warm");
console.log(
  JSON.stringify({
    toC: cold.toC,
    cc,
    warm: (performance.now() - again) / 1000,
    files: cold.files,
    modelMegabytes: statSync(model).size / 1e6,
    megabytes,
  }),
);
