// How long the compiler takes: ResNeXt-50 at 224x224, everything cold, then warm; and `tilewright --help`.
//
//   node test/scripts/bench-compiler.mjs [MODEL [TARGET]]
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { buildBinary, compileToBundle, readNetwork } from "../../dist/driver/build-network.js";
import { loadTarget } from "../../dist/machine/load.js";

const [model = "zoo:resnext50", targetName = "rpi4"] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "tilewright-bench-"));
// A cache of its own: cold means cold, and the user's stays as it is.
process.env.TILEWRIGHT_CACHE = join(folder, "cache");

const jobs = availableParallelism();
const request = { model, inputShapes: [], jobs, dumpIr: undefined, signal: new AbortController().signal };
const target = loadTarget(targetName);
const quiet = () => {};
const failures = [];

/** Seconds that `work` takes, and what it gives. */
async function timed(work) {
  const began = performance.now();
  const result = await work();
  return [(performance.now() - began) / 1000, result];
}

function say(what, value, unit, limit) {
  const ok = value <= limit;
  if (!ok) failures.push(what);
  console.log(
    `${what.padEnd(44)} ${value.toFixed(2).padStart(8)} ${unit}   limit ${limit} ${unit}${ok ? "" : "   TOO MUCH"}`,
  );
}

async function compileOnce(name) {
  const bundle = join(folder, name);
  const [compile, compiled] = await timed(async () =>
    compileToBundle(await readNetwork(request, quiet), target, bundle, request, quiet),
  );
  const [build] = await timed(() => buildBinary(compiled, target, bundle, request, quiet));
  return { compile, build };
}

try {
  console.log(`${model} for ${targetName}, ${jobs} C compilers at a time, Node ${process.version}`);
  const cold = await compileOnce("cold");
  say("to C, cold (TypeScript)", cold.compile, "s", 15);
  say("C compiler, cold", cold.build, "s", 90);
  const warm = await compileOnce("warm");
  say("all of it again, warm", warm.compile + warm.build, "s", 5);
  say("most memory of the compiler", process.resourceUsage().maxRSS / 2 ** 20, "GiB", 1.5);
  const help = [];
  for (let i = 0; i < 7; i++) {
    const began = performance.now();
    spawnSync(process.execPath, ["dist/cli/main.js", "--help"]);
    help.push(performance.now() - began);
  }
  say("tilewright --help (median of 7)", help.sort((a, b) => a - b)[3], "ms", 300);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (failures.length > 0) {
  console.error(`over the limit: ${failures.join(", ")}`);
  process.exitCode = 1;
}
