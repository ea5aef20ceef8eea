import { plainName } from "../../support/text.ts";

/**
 * A name as code in a cell of a table. What Markdown could take for its own (a pipe, a backtick, HTML) becomes references,
 * which stand in `<code>` as they do nowhere in backticks; names in code ping nobody.
 */
export function codeCell(text: string): string {
  const plain = plainName(text);
  if (plain === "") return "";
  if (/^[\w .,:;/()+=@#-]*$/.test(plain) && plain.trim() === plain) return `\`${plain}\``;
  return `<code>${plain.replace(/[^A-Za-z0-9 .,:/-]/gu, reference)}</code>`;
}

/** A text as code where HTML stands, in which Markdown is not read. */
export function codeHtml(text: string): string {
  return `<code>${htmlText(text)}</code>`;
}

/** Lines as they are. */
export function preHtml(lines: readonly string[]): string {
  return `<pre>${lines.map(htmlText).join("\n")}</pre>`;
}

function htmlText(text: string): string {
  return plainName(text).replace(/[&<>"']/g, reference);
}

function reference(char: string): string {
  return `&#${char.codePointAt(0)};`;
}

/** A table; columns that `right` names hold numbers. Cells are Markdown already. */
export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly number[],
): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, i) => (right.includes(i) ? "--:" : "---"))), ...rows.map(line)].join(
    "\n",
  );
}
