import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import pc from "picocolors";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCli } from "../../compiler/cli/run-cli.ts";
import { PACKAGE_ROOT } from "../../compiler/support/paths.ts";
import { tilewright } from "../cli/command-line.ts";

const EXAMPLE = join(PACKAGE_ROOT, "test/examples/matmul");
const SHAPE = "M=30,N=16,K=16";
let folder = "";
const path = (name: string): string => join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tilewright-schedule-"));
  for (const name of ["matmul.kernel.ts", "matmul.schedule.ts"])
    copyFileSync(join(EXAMPLE, name), path(name));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const command = (...more: string[]): string[] => [
  ...["schedule", path("matmul.kernel.ts"), path("matmul.schedule.ts"), "--shape", SHAPE, "--repeats", "1"],
  ...more,
];

describe("schedule", () => {
  test.each(["host", "qemu-rpi4"])("compiles, checks and times on %s", async (board) => {
    const { code, out, note } = await tilewright(...command("--board", board, "-o", path("matmul.c")));
    expect(note).toBe("");
    expect(code).toBe(0);
    const tile = board === "host" ? /\d+ rows x \d+ columns/ : /10 rows x 8 columns/;
    expect(out).toMatch(tile);
    expect(out).toMatch(/right {5}c within 0\.\d+ of its rounding bound/);
    expect(out).toMatch(/time {6}\d+\.\d{3,6} ms/);
    expect(readFileSync(path("matmul.c"), "utf8")).toContain("void matmul_");
  });

  test("as JSON, with knobs set, for a board that is not here", async () => {
    const { out } = await tilewright(...command("--target", "rpi5", "--set", "rows=4,columns=8", "--json"));
    const result = JSON.parse(out);
    expect(result).toMatchObject({
      kernel: "matmul",
      target: "rpi5",
      choice: "4 rows x 8 columns in registers",
    });
    expect(result.trial).toBeUndefined();
    expect(result.trace[0]).toMatchObject({ op: "pack", buffer: "b" });
  });

  test("loops as they are written, with a dump of every stage", async () => {
    const dump = path("dump");
    const { code } = await tilewright(...command("--board", "host", "--dump-ir", dump));
    expect(code).toBe(0);
    const stages = readdirSync(dump).filter((name) => name.endsWith(".ts"));
    const last = stages.sort().at(-1) ?? "";
    const again = await tilewright("schedule", join(dump, last), "--board", "host", "--repeats", "1");
    expect(again.note).toBe("");
    expect(again.out).toContain("loops as they are written (0 steps)");
  });

  test("C205: shapes that cannot be read", async () => {
    const { code, note } = await tilewright("schedule", "k.ts", "--shape", "N:3");
    expect(code).toBe(1);
    expect(note).toContain("error[C205]: `--shape` cannot be `N:3`");
  });

  test("--watch runs again on save, tells errors and goes on, ends with ctrl-C", async () => {
    const lines: string[] = [];
    const say = (line: string): void => void lines.push(line);
    const plain = pc.createColors(false);
    const terminal = {
      out: say,
      note: say,
      interactive: false,
      columns: 100,
      outColors: plain,
      noteColors: plain,
    };
    let interrupt = (): void => {};
    const interrupts = {
      on: (event: string, listener: () => void) => {
        if (event === "SIGINT") interrupt = listener;
      },
      off: () => undefined,
      exit: () => undefined,
    };
    const seen = async (text: string): Promise<number> => {
      for (let i = 0; i < 400 && !lines.some((line) => line.includes(text)); i++) await pause(25);
      expect(lines.join("\n")).toContain(text);
      const [, seconds] = /^([\d.]+) s; watching/.exec(lines.at(-1) ?? "") ?? [];
      lines.length = 0;
      return Number(seconds);
    };
    const ended = runCli(command("--board", "host", "--watch"), terminal, interrupts);
    await seen("; watching");
    const schedule = readFileSync(path("matmul.schedule.ts"), "utf8");
    writeFileSync(path("matmul.schedule.ts"), schedule.replace('"mi", "nv", "ni")', '"mi", "nx", "ni")'));
    await seen("error[S101]: cannot reorder `nx`: no such loop");
    writeFileSync(path("matmul.schedule.ts"), schedule.replace("[8, 7", "[7, 8"));
    // two seconds on a machine that does nothing else
    expect(await seen("; watching")).toBeLessThan(8);
    interrupt();
    expect(await ended).toBe(130);
  });
});

describe("explain", () => {
  test("shows loops, footprints, bounds and llvm-mca's view", async () => {
    const { code, out } = await tilewright(
      ...["explain", "conv2d", "--target", "rpi4", "--dims", "OC=64,IC=64,OH=56,OW=56,KH=3,KW=3"],
    );
    expect(code).toBe(0);
    expect(out).toContain("115.61 M multiply-accumulates");
    expect(out).toMatch(/compute-bound: 19\.268 ms of arithmetic/);
    expect(out).toMatch(
      /inner loop {2}(\d+ instructions, \d+ of vector arithmetic|llvm-mca is not installed)/,
    );
  });

  test("an operator in f16, where a kernel file says itself what is", async () => {
    const asked = ["--target", "rpi5", "--numerics", "f16", "--json"];
    const { out } = await tilewright("explain", "conv2d", ...asked, "--dims", "OC=16,IC=8,OH=4,OW=4");
    expect(JSON.parse(out)).toMatchObject({ lanes: 8 });
    const own = await tilewright("explain", path("matmul.kernel.ts"), ...asked, "--dims", SHAPE);
    expect([own.code, own.note]).toEqual([1, expect.stringContaining("error[C206]: ")]);
  });

  test("a layer of a network and a kernel of one's own, as JSON", async () => {
    const layer = await tilewright(
      ...["explain", "zoo:wrn-40-2", "--layer", "conv", "--target", "qemu-rpi4", "--json"],
    );
    expect(JSON.parse(layer.out).costs.macs).toBeGreaterThan(1000);
    const own = await tilewright(
      ...["explain", path("matmul.kernel.ts"), path("matmul.schedule.ts"), "--target", "rpi4"],
      ...["--dims", SHAPE, "--json"],
    );
    expect(JSON.parse(own.out)).toMatchObject({ lanes: 4, costs: { macs: 30 * 16 * 16, vectorized: 1 } });
  });
});
