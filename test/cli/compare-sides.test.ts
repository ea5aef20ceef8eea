import { execFileSync, spawnSync } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import { bisectCommits } from "../../compiler/driver/sides/bisect-commits.ts";
import { sideOf } from "../../compiler/driver/sides/side.ts";
import { DEFAULT_THRESHOLDS } from "../../compiler/results/gate/judge.ts";
import { historyLine } from "../../compiler/results/history-log.ts";
import { resultsOfRun, runOfCommit } from "../../compiler/results/history-results.ts";
import { UserError } from "../../compiler/support/diagnostic.ts";
import { PACKAGE_ROOT } from "../../compiler/support/paths.ts";
import { messageOf } from "../device/message-of.ts";
import { caseOf, layerOf, resultsOf } from "../results/results-of.ts";
import { tilewright } from "./command-line.ts";

const folder = mkdtempSync(join(tmpdir(), "tilewright-sides-"));
afterAll(() => rmSync(folder, { recursive: true }));

const repository = join(folder, "repository");
mkdirSync(repository);
const at = (name: string): string => join(repository, name);
const git = (...args: string[]): string => {
  const who = ["-c", "user.name=a", "-c", "user.email=a@b.c"];
  return execFileSync("git", [...who, ...args], { cwd: repository, encoding: "utf8" }).trim();
};
const suite = (bias: boolean): void =>
  writeFileSync(
    at("suite.yaml"),
    `inputs: [ones]\nthreads: [1]\ncases: [{name: one, layer: {ic: 4, oc: 4, ih: 5, iw: 5, bias: ${bias}}}]\n`,
  );
const commit = (text: string): string => {
  git("add", "-A");
  git("commit", "-qm", text);
  return git("rev-parse", "HEAD");
};
const emptyCommit = (text: string): string => {
  git("commit", "-q", "--allow-empty", "-m", text);
  return git("rev-parse", "HEAD");
};
git("init", "-q");
suite(true);
const first = commit("first");
writeFileSync(at("other.txt"), "");
const second = commit("second");

const command = (...words: string[]) =>
  spawnSync("node", [join(PACKAGE_ROOT, "dist/cli/main.js"), ...words], {
    cwd: repository,
    encoding: "utf8",
  });
const here = (...words: string[]) => command("compare", ...words);

describe("what is compared", () => {
  it("is found out by what a word names", async () => {
    const results = at("results.json");
    writeFileSync(results, JSON.stringify(resultsOf([])));
    const decisions = at("decisions.json");
    writeFileSync(decisions, JSON.stringify({ network: "n", layers: [] }));
    writeFileSync(at("tune.jsonl"), "");
    expect(await sideOf(results, "NOW")).toEqual({ kind: "results", file: results });
    expect(await sideOf(decisions, "NOW")).toEqual({ kind: "decisions", file: decisions });
    expect(await sideOf(at("tune.jsonl"), "NOW")).toEqual({ kind: "records", file: at("tune.jsonl") });
    expect(await sideOf(PACKAGE_ROOT, "NOW")).toEqual({ kind: "tilewright", root: PACKAGE_ROOT });
    expect(await sideOf(repository, "NOW")).toEqual({ kind: "folder", path: repository });
    expect(await sideOf("cc=gcc-12", "NOW")).toEqual({ kind: "cc", command: "gcc-12" });
    expect(await messageOf(sideOf("no-such-thing", "NOW"))).toBe(
      [
        "error[C366]: there is nothing named `no-such-thing` to compare",
        "  where: NOW",
        "  why:   it is no file or folder that is there, and no commit of a repository here",
        "  help:  `tilewright compile MODEL --target TARGET -o FOLDER` writes a folder to compare, `tilewright test MODEL --results FILE` a file",
        "  help:  `tilewright compare --help` lists what else can be compared",
      ].join("\n"),
    );
  });

  it("C206: needs a suite where it is no results", async () => {
    const { note } = await tilewright("compare", repository, "HEAD", "--history", "h");
    expect(note).toBe(
      [
        "error[C206]: cannot read the command line of `tilewright compare`",
        `  why:   \`${repository}\` is no results file: --suite says what to run`,
        "  help:  `tilewright compare --help` shows how it is used",
      ].join("\n"),
    );
  });
});

describe("two commits", () => {
  it("run their own suites, and leave the repository as it was", () => {
    const { status, stdout } = here(first, "HEAD", "--suite", "suite.yaml", "--json", "--gate");
    const { base, now, cases, gate } = JSON.parse(stdout);
    expect([status, gate.alarms]).toEqual([0, []]);
    expect([base.label, now.label]).toEqual([
      `${first} (${first.slice(0, 10)})`,
      `HEAD (${second.slice(0, 10)})`,
    ]);
    expect(cases[0].verdict).toEqual({ base: "right", now: "right" });
    expect(git("worktree", "list").split("\n").length).toBe(1);
  });

  it("R195: whose suite cannot be run", () => {
    const { status, stderr } = here("cc=no-such-compiler", "HEAD", "--suite", "suite.yaml");
    expect(status).toBe(4);
    expect(stderr).toContain(
      "error[R195]: the suite `suite.yaml` could not be run with `cc=no-such-compiler`\n  why:   error[B106]: the C compiler `no-such-compiler` does not start",
    );
  });

  it("R194: of which one is a Tilewright that cannot be built", () => {
    writeFileSync(at("package.json"), '{"name": "tilewright"}');
    const sha = commit("third");
    mkdirSync(at("node_modules"));
    const { status, stderr } = here(sha, "HEAD", "--suite", "suite.yaml");
    expect(status).toBe(4);
    expect(stderr).toContain(
      `error[R194]: commit \`${sha.slice(0, 10)}\` cannot be had\n  where: tsc -p tsconfig.json\n  why:   `,
    );
    expect(git("worktree", "list").split("\n").length).toBe(1);
  });
});

