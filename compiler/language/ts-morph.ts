import type * as TsMorph from "ts-morph";
import { defaultCacheDir } from "../support/cache-folder.ts";
import { compiledRequire } from "../support/compiled-require.ts";

/**
 * ts-morph's values. It brings ten megabytes of TypeScript compiler: importing them makes Node read them for the
 * names of their exports and V8 compile them, a third of a second of every command that parses a kernel.
 */
const loaded = compiledRequire("ts-morph", import.meta.url, defaultCacheDir()) as typeof TsMorph;

export const Node: typeof TsMorph.Node = loaded.Node;
export type Node = TsMorph.Node;
export const Project: typeof TsMorph.Project = loaded.Project;
export type Project = TsMorph.Project;
export const SyntaxKind: typeof TsMorph.SyntaxKind = loaded.SyntaxKind;
export type SyntaxKind = TsMorph.SyntaxKind;
export const VariableDeclarationKind: typeof TsMorph.VariableDeclarationKind = loaded.VariableDeclarationKind;
