/** Text from outside without control characters, so that a board's words cannot move the cursor. */
export function plainText(text: string): string {
  return text.replaceAll("\r\n", "\n").replace(/[^\P{Cc}\n]/gu, " ");
}
