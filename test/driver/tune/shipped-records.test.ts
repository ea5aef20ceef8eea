import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { withRecords } from "../../../compiler/cli/with-records.ts";
import type { NetworkRequest } from "../../../compiler/driver/build-network.ts";
import { decidedPlan } from "../../../compiler/driver/decide/decided-plan.ts";
import { keptKernel } from "../../../compiler/driver/decide/kept-kernels.ts";
import { type Network, readNetwork } from "../../../compiler/driver/read-network.ts";
import { servesAlike } from "../../../compiler/driver/tune/records/best-records.ts";
import { shippedRecords, worthShipping } from "../../../compiler/driver/tune/records/shipped-records.ts";
import type { Winner } from "../../../compiler/driver/tune/tune-record.ts";
import { loadTarget } from "../../../compiler/machine/load.ts";
import { PACKAGE_ROOT } from "../../../compiler/support/paths.ts";
import { tilewright } from "../../cli/command-line.ts";

const shipped = (await shippedRecords()).filter((line): line is Winner => line.kind === "winner");

describe("records that come with Tilewright", () => {
  test("are of modelled cores, each in its core's file, once, and surely better than the default", async () => {
    const cores = readdirSync(join(PACKAGE_ROOT, "targets/records")).map((file) =>
      file.replace(".jsonl", ""),
    );
    for (const core of cores)
      expect(new Set((await shippedRecords(core)).map(({ place }) => place.core))).toEqual(new Set([core]));
    expect(worthShipping(shipped)).toEqual(shipped);
    expect(new Set(shipped.map(servesAlike)).size).toBe(shipped.length);
    expect(await shippedRecords("cortex-m0")).toEqual([]);
  });

  test("are what `db` shows where no log is named", async () => {
    const { records } = JSON.parse((await tilewright("db", "best", "--core", "cortex-a72", "--json")).out);
    expect(records).toEqual(shipped.filter(({ place }) => place.core === "cortex-a72"));
  });

  test("of a gain within what the model does not tell, or of a board, are not worth it", () => {
    const [record] = shipped;
    const ratio = { median: 0.98, low: 0.98, high: 0.98 };
    const measured = { ...record, workload: "other", place: { ...record.place, kind: "measured" as const } };
    expect(worthShipping([record, { ...record, ratio }])).toEqual([]);
    expect(worthShipping([{ ...record, ratio }, measured, record])).toEqual([record]);
  });
});

const network: Network = await readNetwork({ model: "zoo:mobilenet-v1", inputShapes: [] }, () => {});

async function decided(
  target: string,
  records?: readonly string[],
  more: Partial<NetworkRequest> = {},
): Promise<{ readonly request: NetworkRequest; readonly notes: readonly string[] }> {
  const notes: string[] = [];
  const terminal = { note: (text: string) => void notes.push(text) };
  const wanted: NetworkRequest = {
    jobs: 1,
    dumpIr: undefined,
    signal: new AbortController().signal,
    ...more,
  };
  const values = { target: loadTarget(target), ...(records && { records }) };
  return { request: await withRecords(network, values, wanted, terminal), notes };
}

describe("a network of the zoo", () => {
  test("is made of the kernels that its core's records name, and that is told", async () => {
    const { request, notes } = await decided("rpi4");
    // after a change of the compiler some may be left out until they are made anew
    expect(notes.join("\n")).toMatch(
      /^(\d+ of the records that come with Tilewright are left out: other kernels are made of them now\n?)?(\d+ of \d+ layers by the records that come with Tilewright \(without them: --records none\))?$/,
    );
    expect(notes.length).toBeGreaterThan(0);
    const { plan, target } = decidedPlan(network.graph, loadTarget("rpi4"), request);
    const names = new Set(shipped.map(({ kernel }) => kernel));
    for (const [name, decision] of request.decisions?.steps ?? []) {
      const step = plan.steps.find((one) => one.name === name);
      expect(step && names.has((await keptKernel(step, target, decision)).name)).toBe(true);
      expect(decision.from).toBe("modelled");
    }
  });

  test("is estimated on a core without records, where none are wanted, or where kernels are searched", async () => {
    const plain = [decided("jetson-nano"), decided("rpi4", ["none"])];
    for (const one of plain) expect(await one).toMatchObject({ notes: [], request: { jobs: 1 } });
    const cycles = async (): Promise<number> => 1;
    const searched = await decided("rpi4", undefined, { cycles });
    for (const { request } of [...(await Promise.all(plain)), searched])
      expect(request.decisions).toBeUndefined();
  });
});
