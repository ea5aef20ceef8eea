import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { BoardState } from "../../../compiler/device/board-state.ts";
import { openBoard } from "../../../compiler/device/open-board.ts";
import { type HealthReading, whyUnwell } from "../../../compiler/driver/queue/board-health.ts";
import { forgetHealth, judgeHealth } from "../../../compiler/driver/queue/kept-health.ts";
import { openDesk } from "../../../compiler/driver/queue/open-desk.ts";
import { listDesks } from "../../../compiler/driver/queue/worker-list.ts";
import { tilewright } from "../../cli/command-line.ts";
import { SERVERS, type TestServer } from "../../support/queue-servers.ts";
import { lost } from "../tune/boards.ts";
import { forever, linkTo, madeUpDesk, quiet, serving, target } from "./desks.ts";

const times = (ns: number): HealthReading["outcome"] => ({
  outcome: "ok",
  cost: { kind: "measured", ns: [ns, ns, 3 * ns], reference: [ns, ns, 3 * ns] },
});
const state = (more: Partial<BoardState> = {}): BoardState => ({ coreStates: [], zones: [], ...more });
const core = { core: 0, frequencyMHz: 1500, maxFrequencyMHz: 1500 };

describe("a board is not well", () => {
  const before = { cost: 100_000, limitMHz: 1500 };
  const clock = (limitMHz: number): BoardState => state({ coreStates: [{ ...core, limitMHz }] });
  test.each<[string, HealthReading, string | undefined]>([
    ["as it was", { outcome: times(102_000) }, undefined],
    [
      "slower",
      { outcome: times(110_000) },
      "its reference kernel takes 110.0 µs, 100.0 µs when it was well (+10 %)",
    ],
    [
      "faster",
      { outcome: times(90_000) },
      "its reference kernel takes 90.0 µs, 100.0 µs when it was well (-10 %)",
    ],
    [
      "a wrong result",
      { outcome: { outcome: "wrong", why: "number 3 in memory is 0" } },
      "its reference kernel: wrong: number 3 in memory is 0",
    ],
    ["its clock", { outcome: times(100_000), state: clock(1500) }, undefined],
    [
      "another clock",
      { outcome: times(100_000), state: clock(1000) },
      "its clock may reach 1000 MHz, 1500 MHz when it was well (-33 %)",
    ],
    [
      "heat",
      { outcome: times(100_000), state: state({ zones: [{ name: "cpu", temperatureC: 81 }] }) },
      "it is hot: 81 °C (--cool-down 55C waits)",
    ],
    [
      "its firmware",
      { outcome: times(100_000), state: state({ throttling: { now: 1, since: 1 } }) },
      "its firmware says: too little power",
    ],
  ])("%s", (_, reading, why) => {
    expect(whyUnwell(reading, before)).toBe(why);
  });
});

test("an emulated board's reference kernel is checked there, and has cycles", async () => {
  const { runner } = await openBoard("qemu-rpi4", { signal: forever });
  const desk = await openDesk({ target, runner, threads: 1, jobs: 2, signal: forever, notice: quiet });
  expect(await desk.check?.()).toMatchObject({ outcome: { outcome: "ok", cost: { kind: "modelled" } } });
  await desk.close();
});

describe.each(SERVERS)("quarantine, on $kind", ({ kind, start, isHere }) => {
  let server: TestServer;
  beforeAll(async () => {
    if (isHere) server = await start();
  });
  afterAll(() => server?.stop());
  beforeEach(({ skip }) => skip(!isHere, `${kind} is not installed`));

  test("a board that is not well takes no jobs until it is, and others can see why", async () => {
    let ns = 100_000;
    const desk = { ...madeUpDesk({ board: "attic" }), check: async () => ({ outcome: times(ns) }) };
    const options = { leaseMs: 900, times: { well: 0.05, unwell: 0.05 } };
    const link = await linkTo(server.url);
    const now = async () => (await listDesks(link))[0];
    const first = await serving(server.url, desk, options.leaseMs, options.times);
    while ((await now())?.health === undefined) await sleep(20);
    expect(await now()).toMatchObject({ board: "attic", health: { cost: 100_000 } });
    expect((await now())?.quarantine).toBeUndefined();
    ns = 150_000;
    while ((await now())?.quarantine === undefined) await sleep(20);
    const { out: ill } = await tilewright("boards", "--queue", server.url);
    expect(ill).toMatch(/^attic +rpi4 +quarantine /m);
    expect(ill).toMatch(/^attic: in quarantine: its reference kernel takes 150\.0 µs, /m);
    const { out: json } = await tilewright("boards", "--queue", server.url, "--json");
    expect(JSON.parse(json)).toMatchObject([{ board: "attic", target: "rpi4", health: { cost: 150_000 } }]);
    expect((await now())?.quarantine).toContain(
      "its reference kernel takes 150.0 µs, 100.0 µs when it was well",
    );
    ns = 101_000;
    while ((await now())?.quarantine !== undefined) await sleep(20);
    const { out } = await tilewright("boards", "list", "attic", "--queue", server.url);
    expect(out).toMatch(
      /^attic +rpi4 +free +0 +101000 cycles +\d s ago +\S+@\S+ \(process \d+ there\) +\d s ago$/m,
    );
    await first.end();
    await forgetHealth(link, desk.about);
    expect(await judgeHealth(link, desk.about, { outcome: times(200_000) })).toBeUndefined();
    expect(await judgeHealth(link, desk.about, { outcome: times(100_000) })).toContain("(-50 %)");
    expect(first.notes).toEqual([
      "`attic` is well, and takes jobs",
      "`attic` is in quarantine: its reference kernel takes 150.0 µs, 100.0 µs when it was well (+50 %)",
      "`attic` is well, and takes jobs",
    ]);
    await link.close();
  });

  test("one that cannot be reached gives its jobs to others, and is looked at again", async () => {
    let looks = 0;
    const desk = {
      ...madeUpDesk({ board: "shed" }),
      check: async () => {
        if (++looks === 1) throw lost("shed");
        return { outcome: times(100_000) };
      },
    };
    const worker = await serving(server.url, desk, 900, { well: 0.05, unwell: 0.05 });
    while (!worker.notes.includes("`shed` is well, and takes jobs")) await sleep(20);
    await worker.end();
    expect(worker.notes[0]).toBe("`shed` is in quarantine: error[D133]: the connection to shed was lost");
  });
});
