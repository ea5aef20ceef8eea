import { expect, test } from "vitest";
import { parseBoardState } from "../../compiler/device/board-state.ts";
import { localRunner } from "../../compiler/device/local.ts";

test("a state is read from a board's own words", () => {
  const text = [
    ...["model Raspberry Pi 4 Model B Rev 1.4\0", "kernel 6.6.20-v8+", "machine aarch64", "cores 4"],
    ...["governor ondemand", "frequency 1500000", "max_frequency 1800000", "temperature 61835"],
    ...["load 0.52 0.58 0.59 1/467 1234", "throttled throttled=0x50005", ""],
  ].join("\n");
  expect(parseBoardState(text)).toEqual({
    model: "Raspberry Pi 4 Model B Rev 1.4",
    kernel: "6.6.20-v8+",
    machine: "aarch64",
    cores: 4,
    governor: "ondemand",
    frequencyMHz: 1500,
    maxFrequencyMHz: 1800,
    temperatureC: 61.835,
    throttled: true,
    load: 0.52,
  });
});

test("throttling in the past is not throttling now", () => {
  expect(parseBoardState("throttled throttled=0x50000").throttled).toBe(false);
  expect(parseBoardState("throttled 0").throttled).toBe(false);
});

test("what cannot be read is absent", () => {
  expect(parseBoardState("cores \nfrequency unknown\ntemperature\nnoise\nthrottled ?\n")).toEqual({});
});

test("this machine tells at least its kernel and its cores", async () => {
  const state = await localRunner("host").readState?.();
  expect(state?.kernel).toMatch(/^\d+\./);
  expect(state?.cores).toBeGreaterThan(0);
});
