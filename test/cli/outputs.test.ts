import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { watchOutput } from "../../compiler/cli/output-errors.ts";
import { checkOutputs } from "../../compiler/cli/outputs.ts";
import { messageOf } from "../device/message-of.ts";
import { caseOf, resultsOf } from "../results/results-of.ts";
import { tilewright } from "./command-line.ts";

const folder = mkdtempSync(join(tmpdir(), "tilewright-outputs-"));
afterAll(() => rmSync(folder, { recursive: true }));
const path = (name: string): string => join(folder, name);
const text = JSON.stringify(resultsOf([caseOf("a", { cycles: 10 })]));
for (const name of ["a.json", "b.json"]) writeFileSync(path(name), text);
const [a, b, x] = ["a.json", "b.json", "x"].map(path);

describe("files that a command writes", () => {
  it("C352: are none that it reads, by any name", async () => {
    symlinkSync(folder, path("link"));
    symlinkSync(b, path("b-too.json"));
    const message = (command: string, option: string, name: string, input: string): string =>
      [
        `error[C352]: \`tilewright ${command}\` would write over \`${input}\``,
        `  why:   \`${option} ${name}\` is the same file`,
        "  help:  give each file a name of its own",
      ].join("\n");
    for (const name of [b, path("./link/b.json"), path("b-too.json")]) {
      const { code, note } = await tilewright("compare", a, b, "--markdown", name);
      expect([code, note]).toEqual([1, message("compare", "--markdown", name, b)]);
    }
    expect((await tilewright("compare", a, b, "--csv", x, "--markdown", path("link/x"))).note).toBe(
      message("compare", "--csv", x, `--markdown ${path("link/x")}`),
    );
    expect((await tilewright("report", a, "-o", a)).note).toBe(message("report", "-o", a, a));
    expect((await tilewright("export", a, "--format", "csv", "-o", a)).note).toBe(
      message("export", "-o", a, a),
    );
    expect((await tilewright("gate", "calibrate", a, b, "-o", b)).note).toBe(
      message("gate calibrate", "-o", b, b),
    );
    mkdirSync(path("kept"));
    writeFileSync(path("kept/history.jsonl"), text);
    const kept = path("kept/history.jsonl");
    expect((await tilewright("history", "add", kept, "--to", path("kept"))).note).toBe(
      message("history add", "--to", kept, kept),
    );
    const model = path("m.onnx");
    for (const [command, option, ...words] of [
      ["regroup", "-o", "--g", "2"],
      ["schedule", "-o"],
      ["analyze", "--plot"],
      ["advise", "-o", "--board", "host"],
      ["sweep", "--plot", "--g", "2", "--board", "host"],
      ["test", "--results"],
    ]) {
      writeFileSync(model, text);
      expect((await tilewright(command, model, ...words, option, model)).note).toBe(
        message(command, option, model, model),
      );
    }
    expect([a, b, kept].map((file) => readFileSync(file, "utf8"))).toEqual([text, text, text]);
  });

  it("C302: have a folder that can be written, before anything is done", async () => {
    const check = (name: string) =>
      messageOf(checkOutputs("test", [], [{ option: "--results", path: name }]));
    expect(await check(path("none/x"))).toBe(
      [
        `error[C302]: cannot write \`${path("none/x")}\``,
        `  why:   ENOENT: no such file or directory, stat '${path("none")}'`,
      ].join("\n"),
    );
    expect(await check(folder)).toContain("  why:   it is a folder");
    expect(await check(join(a, "x"))).toContain("  why:   ");
    expect(await check(x)).toBe("no error");
  });

  it("may be one device", async () => {
    const outputs = ["--csv", "--markdown"].map((option) => ({ option, path: "/dev/null" }));
    await checkOutputs("compare", [], outputs);
  });
});

describe("history add", () => {
  const history = path("history");
  const add = (...argv: string[]) => tilewright("history", "add", a, "--to", history, ...argv);

  it("takes days and moments that there are, no others", async () => {
    for (const date of [
      "yesterday",
      "2026-02-30",
      "2026-13-01",
      "2026-01-31T25:00Z",
      "2026-01-31T12:00",
      "",
    ]) {
      expect((await add("--date", date)).note).toBe(
        [
          `error[C205]: \`--date\` cannot be \`${date}\``,
          "  why:   it has to be a date as 2026-01-31, or with a time as 2026-01-31T12:30:00Z",
        ].join("\n"),
      );
    }
    for (const date of ["2024-02-29", "2026-01-31T12:30Z", "2026-01-31T12:30:01.250Z"])
      expect((await add("--date", date)).code).toBe(0);
    expect((await tilewright("history", "add", a, "--to", "")).note).toContain(
      "error[C205]: `--to` cannot be ``",
    );
  });

  it("calls a run as the option says, not as the file does", async () => {
    const labelled = path("labelled.json");
    writeFileSync(labelled, JSON.stringify({ ...resultsOf([], "file"), date: "2020-01-01" }));
    await tilewright(
      "history",
      "add",
      labelled,
      "--to",
      path("other"),
      "--label",
      "mine",
      "--date",
      "2026-01-31",
    );
    const line: unknown = JSON.parse(readFileSync(path("other/history.jsonl"), "utf8"));
    expect(line).toMatchObject({ label: "mine", date: "2026-01-31" });
  });
});

describe("output that cannot be written", () => {
  /** The exit code and the notes after errors of standard output. */
  function endedBy(codes: readonly string[], own: number): [unknown, string[]] {
    const notes: string[] = [];
    const failing: ((error: NodeJS.ErrnoException) => void)[] = [];
    const ending: (() => void)[] = [];
    const made = {
      stdout: { on: (_: "error", listener: (typeof failing)[number]) => failing.push(listener) },
      stderr: { on: () => undefined },
      exitCode: own,
      on: (_: "exit", listener: () => void) => ending.push(listener),
    };
    watchOutput(made, { note: (line) => notes.push(line) });
    for (const code of codes) for (const tell of failing) tell(Object.assign(new Error(code), { code }));
    for (const end of ending) end();
    return [made.exitCode, notes];
  }

  it("is C302, once; of a reader that left nothing is said; a gate's exit code stays", () => {
    const note = "error[C302]: cannot write `standard output`\n  why:   ENOSPC";
    expect(endedBy(["ENOSPC", "ENOSPC"], 0)).toEqual([1, [note]]);
    expect(endedBy(["ENOSPC"], 13)).toEqual([13, [note]]);
    expect(endedBy(["EPIPE"], 0)).toEqual([0, []]);
    expect(endedBy(["EPIPE"], 13)).toEqual([13, []]);
  });
});
