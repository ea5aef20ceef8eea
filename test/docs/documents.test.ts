import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { COMMANDS } from "../../compiler/cli/commands.ts";
import { readBoardsFile } from "../../compiler/device/known/boards-file.ts";
import { listSupportedOps } from "../../compiler/frontend/onnx/import.ts";
import { TRANSLATORS } from "../../compiler/frontend/tflite/operators/index.ts";
import { listTargets } from "../../compiler/machine/load.ts";
import { EXIT } from "../../compiler/support/exit-codes.ts";
import { PACKAGE_ROOT } from "../../compiler/support/paths.ts";
import { FLOORS } from "../architecture/rules.ts";
import { codeWords, fencesOf, readDocument, tableOf } from "./fences.ts";

const readme = readDocument("README.md");
const architecture = readDocument("ARCHITECTURE.md");

describe("README.md", () => {
  it("lists the exit codes there are", () => {
    const rows = tableOf(readme, "code", "name", "meaning").map(([code, name]) => [
      codeWords(name)[0],
      Number(code),
    ]);
    expect(Object.fromEntries(rows)).toEqual(EXIT);
  });

  it("lists the commands there are, with what --help says of them", () => {
    const commands = COMMANDS.flatMap((c) =>
      "commands" in c ? c.commands.map((sub) => ({ ...sub, name: `${c.name} ${sub.name}` })) : [c],
    );
    expect(
      tableOf(readme, "command", "what it does").map(([words, does]) => [codeWords(words)[0], does]),
    ).toEqual(
      commands.map(({ name, positionals, summary }) => [
        ["tilewright", name, ...positionals.map((p) => p.name)].join(" "),
        summary,
      ]),
    );
  });

  it("lists the operators there are", () => {
    expect(readme).toContain(`ONNX operators: ${listSupportedOps().join(", ")}.`);
    expect(readme).toContain(`TensorFlow Lite operators: ${[...TRANSLATORS.keys()].sort().join(", ")}.`);
  });

  it("gives the peers' figures as they are", () => {
    interface Peer {
      readonly name: string;
      readonly instructions: Readonly<Record<string, number>>;
    }
    const file = join(PACKAGE_ROOT, "test/bench/peers.json");
    const { layers } = JSON.parse(readFileSync(file, "utf8")) as { readonly layers: readonly Peer[] };
    const rows = tableOf(readme, "layer", "shape", "Tilewright");
    expect(rows.length).toBeGreaterThan(10);
    for (const [layer, , , ...figures] of rows) {
      const peer = layers.find(({ name }) => name === codeWords(layer)[0])?.instructions;
      expect(
        figures.map((figure) => figure.replaceAll("*", "")),
        layer,
      ).toEqual(
        ["onnxruntime", "xnnpack", "ncnn_packed", "tvm_gspc_tuned"].map((key) =>
          ((peer?.[key] ?? 0) / 1e6).toFixed(2),
        ),
      );
    }
  });

  it("gives the best peers' modelled cycles as they are", () => {
    interface Figures {
      readonly cycles: number;
      readonly cycles_prefetches_seen?: number;
    }
    interface Network {
      readonly network: string;
      readonly cores: Readonly<Record<string, Readonly<Record<string, Figures>>>>;
    }
    const file = join(PACKAGE_ROOT, "test/bench/peers-cycles.json");
    const { networks } = JSON.parse(readFileSync(file, "utf8")) as { readonly networks: readonly Network[] };
    const rows = tableOf(readme, "network", "A53", "best peer").filter(([name]) => name.startsWith("`"));
    expect(rows.length).toBeGreaterThan(2);
    for (const [name, ...figures] of rows) {
      const known = networks.find(({ network }) => network === `zoo:${codeWords(name)[0]}`);
      for (const [i, core] of ["cortex-a53", "cortex-a72", "cortex-a76"].entries()) {
        const [ours, theirs] = [figures[2 * i], figures[2 * i + 1]];
        const best = Math.min(
          ...Object.values(known?.cores[core] ?? {}).map((f) => f.cycles_prefetches_seen ?? f.cycles),
        );
        const figure = (text: string): number => Number.parseFloat(text.replaceAll("*", ""));
        expect(figure(theirs), name).toBe(Number((best / 1e6).toFixed(1)));
        expect(ours.includes("**"), name).toBe(figure(ours) <= figure(theirs));
        expect(theirs.includes("**"), name).toBe(!ours.includes("**"));
      }
    }
  });

  it("says of each fence how it is tried", () => {
    const known = [
      "sh ",
      "sh board",
      "sh by-hand",
      "ts ",
      "c main.c",
      "yaml suite.yaml",
      "yaml by-hand",
      "json boards.json",
      "text ",
      "text prints",
      "text demo",
    ];
    const fences = fencesOf(readme).map(({ language, use, line }) => ({ kind: `${language} ${use}`, line }));
    expect(fences.filter(({ kind }) => ![...known, "text bench-compiler"].includes(kind))).toEqual([]);
    expect(readme.split("\n").filter((line) => line.startsWith("```")).length).toBe(2 * fences.length);
  });

  it("shows a boards file that is one", async () => {
    const [fence] = fencesOf(readme).filter(({ use }) => use === "boards.json");
    const folder = mkdtempSync(join(tmpdir(), "readme-boards-"));
    writeFileSync(join(folder, "boards.json"), fence?.text ?? "");
    const { pools } = await readBoardsFile(join(folder, "boards.json"));
    rmSync(folder, { recursive: true });
    expect([...pools.keys()]).toEqual(["farm"]);
  });

  it("has a workflow whose lines are commands there are", () => {
    const [workflow] = fencesOf(readme).filter(
      ({ language, use }) => language === "yaml" && use === "by-hand",
    );
    const { jobs } = parse(workflow.text);
    const lines = jobs.kernels.steps.flatMap(({ run = "" }: { run?: string }) => [
      ...run.matchAll(/^tilewright (\w+)/g),
    ]);
    expect(lines.map(([, command]: string[]) => command)).toEqual(["test", "compare"]);
  });

  it("has shell text that is shell, with targets and make targets that exist", () => {
    const makefile = readDocument("Makefile");
    const shell = fencesOf(readme).filter(({ language }) => language === "sh");
    for (const { text } of shell) {
      execFileSync("bash", ["-n"], { input: text });
      for (const [, target] of text.matchAll(/--target (\S+)/g)) expect(listTargets()).toContain(target);
    }
    for (const [, target] of readme.matchAll(/\bmake ([a-z]+(?:-[a-z]+)*)(?=`|$)/gm))
      expect(makefile, target).toMatch(new RegExp(`^${target}:`, "m"));
  });
});

describe("ARCHITECTURE.md", () => {
  it("has the floors that the imports are held to", () => {
    const rows = tableOf(architecture, "floor", "what lives there").map(([folders]) => codeWords(folders));
    expect([...rows].reverse().map((folders) => [...folders].sort())).toEqual(
      FLOORS.filter((floor) => !floor.includes("(top)")).map((folders) => [...folders].sort()),
    );
  });

  it("names files and folders that are there", () => {
    // Placeholders are written in capitals; what a command writes is no file of ours.
    const isOurs = (word: string): boolean =>
      /^[\w.*-]+(\/[\w.*-]+)+\/?$/.test(word) && !/[A-Z*]/.test(word) && !word.startsWith("build/");
    const there = (word: string): boolean =>
      [word, `compiler/${word}`].some((path) => existsSync(join(PACKAGE_ROOT, path)));
    const words = [...new Set(codeWords(architecture))].filter(isOurs);
    expect(words.length).toBeGreaterThan(20);
    expect(words.filter((word) => !there(word) && !there(`${word}.ts`))).toEqual([]);
  });
});
