import { describe, expect, it } from "vitest";
import type { Graph } from "../../compiler/graph/graph.ts";
import { makeRng } from "../../compiler/support/rng.ts";
import { compareNetwork } from "../../compiler/verify/check-network.ts";
import { halfTensors } from "../../compiler/verify/half-tensors.ts";
import type { LayerPart } from "../../compiler/verify/layer-part.ts";
import { graphBuilder } from "../graph/graph-builder.ts";

/** Three functions one after the other: x, then what each of them makes. */
function chain(): { readonly graph: Graph; readonly tensors: readonly string[] } {
  const g = graphBuilder(makeRng(1));
  const tensors = [g.input([1, 4, 3, 3])];
  for (let i = 0; i < 3; i++) tensors.push(g.elementwise(tensors[i], tensors[i], "mul"));
  return { graph: g.finish([tensors[3]]), tensors };
}

const layer = (completes: string | undefined, floats?: "f16", dtype?: "f16"): LayerPart => ({
  name: `layer of ${completes}`,
  op: "mul",
  floats,
  output: completes === undefined ? undefined : { tensor: completes, dtype },
});

describe("tensors that may be f16", () => {
  const { graph, tensors } = chain();
  const [, first, second, third] = tensors;
  const halves = (...layers: LayerPart[]): string[] => [...halfTensors(graph, layers)].sort();

  it("are none where no layer is", () => {
    expect(halves(layer(first), layer(second), layer(third))).toEqual([]);
  });

  it("are those of layers of f16, and what was fused into these", () => {
    expect(halves(layer(first, "f16", "f16"), layer(second), layer(third))).toEqual([first]);
    expect(halves(layer(second, "f16", "f16"), layer(third))).toEqual([first, second].sort());
  });

  it("are those made by layers of f16 under names the model does not have, or under none", () => {
    for (const name of [`${third}/4d-out`, undefined]) {
      expect(halves(layer(first), layer(name, "f16", "f16"), layer(third))).toEqual([second, third].sort());
    }
  });

  it("are none beside them: what is complete before, and what comes after", () => {
    const odd = `${second}/images`;
    expect(halves(layer(first), layer(odd, "f16"), layer(second), layer(third))).toEqual([second]);
  });

  it("are those of bundles that tell it of tensors alone", () => {
    expect(halves(layer(first, undefined, "f16"), layer(third))).toEqual([first]);
  });
});

it("what was f16 under another name on the way is compared within the bounds of f16", () => {
  const { graph, tensors } = chain();
  const [x, , , third] = tensors;
  const values = new Float32Array(36).fill(1.1);
  const wanted = 1.1 ** 8;
  const found = {
    tensors: new Map([[third, new Float32Array(36).fill(wanted * (1 + 2 ** -11))]]),
    outputs: new Map(),
  };
  const bad = (layers: readonly LayerPart[]): number | undefined =>
    compareNetwork(graph, new Map([[x, values]]), found, layers).tensors.get(third)?.badCount;
  expect(bad([layer(`${third}/part0`, "f16", "f16"), layer(third)])).toBe(0);
  expect(bad([layer(`${third}/part0`), layer(third)])).toBe(36);
});
