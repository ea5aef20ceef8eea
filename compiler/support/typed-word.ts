/** A word of a command that is shown to be typed; quoted only where a shell would ask for it. */
export function typedWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
