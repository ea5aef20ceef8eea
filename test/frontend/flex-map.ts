/** A value of a FlexBuffer's map written out in a test. */
export type FlexValue = number | boolean | { readonly float: number } | { readonly text: string };

/** A FlexBuffer that is a map, its elements `width` bytes wide: floats need 4. */
export function flexMap(values: Readonly<Record<string, FlexValue>>, width: 1 | 2 | 4 | 8 = 4): Uint8Array {
  const bytes: number[] = [];
  const number = (n: number): void => {
    const view = new DataView(new ArrayBuffer(8));
    view.setBigInt64(0, BigInt(n), true);
    for (let i = 0; i < width; i++) bytes.push(view.getUint8(i));
  };
  const float = (n: number): void => {
    const view = new DataView(new ArrayBuffer(width));
    if (width === 8) view.setFloat64(0, n, true);
    else view.setFloat32(0, n, true);
    for (let i = 0; i < width; i++) bytes.push(view.getUint8(i));
  };
  const text = (s: string): number => {
    const at = bytes.length;
    bytes.push(...new TextEncoder().encode(s), 0);
    return at;
  };
  const back = (to: number): void => number(bytes.length - to);
  const entries = Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1));
  const names = entries.map(([name]) => text(name));
  const texts = entries.map(([, v]) => (typeof v === "object" && "text" in v ? text(v.text) : 0));
  number(entries.length);
  const keys = bytes.length;
  for (const at of names) back(at);
  back(keys);
  number(width);
  number(entries.length);
  const map = bytes.length;
  entries.forEach(([, v], i) => {
    if (typeof v !== "object") number(Number(v));
    else if ("float" in v) float(v.float);
    else back(texts[i]);
  });
  const log = Math.log2(width);
  for (const [, v] of entries)
    bytes.push(
      typeof v === "number" ? 4 + log : typeof v === "boolean" ? 26 * 4 : "float" in v ? 12 + log : 20,
    );
  back(map);
  bytes.push(9 * 4 + log, width);
  return Uint8Array.from(bytes);
}
