import { deflateRawSync } from "node:zlib";
import type { ReportKernel } from "./report-data.ts";

/** Texts of kernels, and where each kernel's are. */
export interface PackedTexts {
  /** Kernels whose texts are in the page as they are have none. */
  readonly place: ReadonlyMap<string, { readonly pack: number; readonly index: number }>;
  /** Base64 of what deflate makes of a JSON list of lists of texts. */
  readonly packs: readonly string[];
}

/** A page with so many characters of texts opens at once, and can be read without a script. */
const PLAIN_CHARACTERS = 1_500_000;
/** Neighbours are alike: of so many together deflate makes about a tenth. More of them take longer to open one. */
const KERNELS_A_PACK = 25;

/** Packs the texts of kernels where there are many: whoever opens a kernel unpacks those beside it. */
export function packTexts(kernels: readonly ReportKernel[]): PackedTexts {
  const characters = kernels.reduce(
    (sum, { texts }) => sum + texts.reduce((n, { text }) => n + text.length, 0),
    0,
  );
  if (characters <= PLAIN_CHARACTERS) return { place: new Map(), packs: [] };
  const alike = [...kernels].sort((a, b) => compare(keyOf(a), keyOf(b)));
  const place = new Map<string, { pack: number; index: number }>();
  const packs: string[] = [];
  for (let at = 0; at < alike.length; at += KERNELS_A_PACK) {
    const some = alike.slice(at, at + KERNELS_A_PACK);
    for (const [index, { name }] of some.entries()) place.set(name, { pack: packs.length, index });
    const json = JSON.stringify(some.map(({ texts }) => texts.map(({ title, text }) => [title, text])));
    packs.push(deflateRawSync(json, { level: 9 }).toString("base64"));
  }
  return { place, packs };
}

function keyOf({ op, schedule, texts, name }: ReportKernel): string {
  return JSON.stringify([op, schedule, texts.map(({ text }) => String(text.length).padStart(9)), name]);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
