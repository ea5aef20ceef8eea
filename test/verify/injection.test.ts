import { describe, expect, it } from "vitest";
import type { Graph } from "../../compiler/graph/graph.ts";
import { makeRng, type Rng } from "../../compiler/support/rng.ts";
import { boundedReference } from "../../compiler/verify/bounded-reference.ts";
import { type Comparison, compareTensors } from "../../compiler/verify/compare.ts";
import { LARGEST } from "../../compiler/verify/rounding.ts";
import { graphBuilder } from "../graph/graph-builder.ts";
import { inFloats, LAYERS, tilesOfLayer } from "./single-layers.ts";

/** Clean layers that must not be called wrong; `make test-long` tries 2,000. */
const CLEAN = Number(process.env.INJECTION_LAYERS ?? 104);
const FAULTS = 200;
const kinds = Object.entries(LAYERS);

interface Layer {
  readonly graph: Graph;
  readonly by: (typeof LAYERS)[string]["by"];
  readonly x: Float32Array;
}

function layer(kind: number, seed: number, fill: (rng: Rng, i: number) => number): Layer {
  const rng = makeRng(seed);
  const [, { by, make }] = kinds[kind % kinds.length];
  const g = graphBuilder(rng);
  const graph = g.finish([make(g)]);
  const count = g.shape(graph.inputs[0]).reduce((a, b) => a * b, 1);
  return { graph, by, x: Float32Array.from({ length: count }, (_, i) => fill(rng, i)) };
}

/** What is wanted of a layer, and within what bounds. */
function wantedOf({ graph, by, x }: Layer): { values: Float32Array; bounds: Float32Array } {
  let [values, bounds] = [new Float32Array(), new Float32Array()];
  boundedReference(graph, new Map([[graph.inputs[0], x]]), tilesOfLayer(graph, by), (_, wanted, bound) => {
    [values, bounds] = [wanted.slice(), bound?.slice() ?? new Float32Array(wanted.length)];
    return undefined;
  });
  return { values, bounds };
}

function compare(of: Layer, actual: Float32Array, { values, bounds } = wantedOf(of)): Comparison {
  return compareTensors(of.graph.tensors.get(of.graph.outputs[0])?.shape ?? [], actual, values, bounds);
}

const normal = (rng: Rng): number => rng.normal();

describe("one wrong element", () => {
  it.each(kinds.map(([name], kind) => [name, kind] as const))("of a layer is found: %s", (_, kind) => {
    const of = layer(kind, 100 + kind, normal);
    const wanted = wantedOf(of);
    const clean = inFloats(of.graph, of.x, of.by);
    expect(compare(of, clean, wanted)).toMatchObject({ badCount: 0, undecided: 0, allZero: false });
    const rng = makeRng(kind);
    const each = Math.ceil(FAULTS / kinds.length);
    for (let fault = 0; fault < each; fault++) {
      const at = rng.int(clean.length);
      const wrong = clean.slice();
      wrong[at] = faulty(
        clean[at],
        10 ** (1 + (fault / (each - 4)) * 30) * wanted.bounds[at],
        fault - each + 4,
      );
      const found = compare(of, wrong, wanted);
      expect(found.badCount, `${clean[at]} became ${wrong[at]}`).toBe(1);
      expect(found.worst).toMatchObject({ actual: wrong[at], wanted: wanted.values[at] });
    }
  });

  /** Off by so much; the last ones are no numbers at all. */
  function faulty(right: number, by: number, special: number): number {
    const no = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, LARGEST];
    return special >= 0 ? no[special] : right + by;
  }

  it("among a million is found and named", () => {
    const wanted = new Float32Array(1_000_000).map((_, i) => Math.sin(i));
    const actual = wanted.slice();
    actual[123_456] += 1e-5;
    const bounds = new Float32Array(wanted.length).fill(1e-6);
    const { badCount, worst } = compareTensors([1, 1000, 10, 100], actual, wanted, bounds);
    expect([badCount, worst?.at, worst?.actual, worst?.wanted]).toEqual([
      1,
      [0, 123, 4, 56],
      actual[123_456],
      wanted[123_456],
    ]);
  });
});

describe("a clean layer is not called wrong", () => {
  const fills: Readonly<Record<string, (rng: Rng, i: number) => number>> = {
    normal,
    positive: (rng) => Math.abs(rng.normal()),
    equal: () => 0.1,
    "with one bright pixel": (rng, i) => (i === 7 ? 1e5 : rng.normal()),
    "of many magnitudes": (rng) => rng.normal() * 10 ** (rng.next() * 12 - 6),
    tiny: (rng) => rng.normal() * 1e-37,
    denormal: (rng) => rng.normal() * 1e-40,
    huge: (rng) => rng.normal() * 1e36,
  };
  it.each(Object.entries(fills))("%s", (name, fill) => {
    for (let i = 0; i < Math.ceil(CLEAN / Object.keys(fills).length); i++) {
      const of = layer(i, i, fill);
      const wanted = wantedOf(of);
      for (const flush of name === "tiny" || name === "denormal" ? [false, true] : [false]) {
        const { badCount, worst } = compare(of, inFloats(of.graph, of.x, of.by, flush), wanted);
        expect(badCount, `${kinds[i % kinds.length][0]} ${i}: ${JSON.stringify(worst)}`).toBe(0);
      }
    }
  });
});

describe("values that are no ordinary numbers", () => {
  const direct = kinds.findIndex(([name]) => name === "direct");

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    "%s in the input has to come out where it does in the reference",
    (odd) => {
      const of = layer(direct, 5, (rng, i) => (i === 24 ? odd : rng.normal()));
      const wanted = wantedOf(of);
      const clean = inFloats(of.graph, of.x, of.by);
      const touched = [...wanted.values.keys()].filter((i) => !Number.isFinite(wanted.values[i]));
      expect(touched).toHaveLength(36);
      expect(compare(of, clean, wanted)).toMatchObject({ badCount: 0, undecided: 0 });
      for (const instead of [0, 1e30, Number.isNaN(odd) ? Number.POSITIVE_INFINITY : Number.NaN]) {
        const wrong = clean.slice();
        wrong[touched[3]] = instead;
        expect(compare(of, wrong, wanted)).toMatchObject({
          badCount: 1,
          worst: { ofBound: Number.POSITIVE_INFINITY },
        });
      }
      const leaked = clean.slice();
      leaked[48] = odd;
      expect(Number.isFinite(clean[48])).toBe(true);
      expect(compare(of, leaked, wanted).badCount).toBe(1);
    },
  );

  it("where a sum may overflow or not nothing is said, and that is counted", () => {
    const of = layer(direct, 6, (rng) => rng.normal() * 2e38);
    const wanted = wantedOf(of);
    const { badCount, undecided, count } = compare(
      of,
      new Float32Array(wanted.values.length).fill(Number.NaN),
      wanted,
    );
    expect([badCount, undecided]).toEqual([0, count]);
  });

  it("zeros that come of zeros are right, and said to be nothing but zeros", () => {
    const of = layer(
      kinds.findIndex(([name]) => name === "average"),
      7,
      () => 0,
    );
    const zeros = inFloats(of.graph, of.x, of.by);
    expect(compare(of, zeros)).toMatchObject({ badCount: 0, allZero: true });
    zeros[3] = 1e-30;
    expect(compare(of, zeros)).toMatchObject({ badCount: 1, allZero: false });
  });
});
