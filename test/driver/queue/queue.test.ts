import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openDesk } from "../../../compiler/driver/queue/open-desk.ts";
import { openMeter } from "../../../compiler/driver/tune/open-meter.ts";
import { tuneNetwork } from "../../../compiler/driver/tune/tune-network.ts";
import { openTuneLog } from "../../../compiler/driver/tune/tune-record.ts";
import { messageOf } from "../../support/message.ts";
import { SERVERS, type TestServer } from "../../support/queue-servers.ts";
import { lost } from "../tune/boards.ts";
import { forever, HOW, madeUpDesk, planned, quiet, serving, target, tunedOver } from "./desks.ts";

const folder = mkdtempSync(join(tmpdir(), "tilewright-queue-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The lines of a tune's log without a queue. */
let here: Promise<readonly string[]> | undefined;
function tunedHere(): Promise<readonly string[]> {
  here ??= (async () => {
    const file = join(folder, "here.jsonl");
    const log = await openTuneLog(file, quiet);
    const { meter, place } = await openMeter({ target, boards: [], threads: 1, jobs: 2, signal: forever });
    const budget = { trials: 3, seconds: Number.POSITIVE_INFINITY };
    await tuneNetwork(planned, () => [], { ...HOW, place, meter, log, budget, signal: forever });
    await log.close();
    return linesOfFile(file);
  })();
  return here;
}

/** The lines of a log, in whatever order they came. */
/** Lines of a log in order, none of one that nothing was written to yet. */
function linesOfFile(file: string): readonly string[] {
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.filter((line) => line !== "").sort();
}

describe.each(SERVERS)("$kind", ({ kind, start, isHere }) => {
  let server: TestServer;
  beforeAll(async () => {
    if (isHere) server = await start();
  });
  afterAll(() => server?.stop());
  beforeEach(({ skip }) => skip(!isHere, `${kind} is not installed`));

  const at = (name: string): string => join(folder, `${kind}-${name}`);
  const linesOf = (name: string): readonly string[] => linesOfFile(at(name));
  const over = (name: string, more: object = {}) => tunedOver({ url: server.url, file: at(name), ...more });

  test("a tune over a queue finds what it finds without one", async () => {
    const desk = await openDesk({ target, threads: 1, jobs: 1, signal: forever, notice: quiet });
    const worker = await serving(server.url, desk);
    try {
      await over("there.jsonl", { trials: 3 });
    } finally {
      await worker.end();
    }
    expect(worker.notes).toEqual([]);
    expect(linesOf("there.jsonl")).toEqual(await tunedHere());
  });

  describe("workers of a queue", () => {
    test("share the work, none of which is done twice, and one more tune finds the same", async () => {
      const desks = [madeUpDesk(), madeUpDesk({ before: () => sleep(20) })];
      const workers = await Promise.all(desks.map((desk) => serving(server.url, desk)));
      try {
        await over("shared.jsonl");
        const asked = desks.flatMap((desk) => desk.asked.flat());
        expect(new Set(asked).size).toBe(asked.length);
        for (const desk of desks) expect(desk.asked.length).toBeGreaterThan(0);
        await over("again.jsonl");
        expect(linesOf("again.jsonl")).toEqual(linesOf("shared.jsonl"));
      } finally {
        await Promise.all(workers.map((worker) => worker.end()));
      }
    });

    test("a lost one's jobs return, and the end is the same", async () => {
      let taken = (): void => {};
      const hasJob = new Promise<void>((resolve) => {
        taken = resolve;
      });
      const stuck = madeUpDesk({
        before: async (_, signal) => {
          taken();
          await sleep(60_000, undefined, { signal });
        },
      });
      const dying = await serving(server.url, stuck, 700);
      const tuning = over("lost.jsonl", { patience: 20 });
      await hasJob;
      dying.vanish();
      const other = await serving(server.url, madeUpDesk(), 700);
      try {
        await tuning;
        expect(stuck.asked).toEqual([]);
        expect(linesOf("lost.jsonl")).toEqual(linesOf("shared.jsonl"));
      } finally {
        await other.end();
        await dying.end();
      }
    });

    test("one that is ended gives its job back at once; a board that is lost gives it to others", async () => {
      let jobs = 0;
      const ended = await serving(
        server.url,
        madeUpDesk({
          before: async (_, signal) => {
            jobs++;
            await sleep(60_000, undefined, { signal });
          },
        }),
        60_000,
      );
      const tuning = over("ended.jsonl");
      while (jobs === 0) await sleep(10);
      const began = performance.now();
      await ended.end();
      const fails = await serving(
        server.url,
        madeUpDesk({
          before: async () => {
            throw lost("attic");
          },
        }),
        60_000,
      );
      await sleep(100);
      await fails.end();
      const other = await serving(server.url, madeUpDesk(), 60_000);
      try {
        await tuning;
        expect(performance.now() - began).toBeLessThan(8000);
        expect(linesOf("ended.jsonl")).toEqual(linesOf("shared.jsonl"));
      } finally {
        await other.end();
      }
    });

    test("a kernel that ends every worker's process is left alone, and nothing else is", async () => {
      const names = new Set(linesOf("shared.jsonl").flatMap((line) => JSON.parse(line).kernel ?? []));
      const deadly = [...names][1];
      const desk = madeUpDesk({
        before: async ({ kernels, wanted }) => {
          if (wanted.some((i) => kernels[i]?.kernel === deadly)) throw new Error("the process ended");
        },
      });
      const worker = await serving(server.url, desk);
      try {
        const { report } = await over("deadly.jsonl");
        const faults = report.tasks.flatMap(({ state }) => [...state.faults]);
        expect(faults).toEqual([["lost", 1]]);
        const lost = linesOf("deadly.jsonl").filter((line) => line.includes('"outcome":"lost"'));
        expect(lost.map((line) => JSON.parse(line))).toMatchObject([
          { kernel: deadly, why: "its job was given up: the process ended" },
        ]);
      } finally {
        await worker.end();
      }
    });

    test.runIf(kind === "redis")("D195 none that fits, and why not", async () => {
      expect(await messageOf(() => over("none.jsonl"))).toContain(
        "error[D195]: no worker of the queue serves the model of cortex-a72 (rpi4)\n  why:   no worker is there",
      );
      const worker = await serving(server.url, madeUpDesk({ board: "attic" }));
      try {
        expect(await messageOf(() => over("none.jsonl"))).toMatch(
          / \(process \d+ there\): it serves `attic`/,
        );
        expect(await messageOf(() => over("none.jsonl", { board: "attic", threads: 4 }))).toContain(
          ": it measures with --threads 1",
        );
      } finally {
        await worker.end();
      }
    });

    test("D196 a board belongs to one at a time", async () => {
      const first = await serving(server.url, madeUpDesk({ board: "attic" }));
      const second = await serving(server.url, madeUpDesk({ board: "attic" }));
      const message = await messageOf(() => second.served);
      expect(message).toContain("error[D196]: `attic` belongs to another worker of the queue");
      expect(message).toMatch(/\n {2}why: {3}\S+@\S+ \(process \d+ there\) has it\n/);
      await first.end();
      await second.end();
      const third = await serving(server.url, madeUpDesk({ board: "attic" }));
      await third.end();
      await third.served;
    });
  });

  // what is made of announcements hangs on no server
  describe.runIf(kind === "redis")("boards of one name", () => {
    const farm = (board: string, clock = "1500 MHz") =>
      madeUpDesk({
        ...{ board, pool: "farm", kind: { machine: "aarch64", "greatest clock": clock }, slots: 2 },
        place: { kind: "measured" },
        before: () => sleep(20),
      });

    test("share the work, and the log says whose each time is", async () => {
      const workers = await Promise.all(["attic", "shed"].map((board) => serving(server.url, farm(board))));
      try {
        const { report } = await over("farm.jsonl", { board: "farm", trials: 12 });
        expect(report.trials).toBe(12);
        const lines = linesOf("farm.jsonl").map((line) => JSON.parse(line));
        expect(new Set(lines.map(({ place }) => place.board))).toEqual(new Set(["farm"]));
        const trials = lines.filter(({ kind }) => kind === "trial");
        expect(new Set(trials.map(({ on }) => on))).toEqual(new Set(["attic", "shed"]));
      } finally {
        await Promise.all(workers.map((worker) => worker.end()));
      }
    });

    test("D184 have to be equal", async () => {
      const first = await serving(server.url, farm("attic"));
      const other = await serving(server.url, farm("shed", "600 MHz"));
      expect(await messageOf(() => other.served)).toContain(
        "error[D184]: `shed` is not equal to `attic`: their times cannot stand side by side\n  why:   greatest clock: 600 MHz, and 1500 MHz there",
      );
      await other.end();
      await first.end();
    });
  });

  describe("the server of a queue", () => {
    test("is killed and comes back, with nothing or with all: the tune goes on, and its end is the same", async () => {
      let jobs = 0;
      const desk = madeUpDesk({
        before: async () => {
          if (++jobs !== 3) return;
          await server.kill();
          await server.restart();
        },
      });
      const worker = await serving(server.url, desk);
      try {
        await over("restarted.jsonl", { patience: 20 });
        expect(linesOf("restarted.jsonl")).toEqual(linesOf("shared.jsonl"));
        expect(jobs).toBeGreaterThan(3);
        expect(worker.notes.filter((note) => note.startsWith("job "))).toEqual([]);
      } finally {
        await worker.end();
      }
    });

    test("D194 does not come back: nothing is lost, and running again goes on", async () => {
      let jobs = 0;
      const desk = madeUpDesk({
        before: async () => {
          await sleep(100);
          if (++jobs === 4) await server.kill();
        },
      });
      const worker = await serving(server.url, desk);
      expect(await messageOf(() => over("gone.jsonl", { patience: 0.3 }))).toContain(
        `error[D194]: the queue at \`${server.shown}\` was lost, and did not come back for 0.3 s`,
      );
      const before = linesOf("gone.jsonl");
      await server.restart();
      await worker.listed();
      try {
        await over("gone.jsonl", { patience: 20 });
        expect(linesOf("gone.jsonl")).toEqual(linesOf("shared.jsonl"));
        expect(linesOf("gone.jsonl")).toEqual(expect.arrayContaining([...before]));
      } finally {
        await worker.end();
      }
    });

    test("is away: a worker that is ended then ends at once, in the middle of a job or without one", async () => {
      let jobs = 0;
      const working = madeUpDesk({
        board: "attic",
        before: async (_, signal) => {
          jobs++;
          await sleep(60_000, undefined, { signal });
        },
      });
      const workers = [
        await serving(server.url, working),
        await serving(server.url, madeUpDesk({ board: "shed" })),
      ];
      const tuning = over("away.jsonl", { board: "attic", patience: 0.5 }).catch((error: unknown) => error);
      while (jobs === 0) await sleep(10);
      await server.kill();
      await sleep(100);
      const began = performance.now();
      await Promise.all(workers.map((worker) => worker.end()));
      expect(performance.now() - began).toBeLessThan(2000);
      expect(await tuning).toMatchObject({ diagnostic: { code: "D194" } });
      await server.restart();
    });
  });
});
