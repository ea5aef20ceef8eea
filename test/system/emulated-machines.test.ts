import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { tilewright } from "../cli/command-line.ts";
import { type SystemBoard, startSystemBoard } from "../support/system-board/system-board.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

/** Whole emulated machines: Linux's own /proc, /sys and device trees, busybox for a shell, dropbear for ssh. `make test-system`. */
const DIGITS = "test/fixtures/digits/digits.onnx";
const folder = temporaryFolder("system");
const MINUTES = 10 * 60_000;

beforeAll(() => {
  writeFileSync(join(folder, "boards.json"), "{}");
  vi.stubEnv("TILEWRIGHT_BOARDS", join(folder, "boards.json"));
});
afterAll(() => {
  vi.unstubAllEnvs();
});

function machine(kind: Parameters<typeof startSystemBoard>[0]) {
  let board: SystemBoard;
  beforeAll(async () => {
    board = await startSystemBoard(kind);
  }, MINUTES);
  afterAll(() => board?.stop());
  const access = (): string[] => ["--ssh-config", board.sshConfigPath];
  return {
    on: (command: string, ...words: string[]) => tilewright(command, ...words, "--board", kind, ...access()),
    of: (command: string[], ...words: string[]) => tilewright(...command, ...words, ...access()),
  };
}

/** Findings of doctor by hop. */
function hops(out: string): Readonly<Record<string, { verdict: string; says: string }>> {
  const { hops } = JSON.parse(out);
  return Object.fromEntries(hops.map((found: { hop: string }) => [found.hop, found]));
}

describe("a machine of a Cortex-A72 that is no board there is", () => {
  const { on, of } = machine("virt");

  test("is known by its cores, and doctor warns of its times", { timeout: MINUTES }, async () => {
    const { code, out } = await of(["doctor", "virt"], "--json");
    const found = hops(out);
    expect(Object.values(found).filter(({ verdict }) => verdict === "fail")).toEqual([]);
    expect(found.target?.says).toBe("cortex-a72: its cores are 0x41:0xd08, a cortex-a72");
    expect(found.cores).toMatchObject({
      verdict: "warn",
      says: "2 of 0x41:0xd08, of a virtual machine (linux,dummy-virt): its times say nothing",
    });
    expect(found.kernel?.says).toBe("a small convolution for cortex-a72 is right there");
    expect(code).toBe(0);
  });

  test("runs what is compiled for a Raspberry Pi 4, right", { timeout: MINUTES }, async () => {
    const { code, out } = await on("verify", DIGITS, "--target", "rpi4");
    expect(out).toContain("right: digits on virt: 11 layers and 1 outputs compared");
    expect(code).toBe(0);
  });

  test("has times that are never taken for measured", { timeout: MINUTES }, async () => {
    const { out } = await on("bench", DIGITS, "--budget", "3s", "--json");
    const { timing, board } = JSON.parse(out);
    expect([board, timing]).toEqual(["virt", "unknown"]);
  });
});

describe("a Raspberry Pi 3 of qemu's, by its own device tree", () => {
  const { on, of } = machine("raspi3b");

  test("is known by its name", { timeout: MINUTES }, async () => {
    const { code, out } = await of(["doctor", "raspi3b"], "--json");
    const found = hops(out);
    expect(Object.values(found).filter(({ verdict }) => verdict === "fail")).toEqual([]);
    expect(found.target?.says).toBe("rpi3: its device tree names it raspberrypi,3-model-b");
    expect(found.cores?.says).toBe("4 of 0x41:0xd03");
    expect(found.kernel?.says).toBe("a small convolution for rpi3 is right there");
    expect(code).toBe(0);
  });

  test("is refused as another board before anything is compiled", { timeout: MINUTES }, async () => {
    const { code, note } = await on("verify", DIGITS, "--target", "rpi5");
    expect(note).toContain("error[D143]: `raspi3b` is no rpi5");
    expect(code).not.toBe(0);
  });

  test("runs a network, right, over a link of 0.2 MB/s", { timeout: MINUTES }, async () => {
    const { code, out } = await on("verify", DIGITS);
    expect(out).toContain("right: digits on raspi3b: 11 layers and 1 outputs compared");
    expect(code).toBe(0);
  });

  test("is listed and cleaned", { timeout: MINUTES }, async () => {
    const known = JSON.parse((await of(["boards"], "--json")).out);
    expect(known.find(({ board }: { board: string }) => board === "raspi3b")).toMatchObject({
      board: "raspi3b",
      target: "rpi3",
      reachable: true,
      lock: null,
    });
    const { out, code } = await of(["boards", "clean", "raspi3b"]);
    expect(out).toMatch(/^raspi3b: removed \d+ copies/);
    expect(code).toBe(0);
  });
});
