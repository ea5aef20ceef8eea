import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Node, type SourceFile, SyntaxKind } from "ts-morph";
import { describe, expect, it } from "vitest";
import { listTargets } from "../../compiler/machine/load.ts";
import { PACKAGE_ROOT } from "../../compiler/support/paths.ts";
import { ANY_ALLOWED, MAX_FUNCTION_LINES, MAX_LINES, MEDIAN_LINES, TOP_LEVEL } from "./rules.ts";
import { loadSources, pathOf, textFiles } from "./sources.ts";

const files = loadSources();
const source = (name: string): boolean => /\.(ts|mjs|sh|c|h|hbs)$/.test(name);

/** `export default`, `export =` or `export { x as default }`, read from the text: no types are needed. */
function hasDefaultExport(file: SourceFile): boolean {
  if (!/\bdefault\b|export\s*=/.test(file.getFullText())) return false;
  const named = file.getExportDeclarations().flatMap((declaration) => declaration.getNamedExports());
  return (
    file.getExportAssignments().length > 0 ||
    file
      .getDescendantsOfKind(SyntaxKind.DefaultKeyword)
      .some((node) => !Node.isDefaultClause(node.getParent())) ||
    named.some((name) => (name.getAliasNode() ?? name.getNameNode()).getText() === "default")
  );
}

describe("files of compiler/", () => {
  it(`have at most ${MAX_LINES} lines`, () => {
    const long = files.filter((f) => f.getEndLineNumber() > MAX_LINES + 1);
    expect(long.map((f) => `compiler/${pathOf(f)} has ${f.getEndLineNumber()} lines`)).toEqual([]);
  });

  it(`have ${MEDIAN_LINES} lines or fewer, half of them`, () => {
    const lines = files.map((f) => f.getFullText().split("\n").length - 1).sort((a, b) => a - b);
    expect(lines[Math.floor(lines.length / 2)]).toBeLessThanOrEqual(MEDIAN_LINES);
  });

  it(`have no function of more than ${MAX_FUNCTION_LINES} lines`, () => {
    const functions = [
      SyntaxKind.FunctionDeclaration,
      SyntaxKind.ArrowFunction,
      SyntaxKind.MethodDeclaration,
    ];
    const long = files
      .filter((f) => !f.getBaseName().endsWith(".kernel.ts"))
      .flatMap((f) =>
        functions
          .flatMap((kind) => f.getDescendantsOfKind(kind))
          .map((node) => ({
            at: node.getStartLineNumber(),
            lines: node.getEndLineNumber() - node.getStartLineNumber() + 1,
          }))
          .filter(({ lines }) => lines > MAX_FUNCTION_LINES)
          .map(({ at, lines }) => `compiler/${pathOf(f)}:${at} has ${lines} lines`),
      );
    expect(long).toEqual([]);
  });

  it("are named in kebab-case", () => {
    expect(
      files
        .map(pathOf)
        .filter((path) => !/^([a-z0-9]+([-.][a-z0-9]+)*\/)*[a-z0-9]+([-.][a-z0-9]+)*\.ts$/.test(path)),
    ).toEqual([]);
  });

  it("have no default export", () => {
    const wrong = files.filter((f) => hasDefaultExport(f));
    expect(wrong.map((f) => `compiler/${pathOf(f)}: name what it exports`)).toEqual([]);
  });

  it("never say `any`, and assert nothing is there with `!`", () => {
    const wrong = files
      .filter((f) => !ANY_ALLOWED.includes(pathOf(f)))
      .flatMap((f) =>
        [
          ...f.getDescendantsOfKind(SyntaxKind.AnyKeyword),
          ...f.getDescendantsOfKind(SyntaxKind.NonNullExpression),
        ].map(
          (node) =>
            `compiler/${pathOf(f)}:${node.getStartLineNumber()}: ${node.getParentOrThrow().getText()}`,
        ),
      );
    expect(wrong).toEqual([]);
  });

  it("name no board: boards are data", () => {
    // `host` is also an English word.
    const boards = listTargets().filter((name) => name !== "host");
    const words = new RegExp(`\\b(${boards.join("|")}|jetson|hikey|odroid)\\b`, "i");
    const wrong = files.flatMap((f) =>
      f
        .getFullText()
        .split("\n")
        .flatMap((line, i) => (words.test(line) ? [`compiler/${pathOf(f)}:${i + 1}: ${line.trim()}`] : [])),
    );
    expect(wrong).toEqual([]);
  });
});

describe("the repository", () => {
  it("has the fixed top level and nothing else", () => {
    const ignored = readFileSync(join(PACKAGE_ROOT, ".gitignore"), "utf8")
      .split("\n")
      .map((line) => line.replace(/^\/|\/$/g, ""));
    const found = readdirSync(PACKAGE_ROOT).filter(
      (name) => !name.startsWith(".") && !ignored.includes(name) && !name.endsWith(".tgz"),
    );
    expect(found.filter((name) => !TOP_LEVEL.includes(name))).toEqual([]);
  });

  it("refers to nothing outside itself", () => {
    const texts = ["compiler", "test", "targets", "templates", "runtime-c", ".ci"].flatMap((folder) =>
      textFiles(folder, (name) => source(name) || folder === ".ci" || name.endsWith(".json")),
    );
    const outside = new RegExp(`\\.\\./${"shared"}/|/${"work"}/(main|${"shared"})\\b`);
    expect(texts.filter(([, text]) => outside.test(text)).map(([path]) => path)).toEqual([]);
  });
});
