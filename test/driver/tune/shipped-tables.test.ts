import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { hopeless } from "../../../compiler/driver/tune/draft.ts";
import { proposals } from "../../../compiler/driver/tune/propose.ts";
import { tableSpace } from "../../../compiler/driver/tune/table-space.ts";
import { readTuneTable, type TableTask } from "../../../compiler/driver/tune/tune-table.ts";
import { loadTarget } from "../../../compiler/machine/load.ts";
import { PACKAGE_ROOT } from "../../../compiler/support/paths.ts";
import { makeRng } from "../../../compiler/support/rng.ts";

const CORES = ["cortex-a53", "cortex-a72", "cortex-a76"];
const tables = await Promise.all(
  CORES.map((core) => readTuneTable(join(PACKAGE_ROOT, "test/bench/tuner", `${core}.json.gz`))),
);

/** Of each layer of each core: what the first trials of the usual search come to, in parts of the best of the table. */
async function firstTrials(task: TableTask, limit: number, batches: number): Promise<readonly number[]> {
  const cycles = new Map(task.points.map(({ kernel, cycles: own = 0 }) => [kernel, own]));
  const least = Math.min(...cycles.values());
  const order = proposals(tableSpace(task, limit), "learned", makeRng(1));
  const tried: number[] = [];
  for (let i = 0; i < batches; i++)
    for (const candidate of await order.next(16)) {
      const own = cycles.get(candidate.kernel.name) ?? 0;
      order.tell(candidate, own / (task.points[0].cycles ?? 1));
      tried.push(own / least);
    }
  return tried;
}

describe("tables of modelled cycles", () => {
  test("are of the same twelve layers on each core", () => {
    const layers = tables.map(({ tasks }) => tasks.map(({ layer }) => layer));
    expect(layers[0].length).toBe(12);
    expect(layers).toEqual([layers[0], layers[0], layers[0]]);
    expect(tables.map(({ place }) => place.core)).toEqual(CORES);
  });

  test("the usual search is soon near their best", async () => {
    const all: (readonly number[])[] = [];
    for (const { place, tasks } of tables) {
      const limit = hopeless(loadTarget(place.target));
      for (const task of tasks) all.push(await firstTrials(task, limit, 2));
    }
    const to = all.map((tried) => tried.findIndex((ratio) => ratio <= 1.05) + 1).toSorted((a, b) => a - b);
    expect(to[0]).toBeGreaterThan(0);
    expect(to[to.length / 2]).toBeLessThanOrEqual(8);
    expect(to[Math.floor(0.9 * to.length)]).toBeLessThanOrEqual(24);
    const logs = all.map((tried) => Math.log(Math.min(...tried.slice(0, 16))));
    expect(Math.exp(logs.reduce((a, b) => a + b, 0) / logs.length)).toBeLessThanOrEqual(1.03);
  });
});
