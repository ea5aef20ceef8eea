import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PACKAGE_ROOT } from "../../compiler/support/paths.ts";

/** A fenced block of a document. */
export interface Fence {
  /** First word after the fence's mark: "sh", "ts", "c", "text". */
  readonly language: string;
  /** The rest of that line: how a test treats the block, or the file it becomes. */
  readonly use: string;
  readonly text: string;
  /** Of its first line of text, from 1 on. */
  readonly line: number;
}

export function readDocument(name: string): string {
  return readFileSync(join(PACKAGE_ROOT, name), "utf8");
}

export function fencesOf(document: string): Fence[] {
  return [...document.matchAll(/^```(\w*)[ ]?(.*)\n([\s\S]*?)^```$/gm)].map((m) => ({
    language: m[1],
    use: m[2],
    text: m[3],
    line: document.slice(0, m.index).split("\n").length + 1,
  }));
}

/** Rows below the table whose head has these titles; cells without the marks of code. */
export function tableOf(document: string, ...titles: readonly string[]): string[][] {
  const cells = (line: string): string[] =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim());
  const lines = document.split("\n");
  const head = lines.findIndex((line) => titles.every((title, i) => cells(line)[i] === title));
  if (head < 0) throw new Error(`no table with the titles ${titles.join(", ")}`);
  const end = lines.findIndex((line, i) => i > head && !line.startsWith("|"));
  return lines.slice(head + 2, end).map(cells);
}

/** What is in `code` marks, fenced blocks left out. */
export function codeWords(text: string): string[] {
  return [...text.replace(/^```[\s\S]*?^```$/gm, "").matchAll(/`([^`\n]+)`/g)].map((m) => m[1]);
}
