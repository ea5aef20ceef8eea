import { BYTES } from "../ir/dtype.ts";
import { laneType } from "../ir/lane-type.ts";
import { eachRegister, readsRegister, type VBlock, type VStmt } from "../ir/vector.ts";
import { vectorBytes } from "../machine/isa-rows.ts";
import type { Isa } from "../machine/target.schema.ts";
import { cAddress, cCond, cExpr, cIndex, cType, cTypeOf, fill, rowText } from "./c-expr.ts";
import { commentText } from "./c-text.ts";

type Let = Extract<VStmt, { readonly kind: "let" }>;

const STEP = "    ";

/** The statements of a block as lines of C, one statement a line. */
export function cBlock(block: VBlock, isa: Isa, depth: number): string[] {
  const pad = STEP.repeat(depth);
  const later = definedLater(block);
  const open = new Set(later);
  return block.flatMap((s): string[] => {
    switch (s.kind) {
      case "for":
        return [
          ...(s.note === undefined ? [] : [`${pad}// ${commentText(s.note)}`]),
          `${pad}for (ptrdiff_t ${s.axis} = 0; ${s.axis} < ${s.extent}; ${s.axis}++) {`,
          ...cBlock(s.body, isa, depth + 1),
          `${pad}}`,
        ];
      case "if":
        return [`${pad}if (${cCond(s.cond)}) {`, ...cBlock(s.body, isa, depth + 1), `${pad}}`];
      case "declare":
        return open.has(s.name) ? [] : [`${pad}${cType(s.dtype, s.lanes, isa)} ${s.name};`];
      case "let":
        if (s.kept && isa.vectorConstraint !== undefined && fillsRegister(s, isa)) {
          return [
            `${pad}${cType(laneType(s.value), s.lanes, isa)} ${s.name} = ${cExpr(s.value, isa)};`,
            `${pad}__asm__("" : "+${isa.vectorConstraint}"(${s.name})); /* stays in its register */`,
          ];
        }
        return [`${pad}${constantText(s, isa)} = ${cExpr(s.value, isa)};`];
      case "set": {
        const type = open.delete(s.name) ? `${cType(laneType(s.value), s.lanes, isa)} ` : "";
        return [`${pad}${type}${s.name} = ${cExpr(s.value, isa)};`];
      }
      case "store":
        if (s.lanes === 1) return [`${pad}${s.buffer}[${cIndex(s.at)}] = ${cExpr(s.value, isa)};`];
        return [
          `${pad}${fill(rowText("store", laneType(s.value), s.lanes, isa), [cAddress(s.buffer, s.at), cExpr(s.value, isa)])};`,
        ];
      case "prefetch":
        return [`${pad}__builtin_prefetch(${cAddress(s.buffer, s.at)}${s.written ? ", 1" : ""});`];
      case "fence":
        return [`${pad}__asm__("" : "+m"(${s.buffer})); /* in memory, not in registers */`];
      case "array":
        return [`${pad}${cType(s.dtype, 1, isa)} ${s.name}[${s.size}];`];
      case "pointer":
        return [
          ...(s.by?.first
            ? [
                `${pad}ptrdiff_t ${s.by.name} = ${s.at.offset} * (ptrdiff_t)sizeof(${cType(s.dtype, 1, isa)});`,
                `${pad}__asm__("" : "+r"(${s.by.name})); /* a step is a register's */`,
              ]
            : []),
          `${pad}${s.writable ? "" : "const "}${cType(s.dtype, 1, isa)} *${s.name} = ${pointed(s, isa)};`,
          ...(s.kept ? [`${pad}__asm__("" : "+r"(${s.name})${unlike(s.number)}); /* ${s.kept} */`] : []),
        ];
    }
  });
}

/** Whether it is one register, not a pair of them. */
function fillsRegister({ lanes, value }: Let, isa: Isa): boolean {
  return lanes * BYTES[laneType(value)] <= vectorBytes(isa);
}

/** What is defined once, in the register it has to be in. */
function constantText({ name, lanes, value, register }: Let, isa: Isa): string {
  const text = `const ${cTypeOf(value, lanes, isa)} ${name}`;
  if (register === undefined || isa.laneRegisters === undefined) return text;
  return `register ${text} ${isa.laneRegisters.c.replaceAll("$number", `${register}`)}`;
}

function pointed(
  { base, at, by, dtype, writable }: Extract<VBlock[number], { readonly kind: "pointer" }>,
  isa: Isa,
): string {
  if (by === undefined) return cAddress(base, at);
  const byte = writable ? "char" : "const char";
  return `(${writable ? "" : "const "}${cType(dtype, 1, isa)} *)((${byte} *)${base} + ${by.name})`;
}

/** Empty assembly of other operands has other results. */
function unlike(number: number | undefined): string {
  return number === undefined ? "" : ` : "i"(${number})`;
}

/** Registers whose first mention after their declaration is an assignment in the same block: declared there. */
function definedLater(block: VBlock): Set<string> {
  const declared = new Set<string>();
  const result = new Set<string>();
  for (const s of block) {
    if (s.kind === "declare") {
      declared.add(s.name);
      continue;
    }
    if (declared.size === 0) continue;
    if (s.kind === "set" && declared.has(s.name) && !readsRegister(s.value, s.name)) result.add(s.name);
    eachName(s, (name) => declared.delete(name));
  }
  return result;
}

function eachName(s: VStmt, visit: (name: string) => void): void {
  switch (s.kind) {
    case "for":
    case "if":
      for (const inner of s.body) eachName(inner, visit);
      return;
    case "set":
    case "let":
      visit(s.name);
      eachRegister(s.value, visit);
      return;
    case "store":
      eachRegister(s.value, visit);
      return;
    case "declare":
    case "array":
    case "fence":
    case "pointer":
    case "prefetch":
      return;
  }
}
