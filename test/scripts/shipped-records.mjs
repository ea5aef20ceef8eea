// Makes the records that come with Tilewright (targets/records): the kernels that networks spend most in, tuned on the models of
// three cores. `layers` stands for the 28 layers of test/bench/workloads.json: what is won there is told, and not shipped.
//
//   node test/scripts/shipped-records.mjs [--board BOARD ...] [--kernels N] [--trials N] [--work FOLDER] [--out FOLDER] [MODEL ... layers]
//
// Of each model the --kernels (8) heaviest by their drafts are tuned, half of them grouped, --trials (16) for each of them. What was tried is kept in --work, a log
// for each model and core, and not tried again: the same command goes on. Records that are there already stay, unless found anew;
// none does that a run of the whole network does not bear out. Takes one to four seconds a trial.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { decidedPlan } from "../../dist/driver/decide/decided-plan.js";
import { readNetwork } from "../../dist/driver/read-network.js";
import { workloadOf } from "../../dist/driver/tune/about-task.js";
import { openMeter } from "../../dist/driver/tune/open-meter.js";
import { worthShipping } from "../../dist/driver/tune/records/shipped-records.js";
import { taskSpace } from "../../dist/driver/tune/task-space.js";
import { tuneNetwork } from "../../dist/driver/tune/tune-network.js";
import { openTuneLog, readTuneLog } from "../../dist/driver/tune/tune-record.js";
import { tuneTasks } from "../../dist/driver/tune/tune-tasks.js";
import { loadTarget } from "../../dist/machine/load.js";
import { renderDiagnostic } from "../../dist/support/diagnostic.js";
import { makeRng } from "../../dist/support/rng.js";
import { writeWhole } from "../../dist/support/write-whole.js";
import { layerGraph } from "./layer-graph.mjs";

/** What a record has to save of its kernels' cycles in a whole run of the network. */
const LEAST_IN_NETWORK = 0.01;
/** The bench's layers instead of a network. */
const LAYERS = "layers";
const MODELS = ["mobilenet-v1", "mobilenet-v2", "shufflenet-v1", "resnet18", "squeezenet1.1", "resnext50"];
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    board: { type: "string", multiple: true, default: ["rpi3", "rpi4", "rpi5"] },
    kernels: { type: "string", default: "8" },
    trials: { type: "string", default: "16" },
    work: { type: "string", default: "build/shipped-records" },
    out: { type: "string", default: "targets/records" },
  },
});
const say = (text) => process.stderr.write(`${text}\n`);
const stop = new AbortController();
process.once("SIGINT", () => stop.abort());
const signal = stop.signal;

async function plansOf(name, target) {
  if (name !== LAYERS) {
    const network = await readNetwork({ model: `zoo:${name}`, inputShapes: [], signal }, () => {});
    return [decidedPlan(network.graph, target, { numerics: "fast" })];
  }
  const layers = JSON.parse(readFileSync("test/bench/workloads.json", "utf8"));
  return layers.map((layer) => decidedPlan(layerGraph(layer, makeRng(1)), target, { numerics: "strict" }));
}

/** Names of the layers that the heaviest kernels stand for, half of them grouped: those leave most to be won. Of a single layer itself. */
function heaviest({ plan, target }, most) {
  const drafts = tuneTasks(plan.steps).map(({ task, layer, count }) => {
    const space = taskSpace(task, target);
    const [first] = space.points();
    return { layer, isGrouped: task.dims.G > 1, cost: count * (space.make(first)?.draft ?? 0) };
  });
  const ranked = drafts.sort((a, b) => b.cost - a.cost);
  const [grouped, others] = [true, false].map((is) => ranked.filter(({ isGrouped }) => isGrouped === is));
  const half = grouped.slice(0, Math.ceil(most / 2));
  return new Set([...half, ...others.slice(0, most - half.length)].map(({ layer }) => layer));
}

