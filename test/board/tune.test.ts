import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exportOnnx } from "../../compiler/frontend/onnx/export.ts";
import { PACKAGE_ROOT } from "../../compiler/support/paths.ts";
import { makeRng } from "../../compiler/support/rng.ts";
import { tilewright } from "../cli/command-line.ts";
import { graphBuilder } from "../graph/graph-builder.ts";
import { jsonLines } from "../support/json-lines.ts";
import { type LoopbackBoard, startLoopbackBoard } from "../support/loopback-board/loopback-board.mjs";

const DIGITS = join(PACKAGE_ROOT, "test/fixtures/digits/digits.onnx");
const LAYER = "/group4/group4.0/Conv";

const folder = mkdtempSync(join(tmpdir(), "tilewright-tune-"));
let board: LoopbackBoard;
beforeAll(async () => {
  board = await startLoopbackBoard({ cpu: "cortex-a72", alias: "attic" });
});
afterAll(() => {
  board.stop();
  rmSync(folder, { recursive: true, force: true });
});

const read = (log: string): string => {
  try {
    return readFileSync(log, "utf8");
  } catch {
    return "";
  }
};
const linesOf = (log: string) =>
  jsonLines<{ kind: string; kernel: string; outcome?: string; stage?: string; on?: string }>(read(log));

describe("a layer tuned over ssh", () => {
  const log = join(folder, "ssh.jsonl");
  const at = (): string[] => ["--board", "attic", "--ssh-config", board.sshConfigPath, "--target", "rpi4"];
  const words = (): string[] => [
    ...["tune", DIGITS, ...at(), "--layer", LAYER, "--log", log, "--budget", "8"],
  ];

  test("every candidate is checked there before it counts", async () => {
    const { code, out, note } = await tilewright(...words());
    expect(note).toContain(`log: ${log}`);
    expect(note).toContain(`next: \`tilewright compile ${DIGITS} --target rpi4 --records ${log} -o FOLDER\``);
    expect(code).toBe(0);
    expect(out).toContain(LAYER);
    // the board is emulated: its times say nothing, so that they are modelled
    expect(out).toMatch(
      /cortex-a72, modelled, results checked on attic: \d+\.\d % of \d+\.\d+ million cycles saved, \d of \d kernels changed/,
    );
    const lines = linesOf(log);
    const trials = lines.filter(({ kind, stage }) => kind === "trial" && stage === "screen");
    expect(trials.length).toBeGreaterThanOrEqual(8);
    expect(new Set(trials.map(({ outcome }) => outcome))).toEqual(new Set(["ok"]));
    expect(lines.some(({ kind }) => kind === "winner")).toBe(true);
  });

  test("what was found is compiled, and right", async () => {
    const records = ["--records", log];
    const { code, out, note } = await tilewright("verify", DIGITS, ...at(), ...records);
    expect(note).toMatch(new RegExp(`\\d of \\d+ layers as recorded in ${log}`));
    expect([code, out]).toEqual([0, expect.stringContaining("right")]);
    const to = join(folder, "bundle");
    await tilewright("compile", DIGITS, "--target", "rpi4", ...records, "-o", to);
    const { layers } = JSON.parse(readFileSync(join(to, "metadata.json"), "utf8"));
    expect(layers.filter(({ chosen }: { chosen?: string }) => chosen === "modelled").length).toBeGreaterThan(
      0,
    );
  });
});

describe("a layer tuned on the model of a core", () => {
  const words = (log: string): string[] => [
    "tune",
    DIGITS,
    "--target",
    "rpi3",
    "--layer",
    LAYER,
    "--log",
    log,
  ];

  test("killed, it goes on where it was", async () => {
    const log = join(folder, "model.jsonl");
    const args = ["dist/cli/main.js", ...words(log), "--budget", "6"];
    const child = spawn("node", args, { cwd: PACKAGE_ROOT, stdio: "ignore" });
    const ended = new Promise((resolve) => child.on("close", resolve));
    while (read(log).split("\n").length < 4 && child.exitCode === null)
      await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill("SIGKILL");
    await ended;
    const before = read(log);
    const { code, out } = await tilewright(...words(log), "--budget", "6", "--json");
    expect(code).toBe(0);
    expect(read(log).startsWith(before.slice(0, before.lastIndexOf("\n") + 1))).toBe(true);
    const trials = linesOf(log).filter(({ kind }) => kind === "trial");
    expect(new Set(trials.map(({ kernel }) => kernel)).size).toBe(trials.length);
    const { place, kernels } = JSON.parse(out);
    expect(place).toMatchObject({ core: "cortex-a53", kind: "modelled", threads: 1 });
    for (const { ratio } of kernels) expect(ratio.median).toBeLessThanOrEqual(1);
  });
});

