import { distance } from "fastest-levenshtein";

/** The candidate most like `name`, or undefined when none is close. */
export function didYouMean(name: string, candidates: readonly string[]): string | undefined {
  const scored = candidates
    .map((candidate) => ({ candidate, d: distance(name.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.d - b.d || (a.candidate < b.candidate ? -1 : 1));
  const best = scored[0];
  return best && best.d < name.length && best.d <= Math.max(2, Math.floor(name.length / 3))
    ? best.candidate
    : undefined;
}

/** Indents every non-empty line. */
export function indent(text: string, by = 2): string {
  return text.replace(/^(?=.)/gm, " ".repeat(by));
}

/** A text in which characters that act on a terminal or a reader's eye are escapes, line breaks among them. */
export function visible(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\u2028\u2029]/gu,
    (char) => `\\u${(char.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
  );
}

/** A name as one line of text that any format may hold: halves of surrogate pairs, and what Unicode says is no character, are replaced. */
export function plainName(text: string): string {
  return visible(text.replace(/[\p{Cs}\ufffe\uffff]/gu, "\ufffd"));
}

/** A file name for text that may be anything, such as a name of a model: no folders, nothing a file system minds; "" for "". */
export function fileName(text: string): string {
  return text
    .replace(/[^A-Za-z0-9_.-]/g, "_")
    .replace(/^[.-]/, "_")
    .slice(0, 100);
}

/** A value as JSON for a message: one line of text that can be read, cut where it grows too long. */
export function shortJson(value: unknown, length = 200): string {
  let text: string;
  try {
    text = JSON.stringify(value) ?? String(value);
  } catch {
    return "a value that cannot be written as JSON";
  }
  return visible(text.length > length ? `${text.slice(0, length)}...` : text);
}

/** "1 thread", "4 threads". */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

/** A list for a message: the first twelve of many, and how many there are. */
export function someOf(names: readonly string[]): string {
  const first = names.slice(0, 12).join(", ");
  return names.length > 12 ? `${first}, ... (${names.length})` : first;
}

/** A word of a command that is shown to be typed; quoted only where a shell would ask for it. */
export function typedWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Bytes as whole KiB, or MiB from ten of them on. */
export function kib(bytes: number): string {
  return bytes >= 10 * 2 ** 20 ? `${Math.round(bytes / 2 ** 20)} MiB` : `${Math.round(bytes / 1024)} KiB`;
}
