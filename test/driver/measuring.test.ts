import { describe, expect, it } from "vitest";
import type { BundleMetadata } from "../../compiler/artifact/bundle.ts";
import { parseBoardState } from "../../compiler/device/board-state.ts";
import type { Job, Runner } from "../../compiler/device/runner.ts";
import { benchNetwork } from "../../compiler/driver/run/bench-network.ts";
import { coolDown } from "../../compiler/driver/run/cool-down.ts";
import { placeThreads } from "../../compiler/driver/run/place-threads.ts";
import { USUAL_EFFORT } from "../../compiler/driver/run/repetition.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { messageOf } from "../device/message-of.ts";

const layers = [{ name: "a", op: "conv2d", kernel: "a_1", schedule: "direct", choice: "", macs: 1000 }];
const metadata = { name: "net", target: "rpi4", isa: "neon-v8", cflags: [], layers } as unknown;
const network = { program: "/nowhere/net", metadata: metadata as BundleMetadata };

/** A board whose state and program change from run to run. */
function board(
  state: (run: number) => string,
  outcome: (run: number) => { readonly ns: number; readonly reference: number },
  jobs: Job[] = [],
): Runner {
  return {
    ...{ board: "attic", timing: "measured" },
    readState: async () => parseBoardState(state(jobs.length)),
    run: async (job) => {
      jobs.push(job);
      const { ns, reference } = outcome(jobs.length);
      const stdout = [
        '{"kind":"program","protocol":1}',
        `{"kind":"network","runs":500,"ns":[${ns},${ns + 1},${ns + 2}]}`,
        `{"kind":"layer","index":0,"ns":[${ns - 2},${ns - 2},${ns - 2}]}`,
        `{"kind":"beside","cycles":32768,"wallNs":1e8,"processNs":1e8,"machineNs":1e8,"reference":[${reference}]}`,
      ];
      return { stdout: stdout.join("\n"), stderr: "", exitCode: 0, files: new Map() };
    },
    close: async () => {},
  };
}

const usual = { warmup: 3, repeats: USUAL_EFFORT, threads: 2, timeoutSeconds: 9 };
const calm = { ns: 1e6, reference: 20_000 };

describe("times of a board", () => {
  it("come from blocks that count, each a process that is tied to its cores", async () => {
    const jobs: Job[] = [];
    // The third and fourth run: the firmware has noted something meanwhile.
    const runner = board(
      (run) => `machine aarch64\nthrottled ${run < 3 ? 0 : 50000}\nzone cpu 51000`,
      (run) => (run === 3 ? { ...calm, ns: 5e6 } : run === 6 ? { ...calm, reference: 26_000 } : calm),
      jobs,
    );
    const said: string[] = [];
    const report = await benchNetwork(network, runner, {
      ...usual,
      cores: [4, 5, 6, 7],
      say: (text) => said.push(text),
    });
    expect(jobs[0].args.join(" ")).toBe(
      "bench --layers --warmup 3 --repeats 1 --threads 2 --min-ms 100 --cores 4,5 --beside --keep 200",
    );
    expect(report).toMatchObject({
      ...{ threads: 2, cores: [4, 5], runs: 5500, timing: "measured" },
      certainty: { verdict: "steady", counted: 11, blocks: 13, clockMHz: 1638.4 },
      whole: { median: 1e6 + 1, max: 1e6 + 2 },
      layers: [{ name: "a", times: { median: 1e6 - 2 } }],
    });
    expect(report.whole.ns).toHaveLength(33);
    // the course has those that do not count, too: throttled while it ran, or at a slower clock
    expect(report.course?.map(({ medianNs, clockMHz }) => [medianNs, clockMHz])).toEqual(
      Array.from({ length: 13 }, (_, i) => [i === 2 ? 5e6 + 1 : 1e6 + 1, i === 5 ? 1260 : 1638]),
    );
    expect(report.course?.[4]).toMatchObject({ temperatureC: 51, throttled: false });
    const times = report.course?.map(({ seconds }) => seconds) ?? [];
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(said.at(-1)).toBe("11 of 13 blocks count, steady");
  });

  it("are those of one process where a number of runs is asked for, and one run has no spread", async () => {
    const jobs: Job[] = [];
    const runner = board(
      () => "",
      () => calm,
      jobs,
    );
    const report = await benchNetwork(network, runner, { ...usual, repeats: 3, threads: 1 });
    expect(jobs.map(({ args }) => args.join(" "))).toEqual([
      "bench --layers --warmup 3 --repeats 3 --threads 1",
    ]);
    expect(report.certainty).toBeUndefined();
  });
});

