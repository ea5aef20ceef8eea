// How good searches are: each runs over recorded results of layers on modelled cores (test/bench/tuner), from 20 seeds.
//
//   node test/scripts/bench-tuner.mjs [--seeds N] [--search NAME ...] [--tables FOLDER] [--tunes N] [--json]
//
// Prints, over all layers, cores and seeds: trials until the best is within 5 % and 2 % of the best of the table (median, 90th
// percentile, mean; a search that ends before counts all points of the table), and how far the best after k trials is from it (geometric
// mean). Random, grid and evolution do not know the estimate: see blind() in tuner/searches.mjs. Then N tunes with noise.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { hopeless } from "../../dist/driver/tune/draft.js";
import { STRATEGY_NAMES } from "../../dist/driver/tune/strategy-names.js";
import { readTuneTable } from "../../dist/driver/tune/tune-table.js";
import { loadTarget } from "../../dist/machine/load.js";
import { renderDiagnostic } from "../../dist/support/diagnostic.js";
import { AFTER, figureLines, figuresOf } from "./tuner/figures.mjs";
import { noisyTune } from "./tuner/noisy-tunes.mjs";
import { bestAfter, blind, lessonsOf, oneKnobCycles, trialsTo, triedCycles } from "./tuner/searches.mjs";

const ONE_KNOB = "one knob";
/** The same search where the tune has tried the other layers before. */
const AFTER_OTHERS = "learned, after others";
const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "20" },
    search: { type: "string", multiple: true, default: [...STRATEGY_NAMES, AFTER_OTHERS, ONE_KNOB] },
    tables: { type: "string", default: "test/bench/tuner" },
    tunes: { type: "string", default: "1000" },
    json: { type: "boolean", default: false },
  },
});

async function triedBy(name, task, seed, limit, others) {
  if (name === ONE_KNOB) return oneKnobCycles(task);
  if (name === AFTER_OTHERS) return triedCycles(task, "learned", seed, limit, others);
  const tried = await triedCycles(task, name, seed, limit);
  // the first generation of an evolution is drawn at random, everything of the others
  const drawn = { random: tried.length, grid: tried.length, evolution: 16 }[name];
  return drawn === undefined ? tried : blind(tried, task, seed, drawn);
}

/** Of so many tunes of all tables by the usual search, with noise: how many ended with what is truly slower than the default. */
async function worseOf(tables, count) {
  const all = tables.flatMap((table) => table.tasks.map((task) => ({ table, task })));
  let worse = 0;
  for (let i = 0; i < count; i++) {
    const { table, task } = all[i % all.length];
    if ((await noisyTune(table, task, "learned", i)) > 1) worse++;
  }
  return worse;
}

function runOf(task, tried) {
  const oracle = Math.min(...task.points.map(({ cycles }) => cycles ?? Number.POSITIVE_INFINITY));
  const most = task.points.length + (task.left_out ?? 0);
  const to = (part) => Math.min(most, trialsTo(tried, oracle, part));
  return {
    layer: task.layer,
    to: { 5: to(0.05), 2: to(0.02) },
    after: AFTER.map((count) => bestAfter(tried, oracle, count)),
  };
}

try {
  const files = readdirSync(values.tables).filter((file) => file.endsWith(".json.gz"));
  const tables = await Promise.all(files.map((file) => readTuneTable(join(values.tables, file))));
  const runs = Object.fromEntries(values.search.map((name) => [name, []]));
  for (const { place, tasks } of tables) {
    const limit = hopeless(loadTarget(place.target));
    const lessons = await Promise.all(tasks.map((task, i) => lessonsOf(task, i, limit)));
    for (const task of tasks)
      for (const name of values.search)
        for (let seed = 1; seed <= Number(values.seeds); seed++) {
          const tried = await triedBy(name, task, seed, limit, lessons.toSpliced(tasks.indexOf(task), 1));
          runs[name].push({ core: place.core, seed, ...runOf(task, tried) });
        }
  }
  const figures = Object.fromEntries(Object.entries(runs).map(([name, of]) => [name, figuresOf(of)]));
  const tunes = Number(values.tunes);
  const worse = await worseOf(tables, tunes);
  if (values.json) console.log(JSON.stringify({ figures, tunes, worse, runs }, null, 1));
  else
    for (const line of [
      ...figureLines(figures),
      `worse than the default: ${worse} of ${tunes} tunes with noise`,
    ])
      console.log(line);
} catch (error) {
  process.exitCode = 1;
  process.stderr.write(`${error.diagnostic ? renderDiagnostic(error.diagnostic) : error.stack}\n`);
}