test("kernels of f16 are tuned as such, and are no winners of f32", async () => {
  const g = graphBuilder(makeRng(2));
  const y = g.conv(g.input([1, 8, 6, 6]), { oc: 16, kernel: 1 });
  const file = join(folder, "halves.onnx");
  writeFileSync(file, exportOnnx(g.finish([g.conv(y, { oc: 16, groups: 16, pads: [1, 1, 1, 1] })])));
  const log = join(folder, "halves.jsonl");
  const on = [file, "--target", "qemu-rpi5"];
  const tuned = await tilewright("tune", ...on, "--numerics", "f16", "--log", log, "--budget", "12");
  expect(tuned.code, tuned.note).toBe(0);
  expect(tuned.note).toContain(`--numerics f16 --records ${log} -o FOLDER`);
  expect(new Set(linesOf(log).flatMap(({ outcome }) => outcome ?? []))).toEqual(new Set(["ok"]));
  const notes = async (numerics: string): Promise<string> => {
    const into = join(folder, `halves-${numerics}`);
    return (await tilewright("compile", ...on, "--records", log, "--numerics", numerics, "-o", into)).note;
  };
  expect(await notes("f16")).toMatch(/[1-9] of \d+ layers as recorded in /);
  expect(await notes("fast")).toMatch(/0 of \d+ layers as recorded in /);
}, 120_000);

test("times of this machine are measured in turns with the default's", async () => {
  const log = join(folder, "host.jsonl");
  const words = ["--board", "host", "--layer", LAYER, "--log", log, "--budget", "3,60s", "--energy"];
  const { code, out } = await tilewright("tune", DIGITS, ...words);
  expect(code).toBe(0);
  expect(out).toMatch(/host, measured, 1 thread: \d+\.\d % of \d+\.\d+ ms saved/);
  expect(out).toMatch(
    /^energy: (not measured \(no sensor can be read\)|[\d.]+ mJ an inference with the winners)/m,
  );
  const trials = linesOf(log).filter(({ kind }) => kind === "trial");
  for (const { ns, reference_ns } of trials as unknown as { ns: number[]; reference_ns: number[] }[])
    expect([ns.length > 0, reference_ns.length]).toEqual([true, ns.length]);
});

test("two boards share the work, and each one's records are its own", async () => {
  const shed = await startLoopbackBoard({ alias: "shed" });
  try {
    const config = join(folder, "two.config");
    writeFileSync(config, [board, shed].map(({ sshConfigPath }) => read(sshConfigPath)).join("\n"));
    const log = join(folder, "two.jsonl");
    const where = ["--board", "attic", "--board", "shed", "--ssh-config", config, "--target", "host"];
    const words = ["--layer", LAYER, "--log", log, "--budget", "8", "--cool-down", "90C"];
    const { code, out } = await tilewright("tune", DIGITS, ...where, ...words);
    expect([code, out]).toEqual([0, expect.stringContaining("attic + shed, measured, 1 thread: ")]);
    expect(new Set(linesOf(log).flatMap(({ on }) => on ?? []))).toEqual(new Set(["attic", "shed"]));
    expect((await tilewright("db", "best", log, "--board", "shed")).out).toContain("attic + shed, measured");
  } finally {
    shed.stop();
  }
});

describe("mistakes", () => {
  test.each([
    ["C203", [], "error[C203]: `tilewright tune` needs --board or --target"],
    ["C205", ["--target", "rpi4", "--budget", "soon"], "error[C205]: `--budget` cannot be `soon`"],
    ["C205", ["--target", "rpi4", "--layer", "/mix3"], "error[C205]: `--layer` cannot be `/mix3`"],
    ["C341", ["--target", "rpi4", "--threads", "2"], "error[C341]: `rpi4` can only be tuned for one thread"],
    ["C406", ["--target", "host"], "error[C406]: "],
  ])("%s of %j", async (_, words, message) => {
    const { code, note } = await tilewright("tune", DIGITS, "--log", join(folder, "none.jsonl"), ...words);
    expect(code).toBe(1);
    expect(note).toContain(message);
  });

  test("R152 records that are none", async () => {
    const { code, note } = await tilewright(
      ...["compile", DIGITS, "--target", "rpi4", "-o", join(folder, "no"), "--records", "no-such.jsonl"],
    );
    expect([code, note]).toEqual([
      4,
      expect.stringContaining("error[R152]: `no-such.jsonl` holds no records"),
    ]);
  });
});

test("a space is counted, and nothing is tried", async () => {
  const { code, out } = await tilewright(
    "tune",
    DIGITS,
    "--target",
    "rpi4",
    "--layer",
    LAYER,
    "--explain-space",
  );
  expect(code).toBe(0);
  expect(out).toMatch(/group4\.0\/Conv +conv2d +\d\d\d+ +direct \d+/);
});
