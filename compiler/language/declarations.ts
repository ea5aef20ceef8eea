import { dirname, join, resolve } from "node:path";
import type { ArrowFunction, FunctionDeclaration, SourceFile } from "ts-morph";
import { PACKAGE_ROOT } from "../support/paths.ts";
import { bare } from "./syntax.ts";
import { Node } from "./ts-morph.ts";

/** A function that a kernel may call. */
export type Callee = FunctionDeclaration | ArrowFunction;
/** What a name at the top of a file is: a function, or the value of a `const`. */
export type Declared =
  | { readonly kind: "function"; readonly name: string; readonly node: Callee }
  | { readonly kind: "constant"; readonly name: string; readonly node: Node };

export type CalledFunction = Extract<Declared, { readonly kind: "function" }>;

/** Reads and parses a kernel file, given its absolute path; `at` is the import that names it. */
export type OpenFile = (path: string, at: Node) => SourceFile;

/** The functions that come with the language and are kernels themselves. */
const LIBRARY = join(PACKAGE_ROOT, "compiler", "language", "activations.kernel.ts");

/**
 * Finds what a name means at the top level of the file that `at` lies in: a declaration there, what a
 * relative import names, else an activation of the language's library. Nothing when there is none.
 */
export function findDeclaration(name: string, at: Node, open: OpenFile): Declared | undefined {
  const file = at.getSourceFile();
  return declaredIn(file, name, open) ?? declaredIn(open(LIBRARY, at), name, open);
}

function declaredIn(file: SourceFile, name: string, open: OpenFile): Declared | undefined {
  const fn = file.getFunction(name);
  if (fn !== undefined) return { kind: "function", name, node: fn };
  const initial = file.getVariableDeclaration(name)?.getInitializer();
  if (initial !== undefined) {
    return Node.isArrowFunction(initial)
      ? { kind: "function", name, node: initial }
      : { kind: "constant", name, node: bare(initial) };
  }
  for (const declaration of file.getImportDeclarations()) {
    const specifier = declaration.getModuleSpecifierValue();
    const named = declaration
      .getNamedImports()
      .find((n) => (n.getAliasNode()?.getText() ?? n.getName()) === name);
    if (named === undefined || !specifier.startsWith(".") || isLanguage(specifier)) continue;
    const path = resolve(dirname(file.getFilePath()), specifier.replace(/\.js$/, ".ts"));
    return declaredIn(open(path, declaration.getModuleSpecifier()), named.getName(), open);
  }
  return undefined;
}

/** Whether a relative import means the language itself, as operators' kernels name it. */
function isLanguage(specifier: string): boolean {
  return /(^|\/)language\/kernel\.[jt]s$/.test(specifier);
}
