/**
 * Text from outside without control characters, and without those that are not seen but reorder or hide what is
 * (bidirectional marks, zero-width ones), so that a board's or a model's words are what the terminal shows.
 */
export function plainText(text: string): string {
  return text.replaceAll("\r\n", "\n").replace(/[^\P{C}\n]|[\u2028\u2029]/gu, " ");
}
