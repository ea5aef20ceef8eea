import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { CaseResult } from "../../compiler/results/results.schema.ts";
import { caseOf, layerOf, resultsOf } from "../results/results-of.ts";
import { tilewright } from "./command-line.ts";

const folder = mkdtempSync(join(tmpdir(), "tilewright-compare-"));
afterAll(() => rmSync(folder, { recursive: true }));

const path = (name: string): string => join(folder, name);
function file(name: string, ...cases: CaseResult[]): string {
  writeFileSync(path(name), JSON.stringify(resultsOf(cases, name)));
  return path(name);
}
const figures = { instructions: 1000, cycles: 2000 };
const net = caseOf("net", figures, [layerOf("conv1", figures), layerOf("conv2", figures)]);
const base = file("base", net);
const now = file("now", {
  ...net,
  whole: { instructions: 990, cycles: 2050 },
  layers: [
    layerOf("conv1", { instructions: 1000, cycles: 2050 }),
    layerOf("conv2", { instructions: 990, cycles: 2000 }, "other"),
  ],
});
const wrong = file("wrong", { ...net, verdict: "wrong" });

describe("compare", () => {
  it("tells what became better and worse, and ends well without a gate", async () => {
    expect(await tilewright("compare", base, now)).toEqual({
      code: 0,
      note: "",
      out: [
        "case  layer    figure            base    now   change",
        "net   (whole)  instructions     1,000    990  -1.00 %  fewer",
        "net   (whole)  modelled cycles  2,000  2,050  +2.50 %  slower",
        "net   conv1    modelled cycles  2,000  2,050  +2.50 %  slower",
        "net   conv2    instructions     1,000    990  -1.00 %  fewer",
        "",
        "net: layer conv1 has the same kernel and other modelled cycles: the C compiler, or what ran before it, differs",
        "6 figures compared: 2 better, 2 worse, 2 the same; 1 of 2 layers have the same kernel",
      ].join("\n"),
    });
  });

  it("with a gate fails by exit codes of its own, and says what to type next", async () => {
    const slower = await tilewright("compare", base, now, "--gate");
    expect(slower.code).toBe(13);
    expect(slower.out.split("\n").at(-1)).toBe("gate failed: 2 alarms; 6 figures and 1 result judged");
    expect(slower.note).toBe(
      [
        "error[R165]: NOW is worse than BASE: 2 figures grew by more than is allowed",
        "  why:   net: modelled cycles 2,000 -> 2,050, +2.50 % (allowed 0.5 %)",
        "         net, layer conv1: modelled cycles 2,000 -> 2,050, +2.50 % (allowed 0.5 %)",
        "  help:  `tilewright bench m.onnx --board qemu-rpi4 --modelled` shows what each layer loses",
      ].join("\n"),
    );
    const gone = await tilewright("compare", base, wrong, "--gate");
    expect(gone.code).toBe(10);
    expect(gone.note).toBe(
      [
        "error[R164]: a case of NOW went wrong",
        "  why:   net: was right, is wrong",
        "  help:  `tilewright verify m.onnx --board qemu-rpi4 --target rpi4` shows the first layer that is wrong",
      ].join("\n"),
    );
  });

  it("with a gate that holds says what was judged", async () => {
    const held = await tilewright("compare", base, now, "--gate", "--threshold", "cycles=3%");
    expect([held.code, held.out.split("\n").at(-1)]).toEqual([0, "gate held: 6 figures and 1 result judged"]);
    const none = file("none", caseOf("net", { ns: [1, 2, 3] }));
    expect((await tilewright("compare", none, none, "--gate")).out.split("\n").at(-1)).toBe(
      "gate held: 0 figures and 1 result judged; no figure was of a kind that is judged: emulated times never are",
    );
  });

  it("with a gate says what cannot be judged, and what can be typed then", async () => {
    const gate = async (before: string, after: string) => {
      const { code, out, note } = await tilewright("compare", before, after, "--gate");
      return [out.split("\n").at(-1), ...note.split("\n"), `exit ${code}`];
    };
    expect(await gate(file("two", caseOf("a", {}), caseOf("b", {})), file("one", caseOf("a", {})))).toEqual([
      "gate failed: 1 alarm; 0 figures and 1 result judged",
      "error[R179]: a case of BASE cannot be judged",
      "  why:   b: is not tested any more",
      "exit 10",
    ]);
    const hashed = (modelSha256: string) => ({ ...caseOf("a b", { cycles: 1 }), modelSha256 });
    expect(await gate(file("hash1", hashed("1")), file("hash2", hashed("2")))).toEqual([
      "gate failed: 1 alarm; 0 figures and 1 result judged",
      "error[R179]: a case of BASE cannot be judged",
      "  why:   a b: cannot be compared: its modelSha256 was 1, is 2",
      "  help:  `tilewright test SUITE --case 'a b'` with what BASE was run with, for a result that can be compared",
      "exit 10",
    ]);
    const error = { code: "D101", exit: "boardUnreachable" as const, text: "no board" };
    const broken = file("broken", { ...caseOf("a", {}), verdict: "error", error });
    expect(await gate(broken, broken)).toEqual([
      "gate failed: 1 alarm; 0 figures and 1 result judged",
      "error[R179]: a case of BASE cannot be judged",
      "  why:   a: is an error in both: D101 no board",
      "  help:  `tilewright test SUITE --case a` shows why",
      "exit 10",
    ]);
    const layer = { ...caseOf("conv 3x3", {}), model: "(layer)" };
    const layers = [file("layer", layer), file("layer-wrong", { ...layer, verdict: "wrong" })] as const;
    expect((await gate(...layers)).at(-2)).toBe(
      "  help:  `tilewright test SUITE --case 'conv 3x3'` shows why",
    );
  });

  it("writes JSON, Markdown and CSV", async () => {
    const [markdown, csv] = [path("x.md"), path("x.csv")];
    const { out, code } = await tilewright(
      ...["compare", base, now, "--gate", "--json", "--markdown", markdown, "--csv", csv],
    );
    expect(code).toBe(13);
    const { cases, gate } = JSON.parse(out) as { cases: object[]; gate: { alarms: object[] } };
    expect([cases.length, gate.alarms.length]).toEqual([1, 2]);
    expect(readFileSync(markdown, "utf8")).toMatchSnapshot();
    expect(readFileSync(csv, "utf8").split("\r\n")[2]).toBe(
      "net,,,modelled cycles,cycles,2000,2050,1.025,slower,",
    );
  });

  it.each([
    ["NOW", [folder, "nowhere", "--board", "host"]],
    ["BASE", ["nowhere", folder, "--board", "host"]],
    ["NOW", [folder, "nowhere"]],
    ["NOW", [base, "nowhere"]],
    ["BASE", ["nowhere", "nor-here", "--board", "host"]],
    ["NOW", [base, "nowhere", "--suite", "suite.yaml"]],
  ])("C366: says that %s is not there, in %j", async (place, argv) => {
    const { code, out, note } = await tilewright("compare", ...argv);
    expect([code, out]).toEqual([4, ""]);
    expect(note).toContain(`error[C366]: there is nothing named \`nowhere\` to compare\n  where: ${place}\n`);
  });

  it.each([
    ["compare", folder, folder],
    ["gate", "calibrate", folder, "-o", path("rules.json")],
  ])("B108: %s says what is no bundle before it looks for a board", async (...argv) => {
    const { code, note } = await tilewright(...argv, "--target", "rpi4", "--board", "board.invalid");
    expect([code, note.split("\n")[0]]).toEqual([4, `error[B108]: ${folder} is not a bundle`]);
  });

  it.each([
    ["C206 a file and a folder", ["compare", base, folder]],
    ["C203 two folders without a board", ["compare", folder, folder]],
    ["C206 a threshold without a gate", ["compare", base, now, "--threshold", "cycles=1%"]],
    ["C206 a board for two files", ["compare", base, now, "--board", "host"]],
    ["C206 Markdown of two folders", ["compare", folder, folder, "--board", "host", "--markdown", "x"]],
    ["C205 no threshold", ["compare", base, now, "--gate", "--threshold", "ns=1%"]],
    ["C205 too few rounds", ["compare", folder, folder, "--board", "host", "--rounds", "4"]],
    ["C206 two bundles to calibrate", ["gate", "calibrate", folder, folder, "--board", "host", "-o", "x"]],
    ["C203 no file for the rules", ["gate", "calibrate", base]],
    [
      "C206 rounds on an emulated board",
      ["compare", folder, folder, "--board", "qemu-rpi4", "--rounds", "9"],
    ],
  ])("%s", async (_, argv) => {
    const { code, out, note } = await tilewright(...argv);
    expect(out).toBe("");
    expect(`${note.replaceAll(folder, "DIR")}\nexit ${code}`).toMatchSnapshot();
  });
});

