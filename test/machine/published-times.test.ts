import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { boardTime } from "../../compiler/driver/run/board-time.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { PACKAGE_ROOT } from "../../compiler/support/paths.ts";

interface Judged {
  readonly board: string;
  readonly core: string;
  readonly model: string;
  readonly MHz: number;
  readonly fit: { factor: number; missNs: number; within: number; leftOut: number };
  readonly networks: readonly { network: string; measured: number; coreMs: number; misses: number }[];
}
const boards: readonly Judged[] = JSON.parse(
  execFileSync(process.execPath, ["test/scripts/fit-boards.mjs", "--json"], {
    cwd: PACKAGE_ROOT,
    encoding: "utf8",
  }),
);

test.each(["rpi3", "zero2w", "rpi4", "rk3399", "jetson-nano"])(
  "modelled times of ncnn's networks on %s are within 15 %% of the published ones",
  (name) => {
    const { fit, networks } = boards.find(({ board }) => board === name) as Judged;
    expect(networks.length).toBeGreaterThan(12);
    expect(fit.within).toBeLessThanOrEqual(0.15);
    for (const { measured, coreMs, misses } of networks) {
      const ms = fit.factor * coreMs + (fit.missNs * misses) / 1e6;
      expect(Math.abs(ms / measured - 1)).toBeLessThanOrEqual(fit.within);
    }
  },
);

test.each(boards.filter(({ core, model }) => core === model))(
  "the file of $board says what was fitted",
  (judged) => {
    const { published, clockMHz } = loadTarget(judged.board).board;
    expect(published).toMatchObject(judged.fit);
    expect(clockMHz).toBeLessThanOrEqual(judged.MHz);
  },
);

test("a modelled time says how far published ones were off, where there are any", () => {
  const counts = { cycles: 3e8, l1Misses: 4e6 };
  const { board } = loadTarget("qemu-rpi4");
  expect(boardTime(board, counts)).toEqual({
    clockMHz: 1500,
    ms: expect.closeTo(1.02 * 200 + 4.25 * 4, 9),
    msWithin: 0.17,
  });
  expect(boardTime(loadTarget("qemu-rpi5").board, counts)).toEqual({ clockMHz: 2400, ms: 125 });
  expect(boardTime({ ...board, clockMHz: undefined }, counts)).toBeUndefined();
});

test("README has the table of boards", () => {
  const readme = readFileSync(`${PACKAGE_ROOT}/README.md`, "utf8");
  for (const { board, fit } of boards) {
    const row = readme.split("\n").find((line) => line.startsWith(`| \`${board}\` | cortex`));
    expect(row).toContain(
      `| ${fit.factor.toFixed(2)} | ${fit.missNs.toFixed(2)} | ${(100 * fit.within).toFixed(0)} % |`,
    );
  }
});
