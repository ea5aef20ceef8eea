/** What `ssh -G` prints: lines `option value`, some of them repeated. */
export interface PrintedOptions {
  /** The first value; undefined for none. */
  one(key: string): string | undefined;
  all(key: string): readonly string[];
  /** A value that lists words between commas. */
  list(key: string): readonly string[];
}

export function printedOptions(text: string): PrintedOptions {
  const options = new Map<string, string[]>();
  for (const line of text.split("\n")) {
    const space = line.indexOf(" ");
    if (space < 0) continue;
    const key = line.slice(0, space).toLowerCase();
    options.set(key, [...(options.get(key) ?? []), line.slice(space + 1)]);
  }
  const all = (key: string): readonly string[] => options.get(key) ?? [];
  const one = (key: string): string | undefined => {
    const [value] = all(key);
    return value === undefined || value === "none" || value === "" ? undefined : value;
  };
  return { one, all, list: (key) => one(key)?.split(",") ?? [] };
}
