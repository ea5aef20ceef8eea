// Cycles of whole networks on modelled cores, each network compiled for each core's board.
import { rmSync } from "node:fs";
import { join } from "node:path";
import pLimit from "p-limit";
import { buildBinary, compileToBundle } from "../../../dist/driver/build-network.js";
import { readNetwork } from "../../../dist/driver/read-network.js";
import { modelNetwork } from "../../../dist/driver/run/model-network.js";
import { modelReport } from "../../../dist/driver/run/model-report.js";
import { bestPeer } from "./network-peers.mjs";
import { isWidePointwise } from "./pointwise.mjs";
import { rememberedRow } from "./remembered-row.mjs";

/** Runs under qemu at a time. */
const JOBS = 2;
const TIMEOUT_SECONDS = 3600;
const quiet = () => {};

/** Begins with all networks; a function that waits for the row of one: its figures by core. */
export function openModels(folder, targets, models, signal, say) {
  const limit = pLimit(JOBS);
  let done = 0;
  const one = (model, target) =>
    limit(async () => {
      signal.throwIfAborted();
      const began = performance.now();
      const report = await rememberedRow(model, target, () => modelOne(folder, model, target, signal, say));
      const seconds = (performance.now() - began) / 1000;
      done++;
      if (seconds > 1)
        say(
          `${model} on ${target.core.name} (${seconds.toFixed(0)} s), ${done} of ${models.length * targets.length}`,
        );
      return report;
    });
  const rows = new Map(
    models.map((model) => [model, Promise.all(targets.map((target) => one(model, target)))]),
  );
  // Each is awaited when its turn comes to be printed.
  for (const row of rows.values()) row.catch(() => {});
  return async (model) => {
    const reports = await rows.get(model);
    const cores = reports.map((report) => {
      const peer = bestPeer(model, report.core);
      return [report.core, { ...report, ...(peer && { peer, ratio: report.whole.cycles / peer.cycles }) }];
    });
    return { macs: reports[0].macs, cores: Object.fromEntries(cores) };
  };
}

async function modelOne(folder, model, target, signal, say) {
  const bundle = join(folder, `${target.name}-${model.replace(/\W/g, "_")}`);
  const request = { model, inputShapes: [], jobs: 1, dumpIr: undefined, signal };
  try {
    const compiled = await compileToBundle(await readNetwork(request, quiet), target, bundle, request, quiet);
    const built = await buildBinary(compiled, target, bundle, request, quiet);
    const { steps } = compiled.plan;
    say(`${model}: ${target.core.name} is modelled ...`);
    const job = {
      program: built.program,
      steps: steps.length,
      target,
      timeoutSeconds: TIMEOUT_SECONDS,
      signal,
    };
    const report = modelReport(built, await modelNetwork(job));
    const layers = report.layers.map((layer, i) => ({ ...layer, wide1x1: isWidePointwise(steps[i].task) }));
    return { ...report, layers };
  } finally {
    rmSync(bundle, { recursive: true, force: true });
  }
}
