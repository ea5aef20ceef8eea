import { expect, test } from "vitest";
import { timingOf } from "../../compiler/device/elf.ts";

test.each([
  ["aarch64-linux-gnu", "aarch64", "measured"],
  ["aarch64-linux-gnu", "x86_64", "emulated"],
  ["aarch64-linux-gnu", "armv7l", "emulated"],
  ["arm-linux-gnueabihf", "aarch64", "measured"],
  ["arm-linux-gnueabihf", "armv7l", "measured"],
  ["x86_64-linux-gnu", "x86_64", "measured"],
  [undefined, "x86_64", "measured"],
  ["aarch64-linux-gnu", undefined, "unknown"],
] as const)("programs for %s on a machine that says %s: %s", (triple, uname, timing) => {
  expect(timingOf(triple, uname)).toBe(timing);
});

test.each([
  ["linux,dummy-virt", "unknown"],
  ["QEMU Virtual Machine", "unknown"],
  ["Raspberry Pi 4 Model B Rev 1.4", "measured"],
] as const)("a machine whose model is %s: %s", (model, timing) => {
  expect(timingOf("aarch64-linux-gnu", "aarch64", model)).toBe(timing);
});
