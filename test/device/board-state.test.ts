import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { afterAll, describe, expect, it, test } from "vitest";
import { conditionsOf } from "../../compiler/device/board-conditions.ts";
import { checkThreads, chosenCores, coreKinds, stateOfCores } from "../../compiler/device/board-cores.ts";
import { type BoardState, parseBoardState, stateScript } from "../../compiler/device/board-state.ts";
import { localRunner } from "../../compiler/device/local.ts";
import { messageOf } from "../support/message.ts";

const folder = mkdtempSync(join(tmpdir(), "tw-state-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the script says of a board whose files are given by path. */
async function stateOf(files: Readonly<Record<string, string>>): Promise<BoardState> {
  const root = mkdtempSync(join(folder, "root-"));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  const { stdout, stderr } = await execa("sh", ["-c", stateScript(), "state", root]);
  expect(stderr).toBe("");
  return parseBoardState(stdout);
}

const core = (n: number, governor: string, now: number, most: number, capacity?: number) => {
  const cpu = `sys/devices/system/cpu/cpu${n}`;
  return {
    [`${cpu}/cpufreq/scaling_governor`]: `${governor}\n`,
    [`${cpu}/cpufreq/scaling_cur_freq`]: `${now}000\n`,
    [`${cpu}/cpufreq/scaling_max_freq`]: `${most}000\n`,
    [`${cpu}/cpufreq/cpuinfo_max_freq`]: `${most}000\n`,
    ...(capacity !== undefined && { [`${cpu}/cpu_capacity`]: `${capacity}\n` }),
  };
};

test("a Raspberry Pi tells its state", async () => {
  const state = await stateOf({
    "proc/device-tree/model": "Raspberry Pi 4 Model B Rev 1.4\0",
    "proc/device-tree/serial-number": "10000000abcdef01\0",
    "proc/loadavg": "0.52 0.58 0.59 1/467 1234\n",
    ...core(0, "ondemand", 1500, 1800),
    "sys/class/thermal/thermal_zone0/temp": "61835\n",
    "sys/class/thermal/thermal_zone0/type": "cpu-thermal\n",
    "sys/devices/platform/soc/soc:firmware/get_throttled": "50005\n",
  });
  expect(state).toMatchObject({
    model: "Raspberry Pi 4 Model B Rev 1.4",
    id: expect.stringMatching(/^[0-9a-f]{16}$/),
    load: 0.52,
    throttling: { now: 5, since: 5 },
    zones: [{ name: "cpu-thermal", temperatureC: 61.835 }],
  });
  expect(state.coreStates).toEqual([
    { core: 0, governor: "ondemand", frequencyMHz: 1500, limitMHz: 1800, maxFrequencyMHz: 1800 },
  ]);
});

test("machines are told apart by serial number, else by installation, else by host key; a serial of zeros is none", () => {
  const id = (text: string): string | undefined => parseBoardState(text).id;
  expect(id("serial 1\nmachine_id a")).toBe(id("serial 1\nmachine_id b"));
  expect(id("serial 1")).not.toBe(id("serial 2"));
  expect(id("serial 0000000000000000\nmachine_id a")).toBe(id("machine_id a"));
  expect(id("serial 0000")).toBeUndefined();
  expect(parseBoardState("serial 0000", "key").id).toBe(parseBoardState("", "key").id);
  expect(parseBoardState("machine_id a", "key").id).toBe(id("machine_id a"));
});

test("throttling in the past is not throttling now", () => {
  expect(parseBoardState("throttled throttled=0x50000").throttling).toEqual({ now: 0, since: 5 });
  expect(parseBoardState("throttled 0").throttling).toEqual({ now: 0, since: 0 });
});

test("what cannot be read, or cannot be, is absent", () => {
  const nothing = { coreStates: [], zones: [] };
  expect(parseBoardState("cores \nload much\nnoise\nthrottled ?\ncore x governor y\n")).toEqual(nothing);
  const impossible = ["zone a -273150", "zone b 0", "zone c 999000", "zone d", "cores 0", "load -1"];
  expect(parseBoardState(impossible.join("\n"))).toEqual(nothing);
  expect(parseBoardState("core 0 frequency 0\ncore 0 max_frequency 99000000\n").coreStates).toEqual([
    { core: 0 },
  ]);
  expect(parseBoardState("model \u202egnp.\u001b[31mPi").model).toBe("gnp.[31mPi");
});

test("this machine tells at least its kernel and its cores", async () => {
  const state = await localRunner("host").readState?.();
  expect(state?.kernel).toMatch(/^\d+\./);
  expect(state?.cores).toBeGreaterThan(0);
});

/** Four little cores, four big ones in two clusters of slightly different clocks. */
const EIGHT = parseBoardState(
  [
    ...[0, 1, 2, 3].flatMap((n) => [`core ${n} max_frequency 1800000`, `core ${n} capacity 530`]),
    ...[4, 5, 6, 7].flatMap((n) => [
      `core ${n} max_frequency ${n < 6 ? 2256000 : 2304000}`,
      `core ${n} capacity ${n < 6 ? 1010 : 1024}`,
      `core ${n} governor ${n < 6 ? "performance" : "schedutil"}`,
      `core ${n} frequency ${n < 6 ? 2256000 : 1200000}`,
    ]),
    ...["cores 8", "zone soc-thermal 50000", "zone bigcore0-thermal 71000", "zone littlecore-thermal 78000"],
    "zone gpu-thermal 90000",
  ].join("\n"),
);
const EQUAL = parseBoardState("cores 4\ncore 0 capacity 1024\ncore 1 capacity 1024\n");

describe("cores", () => {
  it("of a mixed board are of two kinds; without capacities by their clocks", () => {
    expect(coreKinds(EIGHT)).toEqual({ little: [0, 1, 2, 3], big: [4, 5, 6, 7] });
    expect(coreKinds(EQUAL)).toBeUndefined();
    expect(coreKinds(parseBoardState("core 0 max_frequency 1000000\ncore 1 max_frequency 2000000"))).toEqual({
      little: [0],
      big: [1],
    });
    expect(coreKinds(parseBoardState("cores 4"))).toBeUndefined();
  });

  it("are the wished ones, else on a mixed board those that programs are compiled for", () => {
    expect(chosenCores("b", EIGHT, undefined, false)).toEqual([4, 5, 6, 7]);
    expect(chosenCores("b", EIGHT, undefined, true)).toEqual([0, 1, 2, 3]);
    expect(chosenCores("b", EIGHT, "little", false)).toEqual([0, 1, 2, 3]);
    expect(chosenCores("b", EIGHT, "all", false)).toBeUndefined();
    expect(chosenCores("b", EIGHT, [6, 1, 6], false)).toEqual([1, 6]);
    expect(chosenCores("b", EQUAL, undefined, false)).toBeUndefined();
  });

  it("that are not there are refused", async () => {
    expect(await messageOf(() => chosenCores("attic", EQUAL, [1, 4], false))).toMatchInlineSnapshot(`
      "error[D171]: \`attic\` has no core 4
        why:   its 4 cores are numbered from 0 on"
    `);
    expect(await messageOf(() => chosenCores("attic", EQUAL, "big", false))).toMatchInlineSnapshot(`
      "error[D172]: \`attic\` has no big cores
        why:   all of them are of one kind
        help:  leave --cores out, or give their numbers: --cores 0-3"
    `);
    expect(await messageOf(() => checkThreads("attic", 5, EQUAL, undefined))).toMatchInlineSnapshot(`
      "error[D173]: 5 threads have no 5 cores on \`attic\`
        why:   it has 4
        help:  --threads 4, or fewer"
    `);
    expect(await messageOf(() => checkThreads("attic", 3, EQUAL, [0, 2]))).toMatchInlineSnapshot(`
      "error[D173]: 3 threads have no 3 cores on \`attic\`
        why:   --cores gives them 0, 2
        help:  --threads 2, or fewer"
    `);
    expect(() => checkThreads("attic", 4, EQUAL, undefined)).not.toThrow();
  });

  it("have the slowest clock of theirs, and the heat of their own zones", () => {
    expect(stateOfCores(EIGHT, [4, 6])).toEqual({
      ...{ governors: ["performance", "schedutil"], frequencyMHz: 1200, maxFrequencyMHz: 2256 },
      temperatureC: 71,
    });
    expect(stateOfCores(EIGHT, [0])).toMatchObject({ governors: [], temperatureC: 78 });
    expect(stateOfCores(EQUAL, undefined)).toEqual({ governors: [] });
  });
});

describe("conditions", () => {
  it("are named that will show in times, and no others", () => {
    expect(conditionsOf(EIGHT, [4, 5])).toEqual(["it is hot: 71 °C (--cool-down 55C waits)"]);
    expect(conditionsOf(EIGHT, [6])).toContain(
      "governor schedutil changes the clock while times are measured: set `performance`",
    );
    expect(conditionsOf(EQUAL, undefined)).toEqual([]);
    const core = "core 0 governor performance\ncore 0 max_frequency 1800000\n";
    expect(conditionsOf(parseBoardState(`${core}core 0 frequency 600000\nload 1.25 1 1`), [0])).toEqual([
      "the clock is 600 of 1800 MHz",
      "other programs were at work: load 1.25",
    ]);
    expect(conditionsOf(parseBoardState(`${core}core 0 limit 1200000\nthrottled 50000`), [0])).toEqual([
      "the clock may reach 1200 of 1800 MHz: a power mode or heat limits it",
      "since it was started its firmware has seen: too little power, throttled",
    ]);
    expect(conditionsOf(parseBoardState("throttled 50005"), undefined)).toEqual([
      "its firmware says: too little power, throttled",
    ]);
  });
});
