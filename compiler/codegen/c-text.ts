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
  return (
    text
      .replace(/[^\x20-\x7e]|\\/g, "_")
      // the trigraph of a backslash
      .replaceAll("??/", "?_/")
      .replaceAll("*/", "*_")
      .replaceAll("/*", "/_")
  );
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