describe("gate calibrate", () => {
  const run = (name: string, ns: number): string =>
    file(name, {
      ...caseOf("net", { ns: Array.from({ length: 9 }, (_, i) => ns + i) }),
      timing: "measured",
    });

  it("writes rules that compare reads", async () => {
    const rules = path("rules.json");
    const files = [run("r1", 1e6), run("r2", 1.004e6), run("r3", 1.002e6)];
    const learned = await tilewright("gate", "calibrate", ...files, "-o", rules);
    expect(learned).toEqual({
      code: 0,
      out: [
        "case  board      of       more than  and than",
        "net   qemu-rpi4  (whole)      0.8 %     50 ns",
      ].join("\n"),
      note: [
        "note: 3 runs seldom show how much times vary: rules of 6 or more raise fewer false alarms",
        `next: \`tilewright compare BASE NOW --gate --rules ${rules}\``,
      ].join("\n"),
    });
    const slower = run("slower", 1.02e6);
    expect((await tilewright("compare", files[0], slower, "--gate")).code).toBe(0);
    expect((await tilewright("compare", files[0], slower, "--gate", "--rules", rules)).code).toBe(13);
  });
});

describe("export", () => {
  it("writes to standard output, or a file", async () => {
    const { code, out } = await tilewright("export", base, "--format", "bencher");
    expect(code).toBe(0);
    expect(Object.keys(JSON.parse(out) as object)).toEqual(["net", "net/conv1", "net/conv2"]);
    expect(await tilewright("export", base, "--format", "csv", "-o", path("b.csv"))).toEqual({
      ...{ code: 0, out: "", note: "" },
    });
    expect(readFileSync(path("b.csv"), "utf8").split("\r\n")).toHaveLength(8);
  });
});
