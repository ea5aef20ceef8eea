import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { FunctionDeclaration, SourceFile } from "ts-morph";
import { lookupsIn } from "../ir/index-expr.ts";
import type { LoopProc, Param } from "../ir/proc.ts";
import { walk, walkIndices, walkLoads } from "../ir/rewrite.ts";
import type { Block } from "../ir/stmt.ts";
import { shownPath } from "../support/shown-path.ts";
import { didYouMean } from "../support/text.ts";
import { fileScope } from "./file-scope.ts";
import type { Dims } from "./kernel.ts";
import { kernelError, kernelErrorAt, makeError } from "./kernel-error.ts";
import { type KernelParameter, parametersOf } from "./kernel-parameters.ts";
import { parseValue } from "./parse-expr.ts";
import { parseParams } from "./parse-params.ts";
import { parseBlock } from "./parse-stmt.ts";
import type { Scope } from "./scope.ts";
import { Node, Project } from "./ts-morph.ts";

/**
 * Reads a kernel function from a file into loop IR, its dimensions bound to numbers.
 *
 * @param file absolute path of the TypeScript file; read and parsed once per process
 * @param name the exported function's name
 * @throws UserError K101-K125, with the offending text underlined
 */
export function parseKernel(file: string, name: string, dims: Dims): LoopProc {
  return parseFunction(openFile(file), name, dims);
}

/** A kernel's file, parsed once; `at` is the import that names it. */
function openFile(file: string, at?: Node): SourceFile {
  let source = files.get(file);
  if (source === undefined) {
    source = addSource(kernels(), file, readSource(file, at));
    files.set(file, source);
  }
  return source;
}

/** Forgets the files read so far: they may have changed. */
export function forgetKernelFiles(): void {
  files.clear();
}

/** The same from text: the function named, else the only one. */
export function parseKernelText(
  text: string,
  dims: Dims,
  options: { readonly fileName?: string; readonly name?: string } = {},
): LoopProc {
  const source = addSource(texts(), resolve(options.fileName ?? "kernel.ts"), text);
  return parseFunction(source, options.name, dims);
}

const files = new Map<string, SourceFile>();

/** Two projects, so that a text that is given a file's name does not replace the file. */
const kernels = once(makeProject);
const texts = once(makeProject);

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

function makeProject(): Project {
  return new Project({
    useInMemoryFileSystem: true,
    skipFileDependencyResolution: true,
    skipLoadingLibFiles: true,
    skipAddingFilesFromTsConfig: true,
  });
}

function addSource(project: Project, path: string, text: string): SourceFile {
  const source = project.createSourceFile(path, text, { overwrite: true });
  const [problem] = project.getProgram().getSyntacticDiagnostics(source);
  if (problem !== undefined) {
    const message = problem.getMessageText();
    throw kernelErrorAt(
      "syntax",
      source,
      problem.getStart(),
      problem.getLength(),
      `not TypeScript: ${typeof message === "string" ? message : message.getMessageText()}`,
    );
  }
  return source;
}

function readSource(file: string, at?: Node): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.replace(/,.*/s, "") : String(cause);
    if (at !== undefined)
      throw kernelError("unreadableFile", at, "cannot read the file imported here", { why });
    throw makeError("unreadableFile", "cannot read the kernel's file", shownPath(file), { why });
  }
}

function findFunction(source: SourceFile, name: string | undefined): FunctionDeclaration {
  const all = source.getFunctions();
  const found = name === undefined ? all[0] : all.find((f) => f.getName() === name);
  if (found !== undefined) return found;
  const names = all.map((f) => f.getName() ?? "").filter((n) => n !== "");
  const near = name === undefined ? undefined : didYouMean(name, names);
  throw makeError(
    "noFunction",
    `no function \`${name ?? ""}\` in the kernel's file`,
    shownPath(source.getFilePath()),
    {
      why:
        names.length === 0
          ? "it declares no function"
          : `it declares ${names.map((n) => `\`${n}\``).join(", ")}`,
      help: [
        near === undefined ? "declare it: export function name(...) { ... }" : `did you mean \`${near}\`?`,
      ],
    },
  );
}

function parseFunction(source: SourceFile, name: string | undefined, dims: Dims): LoopProc {
  const kernel = findFunction(source, name);
  const scope = parseParams(kernel, dims, fileScope(openFile), parseValue);
  const body = parseBlock(kernel.getStatements().filter(Node.isStatement), scope);
  return { stage: "loop", name: kernel.getName() ?? "kernel", params: usedParams(scope, body), body };
}

/** Parameters the bound body still mentions, in order. */
function usedParams(scope: Scope, body: Block): readonly Param[] {
  const used = new Set<string>();
  walk(body, (s) => {
    if (s.kind !== "store" && s.kind !== "reduce") return;
    used.add(s.buffer);
    walkLoads(s.value, (l) => used.add(l.buffer));
  });
  walkIndices(body, (index) => {
    for (const { table } of lookupsIn(index)) used.add(table.name);
  });
  return [...scope.names].flatMap(([name, b]) => {
    if (b.kind !== "param" || !used.has(name)) return [];
    const bound = b.bound && { bound: b.bound() };
    return [{ name, role: b.role, dtype: b.dtype, storage: b.storage(), ...bound }];
  });
}

/** The parameters of a kernel's function in order, before any number is known. Throws as parseKernelText does. */
export function kernelParameters(text: string, fileName: string, name: string): readonly KernelParameter[] {
  return parametersOf(findFunction(addSource(texts(), resolve(fileName), text), name), openFile);
}

/** The same from a file. */
export function kernelFileParameters(file: string, name: string): readonly KernelParameter[] {
  return parametersOf(findFunction(openFile(file), name), openFile);
}
