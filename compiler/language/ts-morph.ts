import type * as TsMorph from "ts-morph";
import { defaultCacheDir } from "../support/cache-folder.ts";
import { compiledRequire } from "../support/compiled-require.ts";

let loaded: typeof TsMorph | undefined;

/**
 * ts-morph itself. It brings ten megabytes of TypeScript compiler: importing them makes Node read them for the
 * names of their exports and V8 compile them, a third of a second of every command that parses a kernel.
 */
export function loadTsMorph(): typeof TsMorph {
  loaded ??= compiledRequire("ts-morph", import.meta.url, defaultCacheDir()) as typeof TsMorph;
  return loaded;
}

/** One of its classes or enums, loaded when it is first used: most commands find all kernels made before, and parse none. */
function later<Name extends "Node" | "Project" | "SyntaxKind" | "VariableDeclarationKind">(
  name: Name,
): (typeof TsMorph)[Name] {
  const use = () => loadTsMorph()[name] as unknown as Newable;
  const stand = class {} as unknown as (typeof TsMorph)[Name];
  return new Proxy(stand, {
    get: (_, key) => Reflect.get(use(), key),
    construct: (_, words) => Reflect.construct(use(), words),
  });
}
type Newable = new (...words: readonly unknown[]) => object;

export const Node: typeof TsMorph.Node = later("Node");
export type Node = TsMorph.Node;
export const Project: typeof TsMorph.Project = later("Project");
export type Project = TsMorph.Project;
export const SyntaxKind: typeof TsMorph.SyntaxKind = later("SyntaxKind");
export type SyntaxKind = TsMorph.SyntaxKind;
export const VariableDeclarationKind: typeof TsMorph.VariableDeclarationKind =
  later("VariableDeclarationKind");
