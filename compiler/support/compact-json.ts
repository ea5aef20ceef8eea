/** JSON for people and diffs: whatever fits stays on one line, everything else is broken up. */
export function compactJson(value: unknown, width = 110): string {
  return print(value, "", width);
}

function print(value: unknown, indent: string, room: number): string {
  const flat = JSON.stringify(value);
  if (typeof value !== "object" || value === null || flat.length <= room) return flat;
  const inner = `${indent}  `;
  const array = Array.isArray(value);
  const items = array
    ? value.map((item: unknown) => print(item, inner, room - 2))
    : Object.entries(value).flatMap(([key, item]) => {
        if (item === undefined) return [];
        const name = `${JSON.stringify(key)}: `;
        return [`${name}${print(item, inner, room - 2 - name.length)}`];
      });
  const [open, close] = array ? "[]" : "{}";
  return `${open}\n${items.map((item) => `${inner}${item}`).join(",\n")}\n${indent}${close}`;
}
