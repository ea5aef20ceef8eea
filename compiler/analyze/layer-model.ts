import { makeRng } from "../support/rng.ts";
import { type Fit, fitLinear, predict, resampledFits, solveNonNegative } from "./fit.ts";
import type { CostKind, SweepLayer, SweepRecord } from "./sweep-record.ts";

/** What a layer would be with another group size. */
export type LayerWork = Pick<SweepLayer, "name" | "group_size" | "executed_macs" | "bytes">;

/** What a board's sweep tells about layers: found costs where it has them, predictions elsewhere. */
export interface LayerModel {
  readonly kind: CostKind;
  readonly fit: Fit;
  /** Cost of a layer, and whether it was found rather than predicted. */
  cost(work: LayerWork): { readonly cost: number; readonly found: boolean };
  /** The same, as it might as well be: draw number `i` of `draws`, consistent over layers. */
  draw(i: number, work: LayerWork): number;
  readonly draws: number;
}

const TERMS = ["executed_macs", "bytes", "layer"];
/** Two measurements of one thing differ by about this, where the log does not say. */
const REPEATABILITY = 0.02;

/** From the layers that settings changed. Undefined with fewer than 8 of them: nothing can be said. */
export function layerModel(records: readonly SweepRecord[], draws = 300): LayerModel | undefined {
  const [first] = records;
  const layers = records.flatMap((record) => record.layers.filter((l) => l.variable && l.cost > 0));
  if (first === undefined || layers.length < 8) return undefined;
  const terms = ({ executed_macs, bytes }: LayerWork): number[] => [executed_macs, bytes, 1];
  const points = { x: layers.map(terms), y: layers.map(({ cost }) => cost) };
  const fit = fitLinear(TERMS, points);
  const best = fit.coefficients.map(({ value }) => value);
  const fits = resampledFits(points, solveNonNegative, draws, 3);
  const residuals = layers.map((layer) => layer.cost / predict(best, terms(layer)));
  const id = ({ name, group_size }: LayerWork): string => `${group_size} ${name}`;
  const found = new Map(layers.map((layer) => [id(layer), layer.cost]));
  const noise = repeatability(records);
  return {
    kind: first.cost_kind,
    fit,
    draws,
    cost: (work) => {
      const known = found.get(id(work));
      return known === undefined
        ? { cost: predict(best, terms(work)), found: false }
        : { cost: known, found: true };
    },
    draw: (i, work) => {
      // One number for each draw, layer and size, the same however often it is asked for.
      const rng = makeRng(hash(`${i} ${id(work)}`));
      const known = found.get(id(work));
      if (known !== undefined) return known * (1 + noise * rng.normal());
      return predict(fits[i] ?? best, terms(work)) * (residuals[rng.int(residuals.length)] ?? 1);
    },
  };
}

/** Relative spread of what was found: none where the count is exact. */
function repeatability(records: readonly SweepRecord[]): number {
  if (records.every(({ cost_kind }) => cost_kind !== "measured" && cost_kind !== "emulated")) return 0;
  const spreads = records.flatMap(({ spread, cost }) => (spread === undefined ? [] : [spread / cost / 1.35]));
  return spreads.length === 0 ? REPEATABILITY : Math.max(...spreads);
}

/** FNV-1a. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h;
}
