import { badValue } from "./usage-errors.ts";

/** `N=1,C=64` (given once or often) as numbers by name. Throws C205. */
export function parseSizes(
  option: string,
  given: readonly string[] | undefined,
): Readonly<Record<string, number>> {
  const words = (given ?? []).flatMap((text) => text.split(",")).filter((word) => word.trim() !== "");
  const entries = words.map((word) => {
    const match = /^\s*(\w+)=(-?(?:\d+(?:\.\d+)?(?:e-?\d+)?|Infinity))\s*$/.exec(word);
    if (match === null) throw badValue(option, word, "NAME=NUMBER, several with commas: N=1,C=64");
    return [match[1], Number(match[2])] as const;
  });
  return Object.fromEntries(entries);
}

/** `tile=8`, `unroll=true`: what the knobs of a schedule are set to; an option may have commas itself, `order=kh,kw`. Throws C205. */
export function parseKnobs(
  given: readonly string[] | undefined,
): Readonly<Record<string, number | string | boolean>> {
  const words = (given ?? [])
    .flatMap((text) => text.split(/,(?=[^,=]*=|$)/))
    .filter((word) => word.trim() !== "");
  const entries = words.map((word) => {
    const match = /^\s*([\w-]+)=(.+?)\s*$/.exec(word);
    if (match === null) throw badValue("set", word, "NAME=VALUE, several with commas: tile=8");
    return [match[1], optionOf(match[2])] as const;
  });
  return Object.fromEntries(entries);
}

const UNITS: ReadonlyMap<string, number> = new Map([
  ["", 1],
  ["B", 1],
  ...["K", "M", "G"].flatMap((letter, i): (readonly [string, number])[] => [
    [`${letter}B`, 1000 ** (i + 1)],
    [`${letter}IB`, 1024 ** (i + 1)],
  ]),
]);

/** `100MB`, `64MiB`, `4000000`: bytes. Throws C205. */
export function parseBytes(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, digits, unit = ""] = /^\s*(\d{1,15}(?:\.\d{1,9})?)\s*([a-z]*)\s*$/i.exec(text) ?? [];
  const factor = UNITS.get(unit.toUpperCase());
  if (digits === undefined || factor === undefined) {
    throw badValue(option, text, "bytes, or a size as 100MB or 64MiB");
  }
  return Math.floor(Number(digits) * factor);
}

function optionOf(text: string): number | string | boolean {
  if (text === "true" || text === "false") return text === "true";
  return Number.isFinite(Number(text)) ? Number(text) : text;
}
