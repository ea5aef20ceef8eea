import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { Project, type SourceFile, ts } from "ts-morph";
import { PACKAGE_ROOT } from "../../compiler/support/paths.ts";

export const COMPILER = join(PACKAGE_ROOT, "compiler");

/** One import, export-from, `import()` or `import("...")` type of a file of compiler/. */
export interface Import {
  /** Path below compiler/. */
  readonly from: string;
  /** Path below compiler/ for our own files, else the name of a package or `node:` module. */
  readonly to: string;
  readonly own: boolean;
  readonly line: number;
  /** Gone when compiled. */
  readonly typeOnly: boolean;
  /** Loaded when its line runs, not when its file is loaded. */
  readonly lazy: boolean;
}

let loaded: SourceFile[] | undefined;

/** Every file of compiler/, read once for all rules. */
export function loadSources(): SourceFile[] {
  loaded ??= parsedSources();
  return loaded;
}

function parsedSources(): SourceFile[] {
  const project = new Project({
    skipFileDependencyResolution: true,
    skipLoadingLibFiles: true,
    useInMemoryFileSystem: false,
  });
  return project.addSourceFilesAtPaths([`${COMPILER}/**/*.ts`]);
}

export function pathOf(file: SourceFile): string {
  return relative(COMPILER, file.getFilePath());
}

/** The compiler's own nodes for which `wanted` holds: ts-morph wraps each that it looks at, which takes ten times as long. */
export function nodesOf<T extends ts.Node>(file: SourceFile, wanted: (node: ts.Node) => node is T): T[] {
  const found: T[] = [];
  const look = (node: ts.Node): void => {
    if (wanted(node)) found.push(node);
    ts.forEachChild(node, look);
  };
  look(file.compilerNode);
  return found;
}

/** Lines that a node begins and ends on, from 1. */
export function linesOf(file: SourceFile, node: ts.Node): { readonly first: number; readonly last: number } {
  const line = (at: number): number => file.compilerNode.getLineAndCharacterOfPosition(at).line + 1;
  return { first: line(node.getStart(file.compilerNode)), last: line(node.end) };
}

const imports = new Map<SourceFile, Import[]>();

export function importsOf(file: SourceFile): Import[] {
  const known = imports.get(file) ?? findImports(file);
  imports.set(file, known);
  return known;
}

function findImports(file: SourceFile): Import[] {
  const found: Import[] = [];
  const add = (node: ts.Node, specifier: string | undefined, typeOnly: boolean, lazy: boolean): void => {
    if (specifier === undefined) return;
    const own = specifier.startsWith(".");
    const to = own ? relative(COMPILER, join(dirname(file.getFilePath()), specifier)) : packageOf(specifier);
    found.push({ from: pathOf(file), to, own, line: linesOf(file, node).first, typeOnly, lazy });
  };
  for (const d of file.getImportDeclarations()) {
    const named = d.getNamedImports();
    const onlyTypes =
      d.isTypeOnly() ||
      (named.length > 0 &&
        named.every((n) => n.isTypeOnly()) &&
        !d.getDefaultImport() &&
        !d.getNamespaceImport());
    add(d.compilerNode, d.getModuleSpecifierValue(), onlyTypes, false);
  }
  for (const d of file.getExportDeclarations())
    add(d.compilerNode, d.getModuleSpecifierValue(), d.isTypeOnly(), false);
  for (const call of nodesOf(file, ts.isCallExpression)) {
    const [argument] = call.arguments;
    const lazy = call.expression.kind === ts.SyntaxKind.ImportKeyword;
    const required = ts.isIdentifier(call.expression) && call.expression.text === "compiledRequire";
    if ((lazy || required) && argument !== undefined && ts.isStringLiteral(argument))
      add(call, argument.text, false, lazy);
  }
  for (const type of nodesOf(file, ts.isImportTypeNode)) {
    const literal = ts.isLiteralTypeNode(type.argument) ? type.argument.literal : undefined;
    if (literal !== undefined && ts.isStringLiteral(literal)) add(type, literal.text, true, false);
  }
  return found;
}

/** First folder below compiler/, or "(top)". */
export function folderOf(path: string): string {
  const [first = "", ...rest] = path.split("/");
  return rest.length === 0 ? "(top)" : first;
}

/** Every file below `folder` for which `wanted` holds, as [path below the package, text]. */
export function textFiles(folder: string, wanted: (name: string) => boolean): [string, string][] {
  return readdirSync(join(PACKAGE_ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "fixtures" ? [] : textFiles(path, wanted);
    return wanted(entry.name)
      ? [[path, readFileSync(join(PACKAGE_ROOT, path), "utf8")] as [string, string]]
      : [];
  });
}

/** "yargs/helpers" is part of "yargs". */
function packageOf(specifier: string): string {
  if (specifier.startsWith("node:")) return specifier;
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}
