import { describe, expect, test } from "vitest";
import { parseFacts } from "../../compiler/device/board-facts.ts";
import { detectTarget, mismatches } from "../../compiler/device/detect-target.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { STAND_INS, standIn } from "./stand-in.ts";

const found = (detection: ReturnType<typeof detectTarget>): string =>
  detection.kind === "unknown" ? `unknown: ${detection.why}` : detection.target.name;

describe("a board is known by what it says", () => {
  test.each(STAND_INS)("%s", (name) => {
    const { facts } = standIn(name);
    expect(found(detectTarget(facts))).toBe(name);
    expect(mismatches(loadTarget(name), facts)).toEqual([]);
    expect(facts.memoryMiB).toBeGreaterThan(400);
  });

  test("with a 32-bit kernel as its 32-bit target", () => {
    const { facts } = standIn("zero2w", (text) => text.replace("machine aarch64", "machine armv7l"));
    expect(found(detectTarget(facts))).toBe("zero2w-32");
  });

  test.each([
    ["rk3588", "-mcpu=cortex-a76"],
    ["hikey970", "-mcpu=cortex-a73"],
    ["odroid-xu4", "-mcpu=cortex-a15 -mtriple=arm-linux-gnueabihf"],
    ["orin-nano", "-mcpu=cortex-a78ae"],
  ])("a board of no known name as its fastest core: %s", (name, target) => {
    const { facts } = standIn(name);
    const detection = detectTarget({ ...facts, compatible: ["somebody,board"] });
    expect(detection.kind === "core" && detection.target.board).toEqual(loadTarget(target).board);
  });

  test("what is no Arm board is unknown", () => {
    const facts = parseFacts("machine x86_64\ncpu flags : fpu sse\n");
    expect(detectTarget(facts)).toEqual({
      kind: "unknown",
      why: "it does not name itself; x86_64; no core that can be read",
    });
    expect(mismatches(loadTarget("rpi4"), facts)).toEqual([]);
  });
});

describe("a target that is not the board's", () => {
  test("needs what its cores lack", () => {
    expect(mismatches(loadTarget("rpi5"), standIn("rpi4").facts)).toEqual([
      { verdict: "fail", text: "its cores lack fp16, dotprod, which code for cortex-a76 may use" },
      {
        verdict: "warn",
        text: "its cores are cortex-a72, not cortex-a76: kernels are tuned for another core",
      },
    ]);
  });

  test("is for another core", () => {
    expect(mismatches(loadTarget("rpi4"), standIn("rk3588").facts)).toEqual([
      {
        verdict: "warn",
        text: "its cores are cortex-a55 and cortex-a76, not cortex-a72: kernels are tuned for another core",
      },
    ]);
  });

  test("is for another kernel", () => {
    expect(mismatches(loadTarget("rpi4"), standIn("rpi2").facts)).toEqual([
      { verdict: "fail", text: "its kernel is armv7l, which does not run programs for aarch64-linux-gnu" },
    ]);
  });
});

test("facts of hostile words are bounded and plain", () => {
  const facts = parseFacts(
    [
      `model ${"\u202e\u001b[31m".repeat(1000)}x`,
      ...Array.from({ length: 5000 }, (_, i) => `compatible a,${i}`),
      ...Array.from({ length: 5000 }, () => "cpu CPU implementer : 0x41\ncpu CPU part : 0xd08"),
      "cpu CPU part : 0x41; rm -rf /",
      "memory 99999999999999999999",
      "machine $(id)",
      "sensor \u001b]0;title\u0007",
    ].join("\n"),
  );
  expect(facts.model?.length).toBeLessThanOrEqual(120);
  expect(JSON.stringify(facts)).not.toMatch(/[\p{Cf}]|\\u001b|\\u202e/u);
  expect(facts.compatible.length).toBeLessThanOrEqual(40);
  expect([facts.machine, facts.memoryMiB]).toEqual([undefined, undefined]);
});
