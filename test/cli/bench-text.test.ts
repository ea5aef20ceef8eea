import pc from "picocolors";
import { expect, it } from "vitest";
import { benchText, threadsText } from "../../compiler/cli/bench-text.ts";
import { checkSteady, type Judged } from "../../compiler/cli/unsteady.ts";
import { parseBoardState } from "../../compiler/device/board-state.ts";
import type { BenchReport } from "../../compiler/driver/run/bench-network.ts";
import { summarise } from "../../compiler/driver/run/statistics.ts";
import { messageOf } from "../support/message.ts";

const plain = pc.createColors(false);
const report = (over: Partial<BenchReport>): BenchReport => ({
  ...{ network: "net", modelSha256: "", tilewright: { version: "0.1.0" }, cflags: [], target: "rpi4" },
  ...{ isa: "neon-v8", board: "attic", timing: "measured", threads: 1, warmup: 3, runs: 1100, macs: 5e6 },
  ...{ whole: summarise([2e6, 2.01e6, 2.02e6]), layers: [], layerSum: 2e6, gap: 1e4 },
  ...over,
});
const steady = {
  ...({ verdict: "steady", reasons: [], counted: 11, blocks: 11, clockMHz: 1799.6, others: 0 } as const),
  interval: { median: 2.01e6, low: 2e6, high: 2.03e6 },
};
const noisy = {
  ...({ verdict: "noisy", counted: 9, blocks: 10 } as const),
  reasons: ["1 block not counted (measured at a slower clock)", "9 of 11 blocks count"],
};
const state = [
  ...["core 4 governor performance", "core 4 frequency 1800000", "core 4 max_frequency 1800000"],
  ...["core 0 governor ondemand", "core 0 frequency 600000", "zone cpu 51300", "model Board"],
].join("\n");

it("a time comes with how sure it is, and the state of its own cores", async () => {
  const text = await benchText(
    report({ certainty: steady, cores: [4], after: parseBoardState(state) }),
    plain,
  );
  expect(text).toMatchInlineSnapshot(`
    "layer  operator  schedule  ms  IQR  GFLOP/s  share

    net on attic, 1 thread on core 4: median 2.010 ms, IQR 0.010, least 2.000; 4.98 GFLOP/s
    1100 runs after 3 of warm-up; layers add up to 2.000 ms, the whole is 0.010 ms (0.5 %) more
    steady: between 2.000 ms and 2.030 ms (±0.7 %), 11 blocks, clock 1800 MHz
    Board, governor performance, 1800 of 1800 MHz, 51 °C"
  `);
});

it("what speaks against a time is told below it; one run has no spread", async () => {
  const one = report({
    ...{ certainty: noisy, whole: summarise([2e6]), runs: 1, timing: "unknown", energy: "not measured" },
  });
  expect(await benchText(one, plain)).toMatchInlineSnapshot(`
    "layer  operator  schedule  ms  GFLOP/s  share

    net on attic, 1 thread: median 2.000 ms; 5.00 GFLOP/s
    1 run after 3 of warm-up; layers add up to 2.000 ms, the whole is 0.010 ms (0.5 %) more
    noisy: 9 blocks
      1 block not counted (measured at a slower clock)
      9 of 11 blocks count
    energy: not measured (no sensor can be read)
    the board does not say which machine it is: these times may be an emulator's"
  `);
});

const energy = {
  ...{ mJ_per_frame: 7.125, low_mJ: 7.01, high_mJ: 7.3, watts: 3.55, idle_watts: 2.1 },
  ...{ sensors: ["VDD_IN"], reading_share: 0.004 },
};

it("numbers of threads are compared", async () => {
  const two = report({ threads: 2, whole: summarise([1.2e6]), certainty: noisy, energy });
  expect(await threadsText([report({ certainty: steady }), two], plain)).toMatchInlineSnapshot(`
    "threads     ms                  GFLOP/s  speed  of each thread
          1  2.010  ±0.7 %  steady     4.98   1.00         100.0 %
          2  1.200          noisy      8.33   1.68          83.8 %

    net on attic
    2 threads: 1 block not counted (measured at a slower clock); 9 of 11 blocks count
    2 threads: energy: 7.13 mJ an inference (7.01 to 7.30); 3.55 W, idle 2.10 W
      by VDD_IN; reading them took 0.4 % of a core"
  `);
});

it("`--strict` refuses what is not steady", async () => {
  const check = (time: Partial<Judged>) => (): void =>
    checkSteady([{ board: "attic", timing: "measured", verdict: "noisy", reasons: noisy.reasons, ...time }]);
  expect(check({ verdict: "steady" })).not.toThrow();
  expect(await messageOf(check({ of: "2 threads" }))).toMatchInlineSnapshot(`
    "error[R191]: the time of 2 threads on \`attic\` is noisy
      why:   1 block not counted (measured at a slower clock)
             9 of 11 blocks count
      help:  close what else runs there, cool it, or give it more time: --budget 2m"
  `);
  expect(await messageOf(check({ verdict: undefined, timing: "emulated" }))).toMatchInlineSnapshot(`
    "error[R191]: the time on \`attic\` is not steady
      why:   times on it are emulated
      help:  measure on a board, or leave --strict out"
  `);
});