describe("commits of a history", () => {
  const figures = { instructions: 1000, cycles: 2000, ns: [3, 1, 2] };
  const run = (label: string, cycles: number) =>
    historyLine(resultsOf([caseOf("net", { ...figures, cycles }, [layerOf("conv", figures)])], label));
  const lines = [run(`v1 (${first.slice(0, 10)})`, 2000), run(second, 1900), run(first.slice(0, 8), 1800)];

  it("are known by hash, by its first digits, or by name", () => {
    expect(runOfCommit(lines, "x", second)).toBe(lines[1]);
    // the latest run of a commit
    expect(runOfCommit(lines, "x", first)).toBe(lines[2]);
    expect(runOfCommit(lines.slice(0, 2), "x", first)).toBe(lines[0]);
    expect(runOfCommit([run("v2", 1)], "v2", "0".repeat(40))?.label).toBe("v2");
    expect(runOfCommit([run(first.slice(0, 6), 1)], "x", first)).toBeUndefined();
  });

  it("have their figures, times as one median", () => {
    const [{ whole, layers, verdict }] = resultsOfRun(lines[0]).cases;
    expect([verdict, whole, layers[0].figures]).toEqual([
      "right",
      { instructions: 1000, cycles: 2000, ns: [2] },
      { instructions: 1000, cycles: 2000, ns: [2] },
    ]);
  });

  it("are compared without anything being run", () => {
    mkdirSync(at("history"));
    writeFileSync(at("history/history.jsonl"), lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    const { status, stdout } = here(first, second, "--history", "history", "--gate");
    expect(status).toBe(13);
    expect(stdout).toContain("net   (whole)  modelled cycles  1,800  1,900  +5.56 %  slower");
    const { stderr } = here(first, "HEAD", "--history", "history");
    expect(stderr).toContain("why:   `HEAD` is a commit and not in `history`: --suite says what to run");
  });
});

describe("history bisect", () => {
  const bisect = (good: string, bad: string) =>
    command("history", "bisect", good, bad, "--suite", "suite.yaml", "--json");

  it("names the commit from which on results are worse", () => {
    git("checkout", "-qf", "--detach", second);
    const strict = (text: string): string => {
      appendFileSync(at("suite.yaml"), text);
      return commit(`suite: ${text.trim()}`);
    };
    const worse = strict("tolerance: 0.000001\n");
    strict("# later\n");
    const { stdout, status } = bisect(first, "HEAD");
    expect(status).toBe(0);
    const found = JSON.parse(stdout);
    expect(found).toMatchObject({
      first: { sha: worse, subject: "suite: tolerance: 0.000001" },
      alarms: [{ case: "one on host", kind: "verdict", text: "was right, is wrong" }],
      ...{ unknown: [], commits: 3 },
    });
  });

  it("ends when it is interrupted: no commit is passed over for that", async () => {
    vi.stubEnv("GIT_DIR", at(".git"));
    const [main, ...commits] = [git("rev-parse", "HEAD"), ...["a", "b", "c"].map(emptyCommit)];
    const stop = new AbortController();
    const ran: string[] = [];
    const found = bisectCommits(main, "HEAD", {
      ...{ suite: "suite.yaml", words: [], thresholds: DEFAULT_THRESHOLDS, signal: stop.signal },
      around: async ({ sha }) => {
        ran.push(sha);
        const results = resultsOf([caseOf("one", { cycles: sha === main ? 100 : 200 })]);
        if (ran.length <= 2) return results as never;
        stop.abort();
        throw new UserError({ code: "R194", exit: "badInput", title: "it was stopped" });
      },
    });
    await expect(found).rejects.toThrow(/abort/);
    expect(ran).toEqual([main, commits[2], commits[0]]);
    vi.unstubAllEnvs();
  });

  it("R196, R197: says where there is nothing to find", () => {
    const [, title] = /^(error\[R196\]: .*)$/m.exec(bisect(first, second).stderr) ?? [];
    expect(title).toBe(`error[R196]: nothing of \`${second}\` is worse than of \`${first}\``);
    expect(bisect(second, first).stderr).toContain(
      [
        `error[R197]: \`${second}\` is no commit before \`${first}\``,
        "  help:  GOOD comes first: `tilewright history bisect GOOD BAD --suite SUITE`",
      ].join("\n"),
    );
    expect(bisect("no-such", first).stderr).toContain(
      "error[R197]: `no-such` is no commit of a repository here",
    );
  });
});
