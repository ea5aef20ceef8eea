import { plainName } from "./text.ts";

/** One line of CSV (RFC 4180): cells with commas, quotes or line breaks are quoted. */
export function csvLine(cells: readonly string[]): string {
  const quoted = cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell));
  return `${quoted.join(",")}\r\n`;
}

/**
 * Text that no spreadsheet takes for a formula: an apostrophe goes before what could begin one. Tabs and line breaks become
 * escapes; a number stays one.
 */
export function csvText(text: string): string {
  const plain = plainName(text);
  return /^\s*[=+\-@|%]/.test(plain) && !isNumber(plain) ? `'${plain}` : plain;
}

function isNumber(text: string): boolean {
  return /^[+-]?(\d+(\.\d+)?(e[+-]?\d+)?|Infinity)$/i.test(text);
}
