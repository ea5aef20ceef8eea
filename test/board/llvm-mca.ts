import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Body, folder } from "./assembly-loops.ts";

/** Debian's newer ones have their number in the name. Before LLVM 16 the Neoverse N1 has the Cortex-A57's model. */
const NAMES = ["llvm-mca", "llvm-mca-19", "llvm-mca-18", "llvm-mca-17", "llvm-mca-16"];

function versionOf(name: string): number {
  try {
    return Number(/version (\d+)/.exec(execFileSync(name, ["--version"], { encoding: "utf8" }))?.[1]);
  } catch {
    return 0;
  }
}

/** An llvm-mca that knows the Neoverse N1; undefined: none is installed. */
export const mca = NAMES.find((name) => versionOf(name) >= 16);
/** Its figures differ a little from version to version. */
export const mcaVersion = mca === undefined ? 0 : versionOf(mca);

function ask(cpu: string, lines: Body, options: readonly string[]): string {
  const path = join(folder, "mca.s");
  // Another test file of this worker may have removed it when it ended.
  mkdirSync(folder, { recursive: true });
  writeFileSync(path, `${lines.join("\n")}\n`);
  const args = ["-mtriple=aarch64", `-mcpu=${cpu}`, ...options, path];
  return execFileSync(mca ?? "", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
}

/** Cycles of a turn of the loop as LLVM models them. */
export function mcaPerTurn(cpu: string, body: Body): number {
  const text = ask(cpu, [...body, "subs x0, x0, #1", "b.ne 0"], ["-iterations=200"]);
  return Number(/Total Cycles: +(\d+)/.exec(text)?.[1]) / 200;
}

/** LLVM's latency and cycles between (reciprocal throughput) of each instruction. */
export function mcaFigures(cpu: string, instructions: Body): { latency: number; every: number }[] {
  const text = ask(cpu, instructions, [
    "-instruction-info",
    "-summary-view=false",
    "-resource-pressure=false",
  ]);
  const rows = text.split("\n").flatMap((line) => {
    const [, latency, every] = /^ +\d+ +(\d+) +(\d+\.\d+)/.exec(line) ?? [];
    return latency === undefined ? [] : [{ latency: Number(latency), every: Number(every) }];
  });
  if (rows.length !== instructions.length)
    throw new Error(`llvm-mca does not know all of ${instructions.join("; ")}`);
  return rows;
}
