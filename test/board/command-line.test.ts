import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readNpy, readNpz } from "../../compiler/frontend/npy.ts";
import { PACKAGE_ROOT } from "../../compiler/support/paths.ts";
import { tilewright } from "../cli/command-line.ts";
import { type LoopbackBoard, startLoopbackBoard } from "../support/loopback-board/loopback-board.mjs";

const digits = join(PACKAGE_ROOT, "test/fixtures/digits");
const model = join(digits, "digits.onnx");
const folder = mkdtempSync(join(tmpdir(), "tilewright-cli-"));
let board: LoopbackBoard;
beforeAll(async () => {
  board = await startLoopbackBoard({ alias: "rpi4" });
});
afterAll(() => {
  board.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Times and paths are nobody's business here, nor whether a step took long enough to be announced. */
const shown = (text: string): string =>
  text
    .replace(/^.* \.\.\.\n/gm, "")
    .replaceAll(folder, "DIR")
    .replaceAll(digits, "DIGITS")
    .replaceAll(board.sshConfigPath, "SSH_CONFIG")
    .replace(/\(\d+\.\d s\)/g, "(0.0 s)")
    .replace(/\d+ layers with \d+ kernels/g, "0 layers with 0 kernels")
    .replace(/\d+ layers, /, "0 layers, ")
    .replace(/\d+\.\d+ [KM]iB/g, "0 KiB")
    .replace(/\d+ files compiled, \d+ from/g, "0 files compiled, 0 from")
    .replace(/\d+\.\d+ (ms|us)/g, "0 ms");

describe("a network from file to board", () => {
  it("compile writes a bundle and says what is in it", async () => {
    const out = join(folder, "bundle");
    const { code, out: text, note } = await tilewright("compile", model, "--target", "rpi4", "-o", out);
    expect(note).toContain("next: ");
    expect(code).toBe(0);
    expect(shown(text)).toMatchSnapshot();
    for (const file of ["Makefile", "metadata.json", "include/digits.h", "build/digits"]) {
      expect(existsSync(join(out, file)), file).toBe(true);
    }
  });

  it("compile --dump-ir writes the loops after each step", async () => {
    const dump = join(folder, "dump");
    expect(
      await tilewright(
        "compile",
        model,
        "--target",
        "host",
        "-o",
        join(folder, "b2"),
        "--dump-ir",
        dump,
        "--json",
      ),
    ).toMatchObject({ code: 0 });
    expect(existsSync(join(dump, "001-x_repack", "index.txt"))).toBe(true);
  });

  it.each(["host", "qemu-rpi4", "rpi4"])("run classifies every test image right on %s", async (name) => {
    const out = join(folder, `out-${name}`);
    const input = join(digits, "test.npz");
    const ssh = name === "rpi4" ? ["--ssh-config", board.sshConfigPath] : [];
    const ended = await tilewright(
      "run",
      model,
      "--board",
      name,
      ...ssh,
      "--input",
      `x=${input}:images`,
      "--output-dir",
      out,
    );
    expect(ended.code, ended.note).toBe(0);
    expect(shown(`${ended.out}\n${ended.note}`)).toMatchSnapshot();
    const { data } = readNpy(readFileSync(join(out, "probabilities.npy")), "probabilities.npy");
    const labels = readNpz(readFileSync(input), input).get("labels")?.data ?? [];
    const right = [...labels].filter((label, i) => {
      const row = data.subarray(10 * i, 10 * i + 10);
      return row.indexOf(Math.max(...row)) === label;
    });
    expect(right.length / labels.length).toBeGreaterThanOrEqual(0.97);
  });

  it("bench --json gives every layer's raw times, labelled", async () => {
    const ended = await tilewright(
      "bench",
      model,
      "--board",
      "qemu-rpi4",
      "--repeats",
      "2",
      "--threads",
      "2",
      "--json",
    );
    expect(ended.code, ended.note).toBe(0);
    const report = JSON.parse(ended.out);
    expect(report).toMatchObject({
      network: "digits",
      target: "qemu-rpi4",
      timing: "emulated",
      threads: 2,
      warmup: 1,
      isa: "neon-v8",
      modelSha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      tilewright: {
        version: expect.stringMatching(/^\d+\.\d+/),
        build: expect.stringMatching(/^[0-9a-f]{16}$/),
      },
      compiler: { command: "aarch64-linux-gnu-gcc", version: expect.stringContaining("gcc") },
      cflags: expect.arrayContaining(["-O3", "-mcpu=cortex-a72"]),
    });
    expect(report.layers[1]).toMatchObject({ kernel: expect.stringMatching(/_[0-9a-f]{12}$/) });
    expect(report.whole.ns).toHaveLength(2);
    for (const layer of report.layers) expect(layer.times.ns).toHaveLength(2);
    expect(report.layers.reduce((sum: number, { share }: { share: number }) => sum + share, 0)).toBeCloseTo(
      1,
    );
  });

  it("bench prints a table, and that the times are emulated", async () => {
    const { out } = await tilewright(
      "bench",
      model,
      "--board",
      "rpi4",
      "--ssh-config",
      board.sshConfigPath,
      "--repeats",
      "1",
    );
    expect(out).toMatch(/^layer +operator +schedule +(ms|us) \(emulated\) +GFLOP\/s +share$/m);
    expect(out).toMatch(/^digits on rpi4, 1 thread: median /m);
    expect(out).toContain("they say nothing about a board's");
    expect((await tilewright("bench", model, "--board", "host", "--repeats", "5")).out).not.toContain(
      "emulated",
    );
  });

  it("verify compares each layer, with given or random inputs", async () => {
    const ended = await tilewright("verify", model, "--board", "rpi4", "--ssh-config", board.sshConfigPath);
    expect(ended.code, ended.note).toBe(0);
    expect(ended.out).toMatch(/^right: digits on rpi4: \d+ layers and 1 outputs compared/m);
    const given = ["--input", join(digits, "one.npy"), "--tolerance", "0.9", "--json"];
    const { out } = await tilewright("verify", model, "--board", "host", ...given);
    expect(JSON.parse(out)).toMatchObject({ ok: true, tolerance: 0.9 });
  });

  it("verify names the first wrong layer when the tolerance is not met", async () => {
    const { code, out, note } = await tilewright("verify", model, "--board", "host", "--tolerance", "1e-12");
    expect(code).toBe(10);
    expect(out).toContain("WRONG");
    expect(note.slice(note.indexOf("error[")).replace(/-?\d+(\.\d+)?(e-\d+)?/g, "0")).toMatchSnapshot();
  });
});

describe("what can go wrong on the way", () => {
  const cases: [string, string[]][] = [
    ["no model file", ["bench", "none.onnx", "--board", "host"]],
    ["model is no ONNX", ["bench", join(folder, "text.onnx"), "--board", "host"]],
    [
      "input of a wrong shape",
      ["run", model, "--board", "host", "--input", join(digits, "test.npz:labels"), "--output-dir", folder],
    ],
    ["unknown board", ["bench", model, "--board", "qemu-rpi44", "--target", "rpi4"]],
    [
      "several samples to verify",
      ["verify", model, "--board", "host", "--input", join(digits, "test.npz:images")],
    ],
    ["folder in use", ["compile", model, "--target", "host", "-o", digits]],
  ];
  it.each(cases)("%s", async (_, argv) => {
    writeFileSync(join(folder, "text.onnx"), "this is not a model");
    const { code, out, note } = await tilewright(...argv);
    expect(out).toBe("");
    expect(`${shown(note)}\nexit ${code}`).toMatchSnapshot();
  });
});
