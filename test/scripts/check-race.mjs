// How often a tune is wrong about a pair of kernels on this machine: one that is as fast as the reference, and one that takes 2 % less
// time. Each pair goes through what a tune does with a candidate: a first look, and the final if that promises anything.
//
//   node test/scripts/check-race.mjs [PAIRS] [--busy LOOPS] [--json]
//
// PAIRS of each (500), beside LOOPS busy loops (0). Exit code 1 where more than 1 % of equal pairs have a winner, or fewer than 95 % of
// the others. What noise does that no machine here makes is in test/driver/tune/ratio.test.ts.
import { spawn } from "node:child_process";
import { availableParallelism, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { localRunner } from "../../dist/device/local.js";
import { opTask } from "../../dist/driver/decide/op-task.js";
import { measuredMeter } from "../../dist/driver/tune/meter.js";
import { taskData } from "../../dist/driver/tune/task-data.js";
import { TaskSearch } from "../../dist/driver/tune/tune-task.js";
import { loadTarget } from "../../dist/machine/load.js";
import { defaultCacheDir } from "../../dist/support/cache-folder.js";
import { contentKey } from "../../dist/support/stable.js";
import { compileTask } from "../../dist/task/compile-task.js";
import { findToolchain } from "../../dist/toolchain/toolchain.js";

const DIMS = { OC: 4, IC: 4, OH: 4, OW: 4, KH: 1, KW: 1 };
/** Products of a chain in each kernel, which is nearly all of its time, a tenth of a millisecond or so, wherever its code lies. */
const TURNS = 150_000;
const FASTER = 0.98;
const MOST_FALSE = 0.01;
const LEAST_FOUND = 0.95;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { busy: { type: "string", default: "0" }, json: { type: "boolean", default: false } },
});
const pairs = Number(positionals[0] ?? 500);
const target = loadTarget("host");
const task = opTask("conv2d", DIMS, target);
const { signal } = new AbortController();

/** The task's kernel behind a chain of so many products, each of which waits for the last: no two have the same object code. */
function slowed(turns) {
  const right = compileTask(task, target);
  const name = `conv2d_${String(turns).padStart(12, "0")}`;
  const step = '{ chain *= 1664525; __asm__ volatile("" : "+r"(chain)); }';
  const loop = `{ unsigned chain = 1; for (int i = 0; i < ${turns}; i++) ${step} }`;
  const c = right.c.replace(/(int end\)\s*\{)/, `$1\n    ${loop}\n`).replaceAll(right.name, name);
  return { ...right, name, key: contentKey(c), c, prototype: right.prototype.replaceAll(right.name, name) };
}

/** How many of so many pairs have the candidate as their winner. */
async function winners(turns) {
  const kernels = [slowed(TURNS), slowed(turns)];
  const place = {
    target,
    toolchain: await findToolchain(target),
    cacheDir: defaultCacheDir(),
    jobs: 1,
    signal,
  };
  const meter = measuredMeter({ ...place, boards: [{ runner: localRunner("host"), threads: 1, signal }] });
  const data = taskData(task, 1);
  const measure = async (_, candidates, _stage, effort) => {
    const prepared = await meter.prepare(kernels, () => data, effort);
    return {
      measure: async () => {
        const outcomes = new Map();
        const wanted = candidates.map(({ kernel }) => kernels.indexOf(kernel));
        await prepared.measure(wanted, (i, outcome) => outcomes.set(i, outcome));
        return wanted.map((i) => outcomes.get(i));
      },
      drop: prepared.drop,
    };
  };
  const [reference, candidate] = kernels.map((kernel) => ({ kernel }));
  let won = 0;
  for (let i = 0; i < pairs; i++) {
    const search = new TaskSearch(
      { next: async () => [reference, candidate], tell: () => {}, broken: 0 },
      measure,
    );
    const batch = await search.prepare();
    await search.take(batch);
    await batch.measurement.drop();
    await search.finish();
    if (search.state.best === candidate) won++;
  }
  return won;
}

const loops = Array.from({ length: Number(values.busy) }, () =>
  spawn("sh", ["-c", "while :; do :; done"], { stdio: "ignore" }),
);
try {
  const began = performance.now();
  const equal = await winners(TURNS + 1);
  const faster = await winners(FASTER * TURNS);
  const found = {
    ...{ pairs, equal, faster, busy: loops.length, cores: availableParallelism() },
    ...{ load: loadavg()[0], seconds: Math.round((performance.now() - began) / 1000) },
  };
  if (values.json) console.log(JSON.stringify(found, null, 2));
  else {
    const percent = (n) => `${((100 * n) / pairs).toFixed(1)} %`;
    console.log(`equal: ${equal} of ${pairs} pairs have a winner (${percent(equal)}; at most 1 %)`);
    console.log(`2 % faster: ${faster} of ${pairs} are found (${percent(faster)}; at least 95 %)`);
    console.log(
      `${found.busy} busy loops, ${found.cores} cores, load ${found.load.toFixed(1)}, ${found.seconds} s`,
    );
  }
  process.exitCode = equal <= MOST_FALSE * pairs && faster >= LEAST_FOUND * pairs ? 0 : 1;
} finally {
  for (const loop of loops) loop.kill("SIGKILL");
}
