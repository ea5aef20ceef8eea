import { afterAll, beforeAll, expect, test } from "vitest";
import type { EnergyReading } from "../../compiler/device/energy.ts";
import { openBoard } from "../../compiler/device/open-board.ts";
import type { Runner } from "../../compiler/device/runner.ts";
import { measureEnergy } from "../../compiler/driver/run/measure-energy.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import type { LoopbackBoard } from "../support/loopback-board/loopback-board.mjs";
import { startLoopbackBoard } from "../support/loopback-board/loopback-board.mjs";

let board: LoopbackBoard;
beforeAll(async () => {
  board = await startLoopbackBoard();
});
afterAll(() => board?.stop());

const METADATA = { layers: [] } as never;
const options = { threads: 1, timeoutSeconds: 10, signal: new AbortController().signal, intervalMs: 10 };

test("sensors are read over ssh, and their script is kept on the board", async () => {
  // Without a target the machine counts as the board itself.
  const { runner } = await openBoard(board.destination, { sshConfig: board.sshConfigPath });
  try {
    const reading = await runner.readEnergy?.();
    for (const { name } of reading?.sensors ?? []) expect(name).not.toBe("");
    expect(Array.isArray(reading?.sensors)).toBe(true);
  } finally {
    await runner.close();
  }
});

test("an emulated board has no energy", async () => {
  const { runner } = await openBoard(board.destination, {
    sshConfig: board.sshConfigPath,
    target: loadTarget("rpi4"),
  });
  try {
    expect(runner.readEnergy).toBeUndefined();
    expect(await measureEnergy({ program: "none", metadata: METADATA }, runner, options)).toBeUndefined();
  } finally {
    await runner.close();
  }
});

test("energy of a frame is average power times its time; without sensors it is not measured", async () => {
  const frames = 3;
  const runnerWith = (reading: EnergyReading): Runner => ({
    board: "made up",
    timing: "measured",
    run: async () => {
      await new Promise((resolve) => setTimeout(resolve, 120));
      const ns = Array.from({ length: frames }, () => 40e6);
      return {
        stdout: `${JSON.stringify({ kind: "network", ns })}\n`,
        stderr: "",
        exitCode: 0,
        files: new Map(),
      };
    },
    readEnergy: async () => reading,
    close: async () => {},
  });
  const program = { program: "none", metadata: METADATA };
  const sensor = { kind: "power", name: "VDD_IN", watts: 2.5 } as const;
  expect(await measureEnergy(program, runnerWith({ sensors: [sensor] }), options)).toEqual({
    mJ_per_frame: expect.closeTo(2.5 * 40, 6),
    watts: expect.closeTo(2.5, 6),
    sensors: ["VDD_IN"],
  });
  expect(await measureEnergy(program, runnerWith({ sensors: [] }), options)).toBeUndefined();
});
