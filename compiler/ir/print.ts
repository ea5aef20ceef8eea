import type { Expr, Table } from "./expr.ts";
import { type Index, type Ranges, sameIndex } from "./index-expr.ts";
import { LANGUAGE_CALLS } from "./names.ts";
import { foldConstants, knownCond, printAccess, printCond, printExpr, printTable } from "./print-expr.ts";
import type { LoopProc, Param } from "./proc.ts";
import { walk, walkExpr, walkLoads } from "./rewrite.ts";
import type { AllocStmt, Block, LoopMode, Stmt, StoreStmt } from "./stmt.ts";
import { plainStorage, storageText } from "./storage.ts";

/**
 * A procedure as a file of the kernel language: TypeScript that Node can run and that
 * language/parse-kernel.ts reads back to the same procedure (constants folded, divisions simplified).
 */
export function printProc(proc: LoopProc): string {
  const params = proc.params.map((p) => `  ${p.name}: ${paramType(p)},\n`).join("");
  const body = printBlock(proc.body, new Map(), "  ").join("\n");
  const text = `export function ${proc.name}(\n${params}): void {\n${body}\n}\n`;
  const tables = tablesOf(proc).map((t) => `const ${t.name} = ${printTable(t)};\n`);
  return [importLine(text), ...(tables.length === 0 ? [] : [tables.join("").trimEnd()]), text].join("\n\n");
}

/** The tables a procedure still mentions, by first use. */
export function tablesOf(proc: LoopProc): readonly Table[] {
  const tables = new Map<string, Table>();
  walk(proc.body, (s) => {
    if (s.kind !== "store" && s.kind !== "reduce") return;
    walkExpr(s.value, (e) => {
      if (e.kind === "table") tables.set(e.table.name, e.table);
    });
  });
  return [...tables.values()];
}

const TYPES = { input: "Input", weight: "Weight", output: "Output" } as const;

function paramType({ role, dtype, storage, bound }: Param): string {
  const plain = storageText(plainStorage(storage.shape));
  const own = storageText(storage);
  const shape = `[${storage.shape.join(", ")}]`;
  const lies = own === plain ? [] : [`"${own}"`];
  if (bound !== undefined) return `Indices<${[shape, bound, ...lies].join(", ")}>`;
  return `${TYPES[role]}<${[shape, ...(dtype === "f32" ? [] : [`"${dtype}"`]), ...lies].join(", ")}>`;
}

const WORDS = ["Indices", "Input", "Output", "Weight"];

/** Imports exactly what the text uses. */
function importLine(text: string): string {
  const types = WORDS.filter((w) => text.includes(`: ${w}<`)).map((w) => `type ${w}`);
  const calls = LANGUAGE_CALLS.filter((w) =>
    new RegExp(`(?<![\\w.])${w}\\(`).test(text.slice(text.indexOf("{"))),
  );
  return `import { ${[...types, ...calls].join(", ")} } from "tilewright/kernel";`;
}

/** The loop iterator that stands for each mode. */
export const ITERATOR: Readonly<Record<LoopMode, string>> = {
  serial: "range",
  parallel: "parallel",
  unroll: "unroll",
  vector: "vector",
  instruction: "instruction",
};

/** Lines of a block; `ranges` are the bounds of the axes around it. */
function printBlock(block: Block, ranges: Ranges, margin: string): string[] {
  const live = block.flatMap((stmt) => withoutKnown(stmt, ranges));
  return live.flatMap((stmt, i) => {
    if (stmt.kind !== "alloc") return printStmt(stmt, ranges, margin);
    if (i === live.length - 1) return printAlloc(stmt, ranges, margin);
    return [`${margin}{`, ...printAlloc(stmt, ranges, `${margin}  `), `${margin}}`];
  });
}

