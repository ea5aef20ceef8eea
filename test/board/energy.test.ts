import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TimedReading } from "../../compiler/device/energy-power.ts";
import { openBoard } from "../../compiler/device/open-board.ts";
import type { Runner } from "../../compiler/device/runner.ts";
import { measureEnergy } from "../../compiler/driver/run/measure-energy.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import type { LoopbackBoard } from "../support/loopback-board/loopback-board.mjs";
import { startLoopbackBoard } from "../support/loopback-board/loopback-board.mjs";
import { messageOf } from "../support/message.ts";

let board: LoopbackBoard;
beforeAll(async () => {
  board = await startLoopbackBoard();
});
afterAll(() => board?.stop());

const METADATA = { layers: [] } as never;
const options = { threads: 1, timeoutSeconds: 10, signal: new AbortController().signal, everySeconds: 0.1 };

test("sensors are read over ssh, and their script is kept on the board", async () => {
  // Without a target the machine counts as the board itself.
  const { runner } = await openBoard(board.destination, { sshConfig: board.sshConfigPath });
  try {
    const trace = await runner.sampleEnergy?.({ count: 3, everySeconds: 0.05 });
    expect(trace?.readings).toHaveLength(3);
    for (const { reading } of trace?.readings ?? [])
      for (const { name } of reading.sensors) expect(name).not.toBe("");
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
    expect(runner.sampleEnergy).toBeUndefined();
    expect(await measureEnergy({ program: "none", metadata: METADATA }, runner, options)).toBeUndefined();
  } finally {
    await runner.close();
  }
});

/** A board that takes 2 W idle and 4 to 5 W at work, from second 103 to 108. */
function runnerWith(sensor: boolean, shift = 0): Runner {
  let asked = 0;
  const reading = (seconds: number): TimedReading => {
    const watts = seconds < 103 ? 2 : seconds < 105.5 ? 4 : 5;
    return { seconds, reading: { sensors: sensor ? [{ kind: "power", name: "VDD_IN", watts }] : [] } };
  };
  return {
    ...{ board: "made up", timing: "measured" },
    run: async () => {
      const beside = { kind: "beside", cycles: 1, wallNs: 5e9, processNs: 5e9, reference: [1] };
      const lines = [
        { kind: "network", ns: [40e6, 40e6, 40e6] },
        { ...beside, from: 103 + shift, to: 108 + shift },
      ];
      const stdout = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
      return { stdout, stderr: "", exitCode: 0, files: new Map() };
    },
    sampleEnergy: async ({ count, everySeconds }) => {
      const from = asked++ < 2 ? 100 : 102;
      const readings = Array.from({ length: count }, (_, i) => reading(from + i * everySeconds));
      return { readings, processorSeconds: 0.01 * count * everySeconds };
    },
    close: async () => {},
  };
}
const program = { program: "none", metadata: METADATA };

test("energy of a frame is average power while inferences run, times the time of one", async () => {
  expect(await measureEnergy(program, runnerWith(true), options)).toEqual({
    ...{ watts: expect.closeTo(4.5, 1), idle_watts: 2, sensors: ["VDD_IN"] },
    mJ_per_frame: expect.closeTo(4.5 * 40, 0),
    ...{ low_mJ: expect.closeTo(160, 6), high_mJ: expect.closeTo(200, 6) },
    reading_share: expect.closeTo(0.01, 3),
  });
});

test("without sensors, or readings during the run, it is not measured", async () => {
  expect(await measureEnergy(program, runnerWith(false), options)).toBeUndefined();
  expect(await measureEnergy(program, runnerWith(true, 1000), options)).toBeUndefined();
});

describe("a power meter", () => {
  const folder = mkdtempSync(join(tmpdir(), "tilewright-meter-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "meter.csv");
  /** A board that was started 100 s ago; its inferences run for 0.3 s. */
  const started = Date.now() / 1e3 - 100;
  const uptime = (): number => Date.now() / 1e3 - started;
  const metered: Runner = {
    ...runnerWith(true),
    sampleEnergy: async () => ({
      readings: [{ seconds: uptime(), reading: { sensors: [] } }],
      processorSeconds: 0,
    }),
    run: async () => {
      const from = uptime();
      await new Promise((resolve) => setTimeout(resolve, 300));
      const beside = {
        kind: "beside",
        cycles: 1,
        wallNs: 3e8,
        processNs: 3e8,
        reference: [1],
        from,
        to: uptime(),
      };
      const stdout = `${JSON.stringify({ kind: "network", ns: [10e6] })}\n${JSON.stringify(beside)}\n`;
      // What the meter has logged of the two seconds around now.
      const rows = Array.from({ length: 200 }, (_, i) => {
        const at = started + from - 1 + i / 100;
        return `${at.toFixed(3)},${at < started + from ? 2000 : 6000}`;
      });
      writeFileSync(file, `time,power (mW)\n${rows.join("\n")}\n`);
      return { stdout, stderr: "", exitCode: 0, files: new Map() };
    },
  };
  const wanted = { ...options, meter: file, idleSeconds: 0.2 };

  test("tells energy by its timestamps, without any sensor on the board", async () => {
    writeFileSync(file, "time,power (mW)\n1700000000,1\n");
    expect(await measureEnergy(program, metered, wanted)).toMatchObject({
      ...{ watts: expect.closeTo(6, 0), idle_watts: expect.closeTo(2, 0), sensors: ["meter"] },
      ...{ mJ_per_frame: expect.closeTo(60, -1), reading_share: 0 },
    });
  });

  test("that logged nothing meanwhile is refused", async () => {
    const old = join(folder, "old.csv");
    writeFileSync(old, "time,power\n1700000000,2\n");
    const text = await messageOf(() => measureEnergy(program, metered, { ...wanted, meter: old }));
    expect(
      text.replaceAll(old, "old.csv").replace(/from 20.*?, when/, "from A to B, when"),
    ).toMatchInlineSnapshot(`
      "error[R193]: \`old.csv\` does not tell the power of this run
        why:   it has 0 readings from A to B, when nothing ran; its own are from 2023-11-14T22:13:20.000Z to 2023-11-14T22:13:20.000Z
        help:  the meter has to log to it meanwhile, at least twice a second, by the clock of this machine"
    `);
    const none = await messageOf(() => measureEnergy(program, metered, { ...wanted, meter: "/none.csv" }));
    expect(none).toContain("error[R193]: `/none.csv` does not tell the power of this run");
  });
});
