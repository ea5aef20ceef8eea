import pc from "picocolors";
import { expect, test } from "vitest";
import { caseLine } from "../../../compiler/cli/test-text.ts";
import type { Runner } from "../../../compiler/device/runner.ts";
import { someTimes, timeCase } from "../../../compiler/driver/test/time-case.ts";

const network = {
  program: "net",
  metadata: { name: "net", target: "host", isa: "x", cflags: [], layers: [] } as never,
};
const options = { threads: 4, timeoutSeconds: 1, signal: new AbortController().signal };

/** A quiet board of two cores that is throttled in each third run, and says so. */
function throttledBoard(seen: string[][]): Runner {
  let runs = 0;
  const told = () => ({ now: runs % 3 === 2 ? 4 : 0, since: 0 });
  const lines = [
    { kind: "program", protocol: 1 },
    { kind: "beside", cycles: 32768, wallNs: 1e6, processNs: 1e6, reference: [32768] },
  ];
  return {
    ...{ board: "made up", timing: "measured", close: async () => undefined },
    run: async ({ args }) => {
      runs++;
      seen.push([...args]);
      const ns = [1e6 + runs, 1e6 - runs, 1e6];
      const stdout = [...lines, { kind: "network", ns }].map((line) => JSON.stringify(line)).join("\n");
      return { stdout, stderr: "", exitCode: 0, files: new Map() };
    },
    readState: async () => ({ cores: 2, coreStates: [], zones: [], throttling: told() }),
  };
}

test("a case is timed in blocks, without those that were throttled, on no more threads than there are cores", async () => {
  const seen: string[][] = [];
  const { steadiness, report } = await timeCase(network, throttledBoard(seen), options);
  expect(seen.length).toBeGreaterThan(11);
  expect(report.threads).toBe(2);
  expect(seen[0].join(" ")).toContain("--threads 2");
  expect(steadiness?.reasons[0]).toMatch(/^\d+ blocks not counted \(throttled/);
  expect(steadiness).toMatchObject({ verdict: "steady", median: 1e6 });
  expect(steadiness?.low).toBeLessThanOrEqual(steadiness?.median ?? 0);
  const result = {
    ...{ name: "net", verdict: "right", checks: [], seconds: 1, whole: {}, layers: [], timing: "measured" },
    steadiness: { verdict: "noisy", reasons: ["3 cores busy"], median: 1.5e6 },
  };
  expect(caseLine(result as never, pc.createColors(false))).toBe(
    "right  net: 0 checks, at most 0.0 of a bound, 1.500 ms (noisy: 3 cores busy) (1.0 s)",
  );
});

test("of an emulator a few runs are enough, and nothing is said of what they are worth", async () => {
  const seen: string[][] = [];
  const emulated: Runner = { ...throttledBoard(seen), timing: "emulated" };
  expect((await timeCase(network, emulated, options)).steadiness).toBeUndefined();
  expect(seen).toHaveLength(1);
});

test("of many times some are kept, from the first to the last", () => {
  expect(someTimes([3, 1, 2])).toEqual([3, 1, 2]);
  const kept = someTimes(Array.from({ length: 1200 }, (_, i) => i));
  expect([kept.length, kept[0], kept[1], kept.at(-1)]).toEqual([120, 0, 10, 1190]);
});
