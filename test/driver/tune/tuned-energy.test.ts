import { describe, expect, test } from "vitest";
import { tuneEnergyText } from "../../../compiler/cli/tune-energy.ts";
import type { TimedReading } from "../../../compiler/device/energy-power.ts";
import type { Runner } from "../../../compiler/device/runner.ts";
import { tellsEnergy } from "../../../compiler/driver/run/measure-energy.ts";
import { tunedEnergy } from "../../../compiler/driver/tune/tuned-energy.ts";

const { signal } = new AbortController();
const options = { threads: 1, timeoutSeconds: 10, signal };
const metadata = { layers: [] } as never;
const programs = {
  estimated: { program: "estimated", metadata },
  tuned: { program: "tuned", metadata },
};

/** A board that takes 1 W idle; what runs there takes so many watts and milliseconds, and 0.1 W more with each run before it. */
function boardWith(work: Readonly<Record<string, readonly [watts: number, ms: number]>>): Runner {
  let runs = 0;
  let running: string | undefined;
  const clock = 0;
  return {
    ...{ board: "made up", timing: "measured", close: async () => {} },
    run: async ({ program }) => {
      running = program;
      const [, ms] = work[program] ?? [0, 0];
      const beside = { kind: "beside", cycles: 1, wallNs: 5e9, processNs: 5e9, reference: [1] };
      const lines = [
        { kind: "network", ns: [ms * 1e6] },
        { ...beside, from: clock, to: clock + 5 },
      ];
      const stdout = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
      return { stdout, stderr: "", exitCode: 0, files: new Map() };
    },
    sampleEnergy: async ({ count, everySeconds }) => {
      const from = clock;
      const [watts] = work[running ?? ""] ?? [1, 0];
      const power = running === undefined ? watts : watts + 0.1 * runs++;
      running = undefined;
      const reading = (i: number): TimedReading => ({
        seconds: from + i * everySeconds,
        reading: { sensors: [{ kind: "power", name: "VDD_IN", watts: power }] },
      });
      return { readings: Array.from({ length: count }, (_, i) => reading(i)), processorSeconds: 0 };
    },
  };
}

describe("energy of a tune", () => {
  test("is of both programs in turns, so that a board that warms up favours neither", async () => {
    const board = boardWith({ estimated: [4, 60], tuned: [4, 48] });
    const found = await tunedEnergy(programs, board, options);
    // at 4.0 and 4.3 W, at 4.1 and 4.2 W
    expect(found).toMatchObject({
      estimated: { mJ_per_frame: expect.closeTo(4.15 * 60, 6), sensors: ["VDD_IN"] },
      tuned: { mJ_per_frame: expect.closeTo(4.15 * 48, 6) },
      saved: expect.closeTo(0.2, 6),
    });
    expect(tuneEnergyText(found)).toEqual([
      "energy: 199 mJ an inference with the winners, 249 as estimated: 20.0 % saved (16.0 % to 23.7 %)",
      "  by VDD_IN, of the whole network in two turns each: a candidate alone runs too short for a power sensor",
    ]);
  });

  test("that lies within what power varies is said to", async () => {
    const found = await tunedEnergy(programs, boardWith({ estimated: [4, 60], tuned: [4, 58.8] }), options);
    expect(tuneEnergyText(found)[0]).toBe(
      "energy: 244 mJ an inference with the winners, 249 as estimated: 2.0 % less, within the noise",
    );
  });

  test("is not measured without a sensor, and nothing is built for it", async () => {
    const silent: Runner = {
      ...boardWith({}),
      sampleEnergy: async () => ({
        readings: [{ seconds: 1, reading: { sensors: [] } }],
        processorSeconds: 0,
      }),
    };
    expect(await tellsEnergy(silent, { signal })).toBe(false);
    expect(await tellsEnergy(silent, { signal, meter: "power.csv" })).toBe(true);
    expect(await tellsEnergy({ ...boardWith({}), timing: "emulated" }, { signal })).toBe(false);
    expect(await tellsEnergy(boardWith({}), { signal })).toBe(true);
    expect(tuneEnergyText("not measured")).toEqual(["energy: not measured (no sensor can be read)"]);
  });
});