/** What is won of one model on one core: each kernel's best in parts of its default. */
async function tuned(name, board, open) {
  const ratios = [];
  for (const planned of await plansOf(name, loadTarget(board))) {
    const chosen = heaviest(planned, name === LAYERS ? 1 : Number(values.kernels));
    const budget = { trials: chosen.size * Number(values.trials), seconds: Number.POSITIVE_INFINITY };
    const { meter, place } = await openMeter({
      ...{ target: planned.target, boards: [], threads: 1, jobs: availableParallelism(), signal },
    });
    const report = await tuneNetwork(planned, () => [], {
      ...{ place, meter, log: open, budget, strategy: "learned", seed: 1, signal },
      layers: (layer) => chosen.has(layer),
    });
    for (const { layer, state } of report.tasks) {
      ratios.push(state.ratio.median);
      const gain = (100 * (1 - state.ratio.median)).toFixed(1);
      say(`  ${place.core} ${name} ${layer}: ${gain} % of ${(state.cost / 1e6).toFixed(2)} million cycles`);
    }
  }
  return ratios;
}

/** Of a step as a bench of the network has it, the cycles; with those records or with none. */
function benchCycles(name, board, records) {
  const words = [
    "bench",
    `zoo:${name}`,
    "--board",
    `qemu-${board}`,
    "--modelled",
    "--json",
    "--records",
    "none",
  ];
  const own = records === undefined ? [] : ["--records", records];
  const text = execFileSync(process.execPath, ["dist/cli/main.js", ...words, ...own], {
    stdio: ["ignore", "pipe", "ignore"],
    maxBuffer: 2 ** 26,
  });
  return new Map(JSON.parse(text).layers.map((layer) => [layer.name, layer.cycles]));
}

/** Records that a network's own run bears out: alone a kernel has its inputs at hand. Those of kernels that it does not have stay. */
async function borneOut(name, board, records) {
  if (records.length === 0) return [];
  const [{ plan }] = await plansOf(name, loadTarget(board));
  const file = join(values.work, `${board}.part.jsonl`);
  await writeWhole(file, written(records));
  const [without, by] = [undefined, file].map((path) => benchCycles(name, board, path));
  return records.filter(({ workload }) => {
    const steps = plan.steps.filter(({ task }) => workloadOf(task) === workload);
    const sum = (of) => steps.reduce((cycles, step) => cycles + of.get(step.name), 0);
    if (steps.length > 0)
      say(
        `  ${board} ${name} ${steps[0].name}: ${sum(without)} cycles in the network, ${sum(by)} by its record`,
      );
    return steps.length === 0 || sum(by) <= (1 - LEAST_IN_NETWORK) * sum(without);
  });
}

const mean = (ratios) => Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
const written = (lines) => lines.map((line) => `${JSON.stringify(line)}\n`).join("");

try {
  mkdirSync(values.out, { recursive: true });
  for (const board of values.board) {
    const { core } = loadTarget(board);
    const names = positionals.length > 0 ? positionals : MODELS;
    for (const name of names) {
      const log = await openTuneLog(join(values.work, name, `${core.name}.jsonl`), say);
      const ratios = await tuned(name, board, log).finally(() => log.close());
      if (ratios.length === 0) continue;
      const saved = (100 * (1 - mean(ratios))).toFixed(1);
      console.log(
        `${core.name} ${name}: ${saved} % fewer cycles in the geometric mean of ${ratios.length} kernels`,
      );
    }
    const shipped = names.filter((name) => name !== LAYERS);
    if (shipped.length === 0) continue;
    const file = join(values.out, `${core.name}.jsonl`);
    const known = await readTuneLog(file, say).catch(() => []);
    const logs = shipped.map((name) => readTuneLog(join(values.work, name, `${core.name}.jsonl`), say));
    let lines = worthShipping([known, ...(await Promise.all(logs))].flat());
    for (const name of shipped) lines = await borneOut(name, board, lines);
    if (lines.length > 0) await writeWhole(file, written(lines));
    console.log(`${file}: ${lines.length} records`);
  }
} catch (error) {
  process.exitCode = signal.aborted ? 130 : 1;
  if (!signal.aborted) say(error.diagnostic ? renderDiagnostic(error.diagnostic) : error.stack);
}
