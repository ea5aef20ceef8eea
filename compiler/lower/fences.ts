import { BYTES, type DType } from "../ir/dtype.ts";
import { mapOperands } from "../ir/rewrite-vector.ts";
import { dependences, type VBlock, type VExpr, type VStmt } from "../ir/vector.ts";
import { NEAR } from "./anchors.ts";
import type { Names } from "./names.ts";

/** Floats of the largest array that the C compiler would still try to hold in registers. */
const SMALL = 256;

/**
 * A small array that a schedule put in memory stays there, if the registers could not hold it: between the statements
 * that fill it and those that read it stands a fence, else the C compiler keeps its values, and spills them. It has a
 * pointer of its own, so that every pair of its vectors is within reach.
 * @param floats what all vector registers hold
 */
export function fenceArrays(block: VBlock, names: Names, floats: number): VBlock {
  const near = new Map<string, string>();
  for (const s of block) {
    if (s.kind !== "array") continue;
    const size = (s.size * BYTES[s.dtype]) / BYTES.f32;
    if (size > floats && size <= SMALL) near.set(s.name, names.numbered(`${s.name}_near`));
  }
  const below = (s: VStmt): VStmt =>
    s.kind === "for" || s.kind === "if" ? { ...s, body: fenceArrays(s.body, names, floats) } : s;
  if (near.size === 0) return block.map(below);
  const filled = new Set<string>();
  return block.flatMap((s): VStmt[] => {
    const inside = below(s);
    const pointer = s.kind === "array" ? near.get(s.name) : undefined;
    if (s.kind === "array" && pointer !== undefined) return [s, ownPointer(s.name, s.dtype, pointer)];
    const read = [...near.keys()].filter((name) => filled.has(name) && uses(s, name, "load"));
    for (const name of near.keys()) if (uses(s, name, "store")) filled.add(name);
    for (const name of read) filled.delete(name);
    return [...read.map((buffer): VStmt => ({ kind: "fence", buffer })), throughPointers(inside, near)];
  });
}

function ownPointer(base: string, dtype: DType, name: string): VStmt {
  return { kind: "pointer", name, base, dtype, at: { terms: [], offset: 0 }, writable: true, kept: NEAR };
}

function throughPointers(s: VStmt, near: ReadonlyMap<string, string>): VStmt {
  const rename = (buffer: string): string => near.get(buffer) ?? buffer;
  const rewrite = (e: VExpr): VExpr =>
    e.kind === "load" ? { ...e, buffer: rename(e.buffer) } : mapOperands(e, rewrite);
  switch (s.kind) {
    case "for":
    case "if":
      return { ...s, body: s.body.map((t) => throughPointers(t, near)) };
    case "let":
    case "set":
      return { ...s, value: rewrite(s.value) };
    case "store":
      return { ...s, buffer: rename(s.buffer), value: rewrite(s.value) };
    case "prefetch":
      return { ...s, buffer: rename(s.buffer) };
    case "pointer":
      return { ...s, base: rename(s.base) };
    case "declare":
    case "array":
    case "fence":
      return s;
  }
}

/** Whether a statement loads from or stores to a buffer, through pointers too. */
function uses(s: VStmt, buffer: string, how: "load" | "store"): boolean {
  if (s.kind === "for" || s.kind === "if") {
    const names = [buffer];
    for (const t of s.body) if (t.kind === "pointer" && names.includes(t.base)) names.push(t.name);
    return s.body.some((t) => names.some((name) => uses(t, name, how)));
  }
  if (s.kind !== "let" && s.kind !== "set" && s.kind !== "store") return false;
  if (how === "store") return s.kind === "store" && s.buffer === buffer;
  return dependences(s.value).buffers.has(buffer);
}
