/** What a text of JSON lines says, line by line. */
export function jsonLines<Line>(text: string): readonly Line[] {
  return text
    .trimEnd()
    .split("\n")
    .map((line): Line => JSON.parse(line));
}