/** What is left of a statement that reading back would decide: branches on constants, loops that run nothing. */
function withoutKnown(stmt: Stmt, ranges: Ranges): Block {
  if (stmt.kind === "for") {
    if (stmt.extent === 0) return [];
    const inner = new Map(ranges).set(stmt.axis, { min: 0, max: stmt.extent - 1 });
    return stmt.body.every((s) => withoutKnown(s, inner).length === 0) ? [] : [stmt];
  }
  const known = stmt.kind === "if" ? knownCond(stmt.cond, ranges) : undefined;
  if (stmt.kind !== "if" || known === undefined) return [stmt];
  return known ? stmt.body.flatMap((s) => withoutKnown(s, ranges)) : [];
}

function printStmt(stmt: Exclude<Stmt, AllocStmt>, ranges: Ranges, margin: string): string[] {
  switch (stmt.kind) {
    case "for": {
      const inner = new Map(ranges).set(stmt.axis, { min: 0, max: stmt.extent - 1 });
      const by = stmt.instruction === undefined ? "" : `, "${stmt.instruction}"`;
      return [
        ...(stmt.note === undefined ? [] : [`${margin}// note: ${stmt.note}`]),
        `${margin}for (const ${stmt.axis} of ${ITERATOR[stmt.mode]}(${stmt.extent}${by})) {`,
        ...printBlock(stmt.body, inner, `${margin}  `),
        `${margin}}`,
      ];
    }
    case "if":
      return [
        `${margin}if (${printCond(stmt.cond, ranges)}) {`,
        ...printBlock(stmt.body, ranges, `${margin}  `),
        `${margin}}`,
      ];
    case "prefetch":
      return [
        `${margin}prefetch${stmt.written ? "ToWrite" : ""}(${printAccess(stmt.buffer, stmt.at, ranges)});`,
      ];
    case "store":
      return [`${margin}${printStore(stmt, ranges)};`];
    case "reduce": {
      const target = printAccess(stmt.buffer, stmt.at, ranges);
      const value = printExpr(stmt.value, ranges);
      return [`${margin}${target} ${stmt.op === "add" ? `+= ${value}` : `= max(${target}, ${value})`};`];
    }
  }
}

/** A stored maximum with the element itself reads back as a reduction, so it is printed as one. */
function printStore(stmt: StoreStmt, ranges: Ranges): string {
  const target = printAccess(stmt.buffer, stmt.at, ranges);
  const value = foldConstants(stmt.value, ranges);
  if (value.kind === "binary" && value.op === "max" && !isSelf(value.lhs, stmt) && isSelf(value.rhs, stmt)) {
    return `${target} = max(${target}, ${printExpr(value.lhs, ranges)})`;
  }
  return `${target} = ${printExpr(value, ranges)}`;
}

function isSelf(
  e: Expr,
  { buffer, at }: { readonly buffer: string; readonly at: readonly Index[] },
): boolean {
  return e.kind === "load" && e.buffer === buffer && e.at.every((index, i) => sameIndex(index, at[i]));
}

/** `let acc = value` for a register scalar that is set at once, register() or stack() otherwise. */
function printAlloc(stmt: AllocStmt, ranges: Ranges, margin: string): string[] {
  const [first, ...rest] = stmt.body;
  const scalar = stmt.shape.length === 0;
  if (scalar && stmt.memory === "register" && first?.kind === "store" && first.buffer === stmt.buffer) {
    if (!loads(first.value, stmt.buffer)) {
      const value = printExpr(first.value, ranges);
      return [`${margin}let ${stmt.buffer} = ${value};`, ...printBlock(rest, ranges, margin)];
    }
  }
  const type = stmt.dtype === "f32" ? "" : `, "${stmt.dtype}"`;
  const made = `${stmt.memory}([${stmt.shape.join(", ")}]${type})`;
  return [
    `${margin}${scalar ? "let" : "const"} ${stmt.buffer} = ${made};`,
    ...printBlock(stmt.body, ranges, margin),
  ];
}

function loads(e: Expr, buffer: string): boolean {
  let found = false;
  walkLoads(e, (l) => {
    found ||= l.buffer === buffer;
  });
  return found;
}