describe("cooling down", () => {
  const heating = (...degrees: string[]): Pick<Runner, "board" | "readState"> => ({
    board: "attic",
    readState: async () => parseBoardState(`zone cpu ${degrees.length > 1 ? degrees.shift() : degrees[0]}`),
  });
  const quick = { coolDownC: 55, everyMs: 1 };

  it("waits for a temperature, and tells whether it had to", async () => {
    const said: string[] = [];
    const say = (text: string): void => void said.push(text);
    expect(await coolDown(heating("61000", "57400", "54900"), undefined, { ...quick, say })).toBe(0.002);
    expect(said).toEqual(["61 °C, waiting for 55 °C", "57 °C, waiting for 55 °C"]);
    expect(await coolDown(heating("40000"), undefined, quick)).toBe(0);
    expect(await coolDown(heating("90000"), undefined, {})).toBe(0);
  });

  it("is refused where nothing tells a temperature, and given up where it does not help", async () => {
    expect(await messageOf(coolDown(heating("-273150"), undefined, quick))).toMatchInlineSnapshot(`
      "error[D174]: \`attic\` cannot be waited for to cool down
        why:   it tells no temperature (/sys/class/thermal)
        help:  leave --cool-down out"
    `);
    expect(
      await messageOf(coolDown(heating("61500"), undefined, { ...quick, mostSeconds: 0.003 })),
    ).toMatchInlineSnapshot(`
      "error[D175]: \`attic\` does not cool down to 55 °C
        why:   it still has 61.5 °C after 0 s
        help:  give it a fan or a heat sink, close what else runs there, or wait for less: a higher --cool-down"
    `);
  });

  it("ends with the user's patience", async () => {
    const signal = AbortSignal.timeout(10);
    await expect(coolDown(heating("61500"), undefined, { coolDownC: 55, signal })).rejects.toThrow();
  });
});

describe("places of threads", () => {
  const rpi4 = loadTarget("rpi4");
  const mixed =
    "cores 4\ncore 0 capacity 500\ncore 1 capacity 500\ncore 2 capacity 1024\ncore 3 capacity 1024";
  const runner = (timing: Runner["timing"], state = mixed) => ({
    ...{ board: "attic", timing },
    readState: async () => parseBoardState(state),
  });

  it("are the target's cores on a mixed board, and whatever there is on others", async () => {
    expect(await placeThreads(runner("measured"), rpi4, undefined, 2)).toEqual({
      cores: [2, 3],
      conditions: [],
    });
    expect(await placeThreads(runner("measured", "cores 4\nload 2 1 1"), rpi4, undefined, 4)).toEqual({
      conditions: ["other programs were at work: load 2.00"],
    });
    await expect(placeThreads(runner("measured"), rpi4, undefined, 3)).rejects.toThrow("3 threads");
  });

  it("are none of an emulated board", async () => {
    expect(await placeThreads(runner("emulated"), rpi4, undefined, 8)).toEqual({ conditions: [] });
    expect(await messageOf(placeThreads(runner("emulated"), rpi4, "big", 1))).toMatchInlineSnapshot(`
      "error[D176]: \`attic\` has no cores to choose from
        why:   it is emulated
        help:  leave --cores out"
    `);
  });
});
