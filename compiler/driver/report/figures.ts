import type { CostKind } from "./report-data.ts";

/** What a kind of costs is written in, and what its figures are worth. */
export interface KindText {
  readonly title: string;
  /** What the figures are of, in a sentence. */
  readonly about: string;
  readonly unit: string;
}

const KINDS: Readonly<Record<CostKind, KindText>> = {
  modelled: {
    title: "modelled",
    about:
      "Cycles of a model of the core and its caches under qemu, the same each time. Nothing was measured; ± says how far published times of the board were off.",
    unit: "cycles",
  },
  modelledTime: {
    title: "modelled",
    about: "Cycles of a model of the core and its caches under qemu, at its clock. Nothing was measured.",
    unit: "ms",
  },
  measured: { title: "measured", about: "Times of runs on a processor: medians.", unit: "ms" },
  emulated: {
    title: "emulated",
    about: "Times of an emulator: they say nothing about how fast the board is.",
    unit: "ms",
  },
  unknown: {
    title: "of an unknown place",
    about: "Times of a place that does not say which machine it is: a processor's, or an emulator's.",
    unit: "ms",
  },
  instructions: {
    title: "counted",
    about: "Instructions executed in one inference under qemu: exact, and no time.",
    unit: "instructions",
  },
  bound: {
    title: "bound",
    about: "The least time that the board's data sheet allows on one core. Nothing was run.",
    unit: "ms",
  },
  none: { title: "counted", about: "What the network asks for. Nothing was run.", unit: "" },
};

export function kindText(kind: CostKind): KindText {
  return KINDS[kind];
}

/** One scale for all costs of a table or a chart, so that they can be compared by eye. */
export interface Scale {
  readonly unit: string;
  readonly text: (cost: number) => string;
  /** As a number of the unit. */
  readonly of: (cost: number) => number;
}

/** The scale for costs up to `most`, in cycles, instructions or nanoseconds. */
export function scaleFor(kind: CostKind, most: number): Scale {
  const { unit } = KINDS[kind];
  const isTime = unit === "ms";
  const [divisor, word] = isTime ? [1e6, ""] : most < 1e7 ? [1e3, "thousand "] : [1e6, "million "];
  const decimals = most / divisor >= 1000 ? 1 : most / divisor >= 10 ? 2 : 3;
  return {
    unit: isTime ? "ms" : `${word}${unit}`,
    text: (cost) => (cost / divisor).toFixed(decimals),
    of: (cost) => Number((cost / divisor).toPrecision(6)),
  };
}

/** In parts of a rounding bound. */
export function errorText(ofBound: number): string {
  return Number.isFinite(ofBound) ? ofBound.toFixed(3) : "no number";
}

export function percent(part: number): string {
  return `${(100 * part).toFixed(1)} %`;
}

/** A change with its sign: "−3.1 %", "+0.4 %". */
export function changeText(before: number, after: number): string {
  if (before === after) return "0 %";
  if (before === 0) return "new";
  const change = 100 * (after / before - 1);
  return `${change > 0 ? "+" : "\u2212"}${Math.abs(change).toFixed(1)} %`;
}

export function roundedBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 2 ** 20 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 2 ** 20).toFixed(2)} MiB`;
}

/** Multiply-accumulates in millions, or in billions where there are many. */
export function macsText(macs: number): readonly [string, string] {
  return macs < 1e9 ? [(macs / 1e6).toFixed(1), "million MACs"] : [(macs / 1e9).toFixed(2), "billion MACs"];
}
