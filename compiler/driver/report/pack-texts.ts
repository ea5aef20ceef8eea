import { deflateRawSync } from "node:zlib";
import { visible } from "../../support/text.ts";
import type { KernelText, ReportKernel } from "./report-data.ts";

/** What a page holds packed: base64 of what deflate makes of JSON. */
export type Packs = string[];

/** Where the texts of kernels are: number of the pack, and in it; kernels whose texts are in the page as they are have none. */
export type PackedPlaces = ReadonlyMap<string, { readonly pack: number; readonly index: number }>;

/** Adds a pack, and gives its number. */
export function addPack(packs: Packs, value: unknown): number {
  return packs.push(deflateRawSync(JSON.stringify(value), { level: 9 }).toString("base64")) - 1;
}

/** Lines, each once, and each kernel's texts: a title, and how far each line's number is above that of the line before it. */
interface Pack {
  readonly lines: readonly string[];
  readonly kernels: readonly (readonly (readonly [string, readonly number[]])[])[];
}

/** A page with so many characters of texts opens at once, and can be read without a script. */
const PLAIN_CHARACTERS = 1_500_000;
/** More of them would be smaller together, but whoever opens one kernel unpacks those beside it. */
const KERNELS_A_PACK = 40;

/**
 * Packs the texts of kernels where there are many. Kernels are alike line by line, at distances that deflate does not see, so
 * lines are numbered first: of 222 kernels of four networks 18.5 kB each become 0.95 kB, by deflate alone 2.4 kB.
 */
export function packTexts(kernels: readonly ReportKernel[], packs: Packs): PackedPlaces {
  const characters = kernels.reduce(
    (sum, { texts }) => sum + texts.reduce((n, t) => n + t.text.length, 0),
    0,
  );
  if (characters <= PLAIN_CHARACTERS) return new Map();
  const alike = kernels
    .map((kernel) => ({ kernel, key: keyOf(kernel) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  const place = new Map<string, { pack: number; index: number }>();
  for (let at = 0; at < alike.length; at += KERNELS_A_PACK) {
    const some = alike.slice(at, at + KERNELS_A_PACK).map(({ kernel }) => kernel);
    const pack = addPack(packs, packOf(some));
    for (const [index, { name }] of some.entries()) place.set(name, { pack, index });
  }
  return place;
}

function packOf(kernels: readonly ReportKernel[]): Pack {
  const numbers = new Map<string, number>();
  const numberOf = (line: string): number => {
    const known = numbers.get(line) ?? numbers.size;
    numbers.set(line, known);
    return known;
  };
  const steps = (text: string): readonly number[] => {
    const all = text.split("\n").map((line) => numberOf(visible(line)));
    return all.map((each, i) => each - (all[i - 1] ?? 0));
  };
  const texts = kernels.map((kernel) =>
    [aboutOf(kernel), ...kernel.texts].map(({ title, text }) => [title, steps(text)] as const),
  );
  return { lines: [...numbers.keys()], kernels: texts };
}

/** What a page that packs nothing shows above the texts. */
function aboutOf({ schedule, choice, facts }: ReportKernel): KernelText {
  const lines = facts.map(({ label, value }) => `${label}: ${value}`);
  return { title: choice === "" ? schedule : `${schedule}: ${choice}`, text: lines.join("\n") };
}

/** Sorts kernels of one operator, schedule and length together; names are different. */
function keyOf({ op, schedule, texts, name }: ReportKernel): string {
  return JSON.stringify([op, schedule, texts.map(({ text }) => String(text.length).padStart(9)), name]);
}
