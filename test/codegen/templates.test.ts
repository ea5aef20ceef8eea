import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import Handlebars from "handlebars";
import { Project, type Type } from "ts-morph";
import { describe, expect, test } from "vitest";
import { render, TEMPLATE_FOLDER, TEMPLATE_OPTIONS } from "../../compiler/codegen/templates.ts";

/**
 * Handlebars in strict mode reports `{{typo}}` but not `{{#if typo}}`, and only when a template runs.
 * Here every path of every template is looked up in the type of its view.
 */

const project = new Project({ skipAddingFilesFromTsConfig: true, compilerOptions: { strict: true } });
const viewsFile = project.addSourceFileAtPath(
  new URL("../../compiler/codegen/views.ts", import.meta.url).pathname,
);
const views = viewsFile.getInterfaceOrThrow("Views");
const names = readdirSync(TEMPLATE_FOLDER).flatMap((file) => /^(.*)\.hbs$/.exec(file)?.slice(1) ?? []);

/** Mistakes in a template, given the type of its view. */
function mistakes(source: string, view: Type): string[] {
  const found: string[] = [];
  const property = (type: Type, name: string): Type | undefined =>
    type.getProperty(name)?.getTypeAtLocation(viewsFile);

  const resolve = (expression: hbs.AST.Expression, context: Type): Type | undefined => {
    if (expression.type !== "PathExpression") {
      found.push(`line ${expression.loc.start.line}: only paths are allowed`);
      return undefined;
    }
    const path = expression as hbs.AST.PathExpression;
    if (path.data || path.depth > 0) {
      found.push(`line ${path.loc.start.line}: ${path.original}: only names of the view at hand are allowed`);
      return undefined;
    }
    let type: Type | undefined = context;
    for (const part of path.parts) type = type && property(type, String(part));
    if (type === undefined) found.push(`line ${path.loc.start.line}: the view has no ${path.original}`);
    return type;
  };

  const block = (statement: hbs.AST.BlockStatement, context: Type): void => {
    const helper = statement.path.type === "PathExpression" ? statement.path.original : "";
    const type = resolve(statement.params[0], context);
    if (type === undefined) return;
    if (helper === "each") {
      const element = type.getArrayElementType();
      if (element === undefined)
        found.push(`line ${statement.loc.start.line}: each of something else than an array`);
      else walk(statement.program, element);
    } else if (helper === "if") {
      if (!type.isBoolean())
        found.push(`line ${statement.loc.start.line}: if of something else than a boolean`);
      walk(statement.program, context);
    } else found.push(`line ${statement.loc.start.line}: no helper ${helper}`);
    if (statement.inverse) walk(statement.inverse, context);
  };

  const walk = (program: hbs.AST.Program, context: Type): void => {
    for (const statement of program.body) {
      if (statement.type === "BlockStatement") block(statement as hbs.AST.BlockStatement, context);
      if (statement.type !== "MustacheStatement") continue;
      const type = resolve((statement as hbs.AST.MustacheStatement).path as hbs.AST.Expression, context);
      if (type !== undefined && !isPrintable(type))
        found.push(`line ${statement.loc.start.line}: prints something else than text or a number`);
    }
  };
  walk(Handlebars.parse(source), view);
  return found;
}

function isPrintable(type: Type): boolean {
  if (type.isUnion()) return type.getUnionTypes().every(isPrintable);
  return type.isString() || type.isStringLiteral() || type.isNumber() || type.isNumberLiteral();
}

function viewType(name: string): Type {
  const property = views.getProperty(name) ?? views.getPropertyOrThrow(`"${name}"`);
  return property.getType();
}

test("every template has a view and every view a template", () => {
  const typed = views.getProperties().map((p) => p.getName().replaceAll('"', ""));
  expect([...names].sort()).toEqual([...typed].sort());
});

describe("every path of a template exists in its view", () => {
  test.each(names)("%s", (name) => {
    const source = readFileSync(join(TEMPLATE_FOLDER, `${name}.hbs`), "utf8");
    expect(mistakes(source, viewType(name))).toEqual([]);
  });

  test.each([
    ["{{typo}}", "line 1: the view has no typo"],
    ["{{#if typo}}x{{/if}}", "line 1: the view has no typo"],
    ["{{#each ports}}{{net}}{{/each}}", "line 1: the view has no net"],
    ["{{#each net}}{{/each}}", "line 1: each of something else than an array"],
    ["{{#if net}}{{/if}}", "line 1: if of something else than a boolean"],
    ["{{ports}}", "line 1: prints something else than text or a number"],
    ["{{#each ports}}{{../net}}{{/each}}", "line 1: ../net: only names of the view at hand are allowed"],
  ])("the check notices %s", (source, mistake) => {
    expect(mistakes(source, viewType("network.h"))).toEqual([mistake]);
  });
});

test("a view that lacks a value is refused", () => {
  // @ts-expect-error net is missing
  expect(() => render("main.c", {})).toThrow('"net" not defined');
});

test("templates hold text, never logic: no helper but each and if", () => {
  Handlebars.registerHelper("shout", () => "!");
  try {
    const filled = (text: string): string => Handlebars.compile(text, TEMPLATE_OPTIONS)({ name: "<x>" });
    expect(() => filled("{{shout name}}")).toThrow("shout");
    expect(() => filled("{{missing}}")).toThrow("missing");
    expect(filled("{{#if name}}{{name}}{{/if}}")).toBe("<x>");
  } finally {
    Handlebars.unregisterHelper("shout");
  }
});
