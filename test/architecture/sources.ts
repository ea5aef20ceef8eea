import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { Node, Project, type SourceFile, SyntaxKind } from "ts-morph";
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

const imports = new Map<SourceFile, Import[]>();

export function importsOf(file: SourceFile): Import[] {
  const known = imports.get(file) ?? findImports(file);
  imports.set(file, known);
  return known;
}

function findImports(file: SourceFile): Import[] {
  const found: Import[] = [];
  const add = (node: Node, specifier: string | undefined, typeOnly: boolean, lazy: boolean): void => {
    if (specifier === undefined) return;
    const own = specifier.startsWith(".");
    const to = own ? relative(COMPILER, join(dirname(file.getFilePath()), specifier)) : packageOf(specifier);
    found.push({ from: pathOf(file), to, own, line: node.getStartLineNumber(), typeOnly, lazy });
  };
  for (const d of file.getImportDeclarations()) {
    const named = d.getNamedImports();
    const onlyTypes =
      d.isTypeOnly() ||
      (named.length > 0 &&
        named.every((n) => n.isTypeOnly()) &&
        !d.getDefaultImport() &&
        !d.getNamespaceImport());
    add(d, d.getModuleSpecifierValue(), onlyTypes, false);
  }
  for (const d of file.getExportDeclarations()) add(d, d.getModuleSpecifierValue(), d.isTypeOnly(), false);
  for (const call of file.getDescendantsOfKind(SyntaxKind.CallExpression)) {
    const [argument] = call.getArguments();
    const callee = call.getExpression();
    const lazy = callee.getKind() === SyntaxKind.ImportKeyword;
    const required = callee.getText() === "compiledRequire";
    if ((lazy || required) && Node.isStringLiteral(argument)) {
      add(call, argument.getLiteralValue(), false, lazy);
    }
  }
  for (const type of file.getDescendantsOfKind(SyntaxKind.ImportType)) {
    const argument = type.getArgument();
    const literal = Node.isLiteralTypeNode(argument) ? argument.getLiteral() : undefined;
    if (Node.isStringLiteral(literal)) add(type, literal.getLiteralValue(), true, false);
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
