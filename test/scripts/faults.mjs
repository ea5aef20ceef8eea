// Plants faults in generated C and packed weights, one at a time, and counts those that the default checks of `tilewright test`
// find, and of how many the first wrong layer is the faulty one.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { openBoard } from "../../dist/device/open-board.js";
import { writeBundle } from "../../dist/driver/bundle/emit-bundle-write.js";
import { wholeFile } from "../../dist/driver/bundle/large-file.js";
import { compileNetwork } from "../../dist/driver/compile-network.js";
import { runNetwork } from "../../dist/driver/run/run-network.js";
import { checkNetwork } from "../../dist/driver/test/check-network.js";
import { layerGraph } from "../../dist/driver/test/layer-graph.js";
import { testInputs } from "../../dist/driver/test/test-inputs.js";
import { makeRng } from "../../dist/support/rng.js";
import { buildBundle, readMetadata } from "../../dist/toolchain/compile-bundle.js";
import { KINDS, WEIGHT_KINDS } from "./faults/kinds.mjs";
import { LAYERS } from "./faults/layers.mjs";

const { values: options } = parseArgs({
  options: {
    count: { type: "string", default: "500" },
    seed: { type: "string", default: "1" },
    board: { type: "string", default: "qemu-rpi4" },
    verbose: { type: "boolean" },
  },
});
const rng = makeRng(Number(options.seed));
const { runner, target } = await openBoard(options.board);
const kinds = [...Object.keys(KINDS), ...Object.keys(WEIGHT_KINDS)];
const tally = new Map(kinds.map((kind) => [kind, { planted: 0, found: 0, named: 0 }]));
const compiled = new Map();
/** Changes that change no result. */
let harmless = 0;

/** Compiles a layer once. */
async function layerOf(layer) {
  const known = compiled.get(layer.name);
  if (known !== undefined) return known;
  const graph = layerGraph(layer, 1);
  const network = await compileNetwork(graph, target, { meta: { modelSha256: "0".repeat(64) } });
  const made = { graph, network };
  compiled.set(layer.name, made);
  return made;
}

/** Files of a bundle with one fault, and the steps that it may show in; undefined where the layer has no place for it. */
function planted(kind, { network }) {
  const files = new Map(network.files);
  if (kind in WEIGHT_KINDS) {
    const [name] = [...files.keys()].filter((path) => path.startsWith("weights/"));
    if (name === undefined) return undefined;
    const bytes = wholeFile(files.get(name));
    const weights = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
    const changed = WEIGHT_KINDS[kind](weights, rng);
    if (changed === undefined) return undefined;
    files.set(name, new Uint8Array(changed.buffer));
    return {
      files,
      steps: network.plan.steps.filter(({ args }) => Object.values(args).some((a) => a.kind === "weight")),
    };
  }
  const kernels = [...files].flatMap(([file, text]) =>
    /kernels\/.*\.c$/.test(file) ? [{ file, text: String(text) }] : [],
  );
  const places = KINDS[kind](kernels);
  if (places.length === 0) return undefined;
  const { file, contents } = places[rng.int(places.length)];
  files.set(file, contents);
  return { files, file, steps: network.plan.steps.filter((_, i) => file.includes(network.kernels[i].name)) };
}

/** Names of the layers that may be called wrong: of a step that leaves no tensor the next that reads what it wrote. */
function culprits({ network }, steps) {
  const all = network.plan.steps;
  return steps.map(
    (step) => all.slice(all.indexOf(step)).find(({ produces }) => produces !== undefined)?.name,
  );
}

