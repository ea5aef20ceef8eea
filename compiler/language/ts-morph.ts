import { createRequire } from "node:module";
import type * as TsMorph from "ts-morph";

/**
 * ts-morph's values, loaded the way CommonJS is: importing it makes Node first read ten megabytes for the
 * names of its exports, a tenth of a second of every command that parses a kernel.
 */
const loaded = createRequire(import.meta.url)("ts-morph") as typeof TsMorph;

export const Node: typeof TsMorph.Node = loaded.Node;
export type Node = TsMorph.Node;
export const Project: typeof TsMorph.Project = loaded.Project;
export type Project = TsMorph.Project;
export const SyntaxKind: typeof TsMorph.SyntaxKind = loaded.SyntaxKind;
export type SyntaxKind = TsMorph.SyntaxKind;
export const VariableDeclarationKind: typeof TsMorph.VariableDeclarationKind = loaded.VariableDeclarationKind;
