import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { tilewright } from "./command-line.ts";

describe("mistakes on the command line", () => {
  const cases: [string, string[]][] = [
    ["C201 unknown command", ["comple", "x.onnx"]],
    ["C201 unknown command of a group", ["targets", "lsit"]],
    ["C202 unknown option", ["compile", "x.onnx", "--target", "rpi4", "-o", "b", "--dump-it", "d"]],
    ["C203 missing word", ["targets", "show"]],
    ["C203 missing option", ["compile", "x.onnx", "-o", "b"]],
    ["C203 missing value", ["bench", "x.onnx", "--board", "--json"]],
    ["C204 extra word", ["targets", "list", "all"]],
    ["C205 no number", ["bench", "x.onnx", "--board", "b", "--warmup", "some"]],
    ["C205 number too small", ["bench", "x.onnx", "--board", "host", "--repeats", "0"]],
    ["C206 twice", ["compile", "x.onnx", "--target", "rpi4", "--target", "rpi5", "-o", "b"]],
    ["C301 board without a target", ["advise", "x.onnx", "--board", "user@nowhere"]],
    ["C301 a file of a board", ["bench", "x.onnx", "--board", "my-board.json"]],
    ["D101 a slip in the board", ["bench", "x.onnx", "--board", "qemu-rpi44"]],
  ];
  it.each(cases)("%s", async (_, argv) => {
    const { code, out, note } = await tilewright(...argv);
    expect(out).toBe("");
    expect(`${note}\nexit ${code}`).toMatchSnapshot();
  });
});

describe("help", () => {
  it.each([
    [[]],
    [["--help"]],
    [["targets", "--help"]],
    [["compile", "--help"]],
    [["bench", "-h"]],
    [["schedule", "--help"]],
    [["explain", "--help"]],
  ])("%j", async (argv) => {
    const { code, out, note } = await tilewright(...argv);
    expect(code).toBe(argv.length === 0 ? 1 : 0);
    expect(argv.length === 0 ? out : note).toBe("");
    expect(argv.length === 0 ? note : out).toMatchSnapshot();
  });

  it("--version prints the version and nothing else", async () => {
    expect(await tilewright("--version")).toEqual({
      code: 0,
      out: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      note: "",
    });
  });
});

describe("targets", () => {
  it("list prints a table, and the next step to standard error", async () => {
    const { code, out, note } = await tilewright("targets", "list");
    expect(code).toBe(0);
    expect(out).toMatchSnapshot();
    expect(note).toBe("next: `tilewright compile MODEL --target TARGET -o build/`");
  });

  it("list --json prints nothing but JSON", async () => {
    const { out } = await tilewright("targets", "list", "--json");
    expect(JSON.parse(out)).toContainEqual(expect.objectContaining({ name: "rpi4", core: "cortex-a72" }));
  });

  it("check tells what the file of a board leaves open", async () => {
    const own = join(mkdtempSync(join(tmpdir(), "tilewright-usage-")), "mine.json");
    writeFileSync(own, JSON.stringify({ extends: "rpi5", name: "mine", summary: "mine", clockMHz: 2800 }));
    const checked = await tilewright("targets", "check", own);
    expect(checked.out.replace(own, "mine.json")).toBe(
      "mine.json describes `mine`: neon-v8, cortex-a76, 4 cores\n  left open: published: nobody knows how far modelled times are off",
    );
    writeFileSync(own, JSON.stringify({ extends: "rpi5", name: "mine", summary: "mine", cores: 0 }));
    expect(await tilewright("targets", "check", own)).toMatchObject({ code: 6, out: "" });
    rmSync(dirname(own), { recursive: true });
  });

  it("show describes one, given in any way", async () => {
    expect((await tilewright("targets", "show", "rpi4")).out).toMatchSnapshot();
    expect((await tilewright("targets", "show", "--", "-mcpu=cortex-a76")).out).toContain("-mcpu=cortex-a76");
    expect(await tilewright("targets", "show", "rpi44")).toMatchObject({ code: 6, out: "" });
  });
});
