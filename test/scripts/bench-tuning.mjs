// How many candidates a minute a tune measures and checks: one 3x3 layer of 15 million multiply-adds, on this machine and
// over ssh to the loopback board, whose sessions run this machine's own programs; and on the model of a Cortex-A72 a 1x1 layer of
// MobileNet-V1, of 51 million.
//
//   node test/scripts/bench-tuning.mjs [host|ssh|model ...] [--seconds N] [--seed N]
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { openBoard } from "../../dist/device/open-board.js";
import { decidedPlan } from "../../dist/driver/decide/decided-plan.js";
import { openMeter } from "../../dist/driver/tune/open-meter.js";
import { tuneNetwork } from "../../dist/driver/tune/tune-network.js";
import { openTuneLog } from "../../dist/driver/tune/tune-record.js";
import { loadTarget } from "../../dist/machine/load.js";
import { makeRng } from "../../dist/support/rng.js";
import { startLoopbackBoard } from "../support/loopback-board/loopback-board.mjs";
import { layerGraph } from "./layer-graph.mjs";

const GROUPED = {
  ...{ name: "conv3x3", n: 1, ic: 128, oc: 128, groups: 8, ih: 28, iw: 28, oh: 28, ow: 28 },
  ...{ kh: 3, kw: 3, stride: 1, pad: 1, dilation: 1 },
};
const POINTWISE = {
  ...{ name: "conv1x1", n: 1, ic: 512, oc: 512, groups: 1, ih: 14, iw: 14, oh: 14, ow: 14 },
  ...{ kh: 1, kw: 1, stride: 1, pad: 0, dilation: 1 },
};
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: "string", default: "60" }, seed: { type: "string", default: "1" } },
});

const folder = mkdtempSync(join(tmpdir(), "bench-tuning-"));
const { signal } = new AbortController();
const notice = (text) => console.error(text);

/** Seconds that this process's cores were at work for it and for what it has started and waited for. */
function cpuSeconds() {
  const stat = readFileSync("/proc/self/stat", "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return [11, 12, 13, 14].reduce((sum, i) => sum + Number(fields[i]), 0) / 100;
}

/** Candidates a minute, with nothing compiled before; without a runner on the model of the target's core. */
async function rate(where, layer, target, runner) {
  const planned = decidedPlan(layerGraph(layer, makeRng(1)), target, { numerics: "strict" });
  const options = {
    target: planned.target,
    boards: runner === undefined ? [] : [{ runner }],
    threads: 1,
    jobs: availableParallelism(),
    signal,
  };
  const { meter, place } = await openMeter({ ...options, cacheDir: join(folder, `cache-${where}`) });
  const log = await openTuneLog(join(folder, `${where}.jsonl`), notice);
  const budget = { trials: Number.POSITIVE_INFINITY, seconds: Number(values.seconds) };
  const layers = (name) => name === layer.name;
  const before = cpuSeconds();
  const found = await tuneNetwork(planned, () => [], {
    ...{ place, meter, log, budget, layers, strategy: "estimate", seed: Number(values.seed), signal },
  });
  await log.close();
  const outcomes = new Map();
  for (const line of log.lines)
    if (line.kind === "trial") outcomes.set(line.outcome, (outcomes.get(line.outcome) ?? 0) + 1);
  const all = [...outcomes].map(([outcome, n]) => `${n} ${outcome}`).join(", ");
  const cpu = (cpuSeconds() - before) / found.trials;
  const [{ state }] = found.tasks;
  const best = `best ${(state.cost * state.ratio.median).toFixed(0)} of ${state.cost.toFixed(0)}`;
  const perMinute = (60 * found.trials) / found.seconds;
  console.log(
    `${where}: ${perMinute.toFixed(0)} candidates a minute (${all}; ${found.seconds.toFixed(0)} s, load ${loadavg()[0].toFixed(1)}; ${cpu.toFixed(2)} s of cores each; ${best})`,
  );
}

try {
  const wanted = positionals.length > 0 ? positionals : ["host", "ssh"];
  if (wanted.includes("model")) await rate("model", POINTWISE, loadTarget("rpi4"));
  const target = loadTarget("host");
  if (wanted.includes("host")) {
    const { runner } = await openBoard("host");
    await rate("host", GROUPED, target, runner);
  }
  if (wanted.includes("ssh")) {
    const board = await startLoopbackBoard();
    const opened = await openBoard(board.destination, { target, sshConfig: board.sshConfigPath, notice });
    await rate("ssh", GROUPED, target, opened.runner);
    await opened.runner.close();
    board.stop();
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
