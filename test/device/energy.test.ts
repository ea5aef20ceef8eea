import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { boardSensors, type EnergyReading, energyScript, parseEnergy } from "../../compiler/device/energy.ts";
import { averagePower, type TimedReading } from "../../compiler/device/energy-power.ts";
import { parseEnergyTrace } from "../../compiler/device/energy-trace.ts";

const made: string[] = [];
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true });
});

/** Runs the board's script over a made-up /sys. */
function readingOf(files: Readonly<Record<string, string>>): EnergyReading {
  return parseEnergy(scriptOutput(files));
}

function scriptOutput(files: Readonly<Record<string, string>>, ...words: string[]): string {
  const root = mkdtempSync(join(tmpdir(), "tilewright-sys-"));
  made.push(root);
  for (const [path, text] of Object.entries(files)) {
    const file = join(root, "sys", path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return execFileSync("sh", ["-c", energyScript(), "sh", root, ...words], { encoding: "utf8" });
}

const JETSON = {
  "class/hwmon/hwmon3/name": "ina3221\n",
  "class/hwmon/hwmon3/in1_label": "VDD_IN\n",
  "class/hwmon/hwmon3/in1_input": "5008\n",
  "class/hwmon/hwmon3/curr1_input": "896\n",
  "class/hwmon/hwmon3/in2_label": "VDD_CPU_GPU_CV\n",
  "class/hwmon/hwmon3/in2_input": "5000\n",
  "class/hwmon/hwmon3/curr2_input": "200\n",
  // An unused channel has no current.
  "class/hwmon/hwmon3/in3_input": "0\n",
};

describe("sensors", () => {
  test("the channels of an INA3221 are volts times amperes; the input rail is the whole board's", () => {
    const reading = readingOf(JETSON);
    expect(reading.sensors).toEqual([
      { kind: "power", name: "VDD_IN", watts: (5008 * 896) / 1e6 },
      { kind: "power", name: "VDD_CPU_GPU_CV", watts: 1 },
    ]);
    expect(boardSensors(reading).map(({ name }) => name)).toEqual(["VDD_IN"]);
  });

  test("an INA3221 under its older driver", () => {
    const device = "bus/i2c/drivers/ina3221x/6-0040/iio:device0";
    const reading = readingOf({
      [`${device}/in_power0_input`]: "2345\n",
      [`${device}/rail_name_0`]: "POM_5V_IN\n",
    });
    expect(reading.sensors).toEqual([{ kind: "power", name: "POM_5V_IN", watts: 2.345 }]);
    expect(boardSensors(reading)).toHaveLength(1);
  });

  test("hwmon power sensors that feed apart from each other add up", () => {
    const reading = readingOf({
      "class/hwmon/hwmon0/name": "ina231_arm\n",
      "class/hwmon/hwmon0/power1_input": "1500000\n",
      "class/hwmon/hwmon0/curr1_input": "300\n",
      "class/hwmon/hwmon0/in1_input": "5000\n",
      "class/hwmon/hwmon1/name": "ina231_mem\n",
      "class/hwmon/hwmon1/power1_input": "250000\n",
      "class/hwmon/hwmon2/name": "cpu_thermal\n",
      "class/hwmon/hwmon2/temp1_input": "45000\n",
    });
    expect(reading.sensors).toEqual([
      { kind: "power", name: "ina231_arm", watts: 1.5 },
      { kind: "power", name: "ina231_mem", watts: 0.25 },
    ]);
    expect(boardSensors(reading)).toHaveLength(2);
  });

  test("RAPL: packages, without what is inside of them", () => {
    const reading = readingOf({
      "class/powercap/intel-rapl:0/name": "package-0\n",
      "class/powercap/intel-rapl:0/energy_uj": "123456789\n",
      "class/powercap/intel-rapl:0/max_energy_range_uj": "262143328850\n",
      "class/powercap/intel-rapl:0:0/name": "core\n",
      "class/powercap/intel-rapl:0:0/energy_uj": "9\n",
    });
    expect(reading.sensors).toEqual([
      { kind: "energy", name: "package-0", joules: 123.456789, wraps: 262143.32885 },
    ]);
  });

  test("none is none, and nonsense is left out", () => {
    expect(readingOf({})).toEqual({ sensors: [] });
    expect(parseEnergy("power\tx\tmany\nrail\ty\t5000\nfoo\tz\t1\n\u0007").sensors).toEqual([]);
    expect(parseEnergy("power\ta\t1000000\npower\ta\t2000000").sensors.map((s) => s.name)).toEqual([
      "a",
      "a (2)",
    ]);
  });
});

describe("readings one after another", () => {
  test("come with their times, and what reading them took", () => {
    const text = ["at\t10.25", "power\tVDD\t1000000", "at\t10.5", "power\tVDD\t3000000", "at\tnever", ""];
    const times = "0m0.100000s 0m0.200000s\n1m0.100000s 0m0.000000s\n";
    const trace = parseEnergyTrace(text.join("\n") + times);
    expect(trace.readings.map(({ seconds }) => seconds)).toEqual([10.25, 10.5]);
    expect(averagePower(trace.readings)?.watts).toBe(2);
    expect(trace.processorSeconds).toBeCloseTo(60.4, 9);
    expect(parseEnergyTrace("")).toEqual({ readings: [], processorSeconds: 0 });
  });

  test("one process reads them", () => {
    const output = scriptOutput({ ...JETSON, "../proc/uptime": "77.50 100.00\n" }, "0.01", "3");
    const { readings } = parseEnergyTrace(output);
    expect(readings.map(({ seconds, reading }) => [seconds, reading.sensors.length])).toEqual([
      [77.5, 2],
      [77.5, 2],
      [77.5, 2],
    ]);
  });

  test("a Raspberry Pi 5 tells amperes and volts of its rails", () => {
    const lines = ["pmic\t3V7_WL_SW_A\t0.10000000A", "pmic\tVDD_CORE_A\t2.00000000A", "pmic\tHDMI_A\t0.02A"];
    const volts = ["pmic\tVDD_CORE_V\t0.75000000V", "pmic\t3V7_WL_SW_V\t3.70000000V", "pmic\tEXT5V_V\t5.1V"];
    expect(parseEnergy([...lines, ...volts, "pmic\tBAD_A\tx"].join("\n")).sensors).toEqual([
      { kind: "power", name: "3V7_WL_SW", watts: expect.closeTo(0.37, 9) },
      { kind: "power", name: "VDD_CORE", watts: 1.5 },
    ]);
  });
});

describe("average power", () => {
  const at = (seconds: number, ...sensors: EnergyReading["sensors"]): TimedReading => ({
    seconds,
    reading: { sensors },
  });
  const power = (watts: number) => ({ kind: "power", name: "VDD_IN", watts }) as const;
  const counter = (joules: number) => ({ kind: "energy", name: "package-0", joules, wraps: 100 }) as const;

  test("of a power sensor: by time, not by reading", () => {
    expect(averagePower([at(0, power(2)), at(1, power(4)), at(4, power(4))])).toEqual({
      watts: (3 + 12) / 4,
      seconds: 4,
      readings: 3,
      sensors: ["VDD_IN"],
    });
  });

  test("of a counter, also when it begins again", () => {
    expect(averagePower([at(10, counter(90)), at(12, counter(6)), at(14, counter(10))])?.watts).toBe(5);
  });

  test("not measured is undefined", () => {
    expect(averagePower([])).toBeUndefined();
    expect(averagePower([at(0, power(2))])).toBeUndefined();
    expect(averagePower([at(0), at(1)])).toBeUndefined();
    expect(averagePower([at(0, power(2)), at(1)])).toBeUndefined();
  });
});
