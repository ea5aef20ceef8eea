/**
 * One word for a POSIX shell. Nothing else of Tilewright's makes text that a shell reads: a command
 * for a board is `shellCommand` of its words. Null bytes cannot be passed to a program at all.
 */
export function shellQuote(word: string): string {
  if (word.includes("\0")) throw new RangeError("a command word cannot hold a null byte");
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** The command line of these words, each quoted. */
export function shellCommand(words: readonly string[]): string {
  return words.map(shellQuote).join(" ");
}
