// Makes the tables of modelled cycles that searches are compared on (make bench-tuner): the layers of tuner/layers.mjs on the
// models of three cores.
//
//   node test/scripts/tuner-tables.mjs [--work FOLDER] [--out FOLDER]
//
// One file for each core in --out (test/bench/tuner). What is found is kept in --work, one file for each layer and core, and not
// made again. All of it takes 40 minutes or more.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { opTask } from "../../dist/driver/decide/op-task.js";
import { madeWith } from "../../dist/driver/run/made-with.js";
import { taskOf } from "../../dist/driver/tune/about-task.js";
import { coreName } from "../../dist/driver/tune/core-name.js";
import { FEATURES } from "../../dist/driver/tune/features.js";
import { loadTarget } from "../../dist/machine/load.js";
import { renderDiagnostic } from "../../dist/support/diagnostic.js";
import { TUNER_LAYERS } from "./tuner/layers.mjs";
import { modelBatch } from "./tuner/model-batch.mjs";
import { oraclePoints } from "./tuner/oracle-points.mjs";

const BOARDS = ["rpi3", "rpi4", "rpi5"];
/** Kernels in one program. */
const BATCH = 43;

const { values } = parseArgs({
  options: {
    work: { type: "string", default: "build/tuner-tables" },
    out: { type: "string", default: "test/bench/tuner" },
  },
});
const say = (text) => process.stderr.write(`${text}\n`);
const stop = new AbortController();
process.once("SIGINT", () => stop.abort());

async function layerTable(layer, board) {
  const file = join(values.work, `${layer.name}-${board}.json`);
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
  }
  const began = performance.now();
  const target = loadTarget(board);
  const task = opTask("conv2d", layer.dims, target);
  const { points, ...counts } = oraclePoints(task, target);
  const cycles = [];
  for (let at = 0; at < points.length; at += BATCH) {
    const kernels = points.slice(at, at + BATCH).map(({ kernel }) => kernel);
    cycles.push(...(await modelBatch(kernels, target, stop.signal)));
  }
  const rows = points.map(({ point, kernel, ...rest }, i) => ({
    ...{ ...point, ...rest },
    kernel: kernel.name,
    cycles: cycles[i],
  }));
  const made = { layer: layer.name, ...taskOf(task), counts, points: rows };
  writeFileSync(`${file}.part`, JSON.stringify(made));
  renameSync(`${file}.part`, file);
  const seconds = Math.round((performance.now() - began) / 1000);
  say(`${layer.name}, ${target.core.name}: ${points.length} of ${counts.space} points, ${seconds} s`);
  return made;
}

/** The tables of one core's layers in one file. */
async function writeTable(board, found) {
  const target = loadTarget(board);
  const place = {
    ...{ board, target: board, core: coreName(target), isa: target.isa.name, threads: 1 },
    ...{ made: await madeWith(target), kind: "modelled" },
  };
  const tasks = found.map(({ counts, points, ...task }) => ({
    ...{ ...task, left_out: counts.lowered - counts.worth },
    points,
  }));
  const table = { kind: "tuning-table", version: 1, place, features: FEATURES, tasks };
  const file = join(values.out, `${target.core.name}.json.gz`);
  writeFileSync(file, gzipSync(JSON.stringify(table), { level: 9 }));
  const points = tasks.reduce((n, task) => n + task.points.length, 0);
  say(`${file}: ${tasks.length} layers, ${points} points`);
}

try {
  for (const folder of [values.work, values.out]) mkdirSync(folder, { recursive: true });
  const found = new Map(BOARDS.map((board) => [board, []]));
  for (const layer of TUNER_LAYERS)
    for (const board of BOARDS) found.get(board).push(await layerTable(layer, board));
  for (const [board, layers] of found) await writeTable(board, layers);
} catch (error) {
  process.exitCode = stop.signal.aborted ? 130 : 1;
  if (!stop.signal.aborted) say(error.diagnostic ? renderDiagnostic(error.diagnostic) : error.stack);
}