/** Builds a bundle's files for as long as `use` needs the program. */
async function withProgram(files, use) {
  const folder = await mkdtemp(join(tmpdir(), "tilewright-fault-"));
  try {
    await writeBundle(files, folder);
    const { program } = await buildBundle(folder, target, { jobs: 2 });
    return await use({ program, metadata: await readMetadata(folder) });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The first check that fails: the default ones, in their order. */
async function check({ graph }, network) {
  try {
    for (const wish of ["random", "ones", "ramp"]) {
      const inputs = await testInputs(graph, wish, 1);
      const run = { threads: [1, 4], tolerance: 1, timeoutSeconds: 60 };
      const { checks } = await checkNetwork({ graph, network, runner }, inputs, run);
      const bad = checks.find(({ ok }) => !ok);
      if (bad !== undefined) return bad;
    }
    return undefined;
  } catch (error) {
    return { failure: { crashed: error.message } };
  }
}

/** Outputs of a network under inputs that the default checks do not have. */
async function otherOutputs({ graph }, network) {
  const found = [];
  for (let seed = 101; seed <= 108; seed++) {
    for (const wish of ["random", "special"]) {
      const { values } = await testInputs(graph, wish, seed);
      for (const threads of [1, 4]) {
        const { outputs } = await runNetwork(network, runner, values, { threads, timeoutSeconds: 60 });
        found.push(
          ...[...outputs.values()].map(({ data }) => Buffer.from(data.buffer.slice(0)).toString("base64")),
        );
      }
    }
  }
  return found;
}

/**
 * Whether a change is no fault: on 16 other inputs, NaN and infinities among them, on one thread and on four, every bit of the outputs
 * is as without it. It then touches what no result hangs on: products with a border's zeros, what is computed beside the map.
 */
async function isNone(layer, network) {
  layer.others ??= await withProgram(layer.network.files, (right) => otherOutputs(layer, right));
  const now = await otherOutputs(layer, network);
  return now.every((bits, i) => bits === layer.others[i]);
}

const began = performance.now();
for (let i = 0; i < Number(options.count); ) {
  const kind = kinds[i % kinds.length];
  const threads = kind === "race between threads";
  const fitting = LAYERS.filter(({ name }) => threads === name.startsWith("threads"));
  const layer = await layerOf(fitting[rng.int(fitting.length)]);
  const fault = planted(kind, layer);
  if (fault === undefined) continue;
  const [bad, none] = await withProgram(fault.files, async (network) => {
    const failed = await check(layer, network);
    return [failed, failed === undefined && (await isNone(layer, network))];
  });
  if (none) {
    harmless++;
    continue;
  }
  i++;
  const row = tally.get(kind);
  row.planted++;
  if (bad === undefined) {
    console.log(`NOT FOUND: ${kind} in ${layer.graph.name}, ${fault.file ?? "weights"}`);
    if (options.verbose)
      showChange(String(layer.network.files.get(fault.file)), String(fault.files.get(fault.file)));
    continue;
  }
  row.found++;
  const named = bad.failure?.layer;
  const right =
    bad.failure?.crashed !== undefined || named === undefined || culprits(layer, fault.steps).includes(named);
  if (right) row.named++;
  else
    console.log(`NAMED ${named} INSTEAD OF ${culprits(layer, fault.steps)}: ${kind} in ${layer.graph.name}`);
  if (i % 25 === 0) console.error(`${i} planted, ${Math.round((performance.now() - began) / 1000)} s`);
}
await runner.close();

function showChange(before, after) {
  const [a, b] = [before.split("\n"), after.split("\n")];
  const at = a.findIndex((line, i) => line !== b[i]);
  console.log(`  line ${at + 1}\n  - ${a[at]?.trim()}\n  + ${b[at]?.trim()}`);
}

let total = { planted: 0, found: 0, named: 0 };
for (const [kind, row] of tally) {
  console.log(
    `${kind.padEnd(26)} ${String(row.planted).padStart(4)} planted ${String(row.found).padStart(4)} found ${String(row.named).padStart(4)} in the right layer`,
  );
  total = {
    planted: total.planted + row.planted,
    found: total.found + row.found,
    named: total.named + row.named,
  };
}
console.log(`${harmless} other changes are no faults: they change no bit of a result`);
console.log(
  `${total.planted} faults planted, ${total.found} found, the first wrong layer right in ${total.named}`,
);
process.exitCode = total.found === total.planted && total.named === total.planted ? 0 : 1;
