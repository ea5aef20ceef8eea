import { cIdentifier } from "../support/text.ts";

const KEYWORDS = new Set(
  `auto break case char const continue default do double else enum extern float for goto if inline int long
  register restrict return short signed sizeof static struct switch typedef union unsigned void volatile while
  asm typeof bool class delete new operator private public protected template this throw try catch
  namespace using virtual true false friend mutable explicit export main`.split(/\s+/),
);

/** A C string literal; `?` is escaped because C11 still has trigraphs. */
export function cString(text: string): string {
  const bytes = [...new TextEncoder().encode(text)];
  const body = bytes.map((byte) => {
    const char = String.fromCharCode(byte);
    if (char === '"' || char === "\\" || char === "?") return `\\${char}`;
    // Three octal digits end the escape, whatever follows.
    return byte >= 0x20 && byte < 0x7f ? char : `\\${byte.toString(8).padStart(3, "0")}`;
  });
  return `"${body.join("")}"`;
}

/** Text for one line of a comment in C, assembler or a makefile: it can neither end nor continue it. */
export function commentText(text: string): string {
  return text
    .replace(/[^\x20-\x7e]|\\/g, "_")
    .replaceAll("*/", "*_")
    .replaceAll("/*", "/_");
}

/** Distinct C identifiers for names of a model, none a keyword or in `reserved`. */
export function distinctNames(names: readonly string[], reserved: readonly string[]): string[] {
  const used = new Set(reserved);
  return names.map((name) => {
    const base = cIdentifier(name);
    let candidate = base;
    for (let i = 2; used.has(candidate) || KEYWORDS.has(candidate); i++) candidate = `${base}_${i}`;
    used.add(candidate);
    return candidate;
  });
}

/** `kernel(` arguments broken before the line grows too long, continued under the first. */
export function wrapArguments(args: readonly string[], column: number, width = 100): string {
  const margin = " ".repeat(column > 48 ? 8 : column);
  let line = column;
  let text = "";
  for (const arg of args) {
    if (line + arg.length + 2 > width && text !== "") {
      text = `${text.trimEnd()}\n${margin}`;
      line = margin.length;
    }
    text += `${arg}, `;
    line += arg.length + 2;
  }
  return text;
}

/** A prototype with its parameters broken into lines. */
export function wrapPrototype(prototype: string): string {
  const open = prototype.indexOf("(") + 1;
  const params = prototype.slice(open, -1).split(", ");
  const wrapped = wrapArguments(params, open).replace(/, $/, "");
  return `${prototype.slice(0, open)}${wrapped})`;
}
