import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type SourceFile, ts } from "ts-morph";
import { describe, expect, it } from "vitest";
import { listTargets } from "../../compiler/machine/load.ts";
import { ops } from "../../compiler/ops/index.ts";
import { PACKAGE_ROOT } from "../../compiler/support/paths.ts";
import { LINT_EXCEPTIONS, MAX_FUNCTION_LINES, MAX_LINES, MEDIAN_LINES, TOP_LEVEL } from "./rules.ts";
import { linesOf, loadSources, nodesOf, pathOf, textFiles } from "./sources.ts";

const files = loadSources();
const source = (name: string): boolean => /\.(ts|mjs|sh|c|h|hbs)$/.test(name);

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
    const isFunction = (node: ts.Node): node is ts.FunctionLikeDeclaration =>
      ts.isFunctionDeclaration(node) || ts.isArrowFunction(node) || ts.isMethodDeclaration(node);
    const long = files
      .filter((f) => !f.getBaseName().endsWith(".kernel.ts"))
      .flatMap((f) =>
        nodesOf(f, isFunction)
          .map((node) => linesOf(f, node))
          .filter(({ first, last }) => last - first + 1 > MAX_FUNCTION_LINES)
          .map(({ first, last }) => `compiler/${pathOf(f)}:${first} has ${last - first + 1} lines`),
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

  it("ask the linter for no exception but where it is listed", () => {
    const wrong = files.flatMap((f) =>
      [...f.getFullText().matchAll(/biome-ignore(?:-\w+)? (\S+):/g)]
        .map(([, rule]) => `compiler/${pathOf(f)}: ${rule}`)
        .filter((exception) => !LINT_EXCEPTIONS.includes(exception)),
    );
    expect(wrong).toEqual([]);
  });

  it("name kinds of nodes one at a time: what several have in common is a trait of theirs", () => {
    const wrong = files.flatMap((f) =>
      nodesOf(f, ts.isBinaryExpression)
        .filter(({ operatorToken }) => ["||", "&&"].includes(operatorToken.getText(f.compilerNode)))
        .filter((e) => {
          const [left = "", right = ""] = [e.left, e.right].map((side) => side.getText(f.compilerNode));
          const compared = [...`${left}\n${right}`.matchAll(/([\w.?]*\bop\??\.kind) [!=]== "/g)].map(
            ([, of]) => of,
          );
          return new Set(compared).size < compared.length;
        })
        .map((e) => `compiler/${pathOf(f)}:${linesOf(f, e).first}: say it in graph/node-traits.ts`),
    );
    expect(wrong).toEqual([]);
  });

  it("ask no task for its operator's name: what is particular to an operator is a trait of it", () => {
    // `add` and `mul` are operations of expressions too
    const names = Object.keys(ops).filter((name) => !["add", "mul"].includes(name));
    const named = new RegExp(`^["'](winograd|${names.join("|")})["']$`);
    const asked = /\b(op|name|operator)$/;
    const asks = (node: ts.Node, f: SourceFile): boolean => {
      const compared = (of: ts.Node, to: ts.Node | undefined): boolean =>
        asked.test(of.getText(f.compilerNode)) && named.test(to?.getText(f.compilerNode) ?? "");
      if (ts.isBinaryExpression(node)) return compared(node.left, node.right);
      if (ts.isCaseClause(node)) return compared(node.parent.parent.expression, node.expression);
      if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return false;
      return compared(node.expression.expression, node.arguments[0]);
    };
    const wrong = files
      .filter((f) => !pathOf(f).startsWith("ops/"))
      .flatMap((f) =>
        nodesOf(f, (node): node is ts.Node => asks(node, f)).map(
          (node) => `compiler/${pathOf(f)}:${linesOf(f, node).first}: say it in compiler/ops/op.ts`,
        ),
      );
    expect(wrong).toEqual([]);
  });

  it("make calls of operators by opCall, where the type checker knows their sizes", () => {
    const made = (node: ts.ObjectLiteralExpression, f: SourceFile): boolean => {
      const text = (name: string): string | undefined =>
        node.properties.find((p) => p.name?.getText(f.compilerNode) === name)?.getText(f.compilerNode);
      const op = /^op: ("(.*)"|.*\.kind)$/.exec(text("op") ?? "");
      return text("dims") !== undefined && op !== null && (op[2] === undefined || op[2] in ops);
    };
    const wrong = files.flatMap((f) =>
      nodesOf(f, ts.isObjectLiteralExpression)
        .filter((node) => made(node, f))
        .map((node) => `compiler/${pathOf(f)}:${linesOf(f, node).first}: ask compiler/ops/op-call.ts`),
    );
    expect(wrong).toEqual([]);
  });

  it("tell orders of channels apart in one place", () => {
    const telling = files.filter((f) => /\border\.(kind|size|of)\b/.test(f.getFullText()));
    expect(telling.map(pathOf)).toEqual(["graph/channel-order.ts"]);
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
