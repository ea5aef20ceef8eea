import { describe, expect, it } from "vitest";
import { kernelFileParameters } from "../../compiler/language/parse-kernel.ts";
import { algorithmOf, algorithmOperators, convAlgorithms } from "../../compiler/ops/conv2d/algorithms.ts";
import { kernelFile, operator } from "../../compiler/task/compile-task.ts";

const MAP = { N: 1, G: 2, OC: 16, IC: 8, OH: 26, OW: 17, KH: 3, KW: 3, SH: 1, SW: 1, DH: 1, DW: 1 };
const QUANTIZED = { ...MAP, SCALE: 0.5, OFFSET: 128 };
const DEPTHWISE = { ...QUANTIZED, G: 32, OC: 1, IC: 1, COUNTED: 1, TERMS: 2 };
const LIMITS = { registers: 28, numerics: "fast" } as const;

describe("algorithms of convolutions", () => {
  it.each(Object.keys(algorithmOperators))("call %s with the parameters that it has", (op) => {
    const { part, candidates } = algorithmOf(op) ?? expect.fail("no algorithm");
    const int8 = {
      others: 1,
      eachChannel: true,
      dots: [{ terms: 1, channels: 4, products: 0.25, operands: { pixel: 1, weights: 1 } }],
    };
    const own = [QUANTIZED, DEPTHWISE]
      .flatMap((d) => candidates(d, 4, { ...LIMITS, int8 }).flatMap(({ parts }) => parts))
      .find((one) => one.op === op);
    const made = part?.(op, { from: 0, rows: MAP.OH }, MAP) ?? own ?? expect.fail(`no part of ${op}`);
    const { weights, covers, sizes } = made;
    const params = kernelFileParameters(kernelFile(operator(op)), operator(op).kernel.name);
    expect(params.flatMap((p) => (p.kind === "tensor" ? [p.name] : []))).toEqual([
      "x",
      ...weights.map(({ param }) => param),
      "b",
      "a",
      "r",
      "y",
    ]);
    const dims = params.flatMap((p) =>
      p.kind === "dims" ? p.names.filter((dim) => !p.optional.includes(dim)) : [],
    );
    const [OH, OW] = covers;
    const map = op === "int8-depthwise" ? DEPTHWISE : MAP;
    const { G, OC, IC } = map;
    const told = {
      ...{ N: 1, G, OC, IC, OH, OW, KH: 3, KW: 3, IH: OH + 2, IW: OW + 2 },
      ROWS: MAP.OH,
      COLUMNS: MAP.OW,
    };
    const given = Object.keys(sizes(told));
    expect(dims.filter((dim) => !given.includes(dim))).toEqual([]);
    expect(given.filter((dim) => !dims.includes(dim) && !Object.hasOwn(told, dim))).toEqual([]);
    expect(covers.every((n, axis) => n >= [MAP.OH, MAP.OW][axis])).toBe(true);
    for (const { arrange, shape } of weights) {
      const arranged = arrange(new Float32Array(G * OC * IC * 9).fill(1), map, undefined);
      expect(arranged.length).toBe(shape(map).reduce((a, b) => a * b));
    }
  });

  it("name each way once, compute each row once and count what their weights take", () => {
    const all = convAlgorithms.flatMap(({ candidates }) => candidates(MAP, 4, LIMITS));
    expect(all.length).toBeGreaterThan(0);
    expect(new Set(all.map(({ algorithm }) => algorithm)).size).toBe(all.length);
    for (const { parts, weights } of all) {
      const rows = parts.flatMap(({ from, rows }) => Array.from({ length: rows }, (_, i) => from + i));
      expect(rows).toEqual(Array.from({ length: MAP.OH }, (_, i) => i));
      const elements = parts.map(({ weights: [{ shape }] }) => shape(MAP).reduce((a, b) => a * b));
      expect(weights).toBe(elements.reduce((a, b) => a + b));
    }
  });

  it("are asked for no window that they are not for", () => {
    for (const { applies, candidates } of convAlgorithms) {
      const uneven = { ...MAP, SH: 2 };
      if (!applies(uneven)) expect(candidates(uneven, 4, LIMITS)).toEqual([]);
    }
    expect(algorithmOf("conv2d")).toBeUndefined();
  });
});
