import { compileOp } from "../../compiler/driver/decide/explain.ts";
import type { ReportData, ReportKernel, ReportLayer } from "../../compiler/driver/report/report-data.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { makeRng, type Rng } from "../../compiler/support/rng.ts";

/** Kernels as networks have them, to make others like them. */
function examples(): readonly ReportKernel[] {
  const target = loadTarget("rpi4");
  const sizes = [
    { N: 1, OC: 64, IC: 32, OH: 28, OW: 28, KH: 1, KW: 1 },
    { N: 1, OC: 96, IC: 48, OH: 14, OW: 14, KH: 1, KW: 1 },
    { N: 1, OC: 64, IC: 64, OH: 28, OW: 28, KH: 3, KW: 3 },
    { N: 1, G: 64, OC: 1, IC: 1, OH: 28, OW: 28, KH: 3, KW: 3 },
    { N: 1, G: 96, OC: 1, IC: 1, OH: 14, OW: 14, KH: 5, KW: 5 },
    { N: 1, G: 8, OC: 8, IC: 8, OH: 28, OW: 28, KH: 3, KW: 3 },
  ];
  return sizes.map((dims) => {
    const { kernel, schedule } = compileOp("conv2d", dims, target, {});
    return {
      name: kernel.name,
      op: "conv2d",
      schedule: kernel.schedule,
      choice: kernel.choice,
      layers: [],
      facts: [
        { label: "Sizes", value: Object.entries(dims).join(" ") },
        { label: "Knobs", value: "tile=1x10x2 order=weights" },
        { label: "Tasks for threads", value: String(kernel.grid) },
        { label: "Vectors", value: "4 lanes, neon-v8" },
      ],
      texts: [
        { title: "Schedule", text: schedule.trace.map((step) => JSON.stringify(step)).join("\n") },
        { title: "C", text: kernel.c },
      ],
    };
  });
}

/** A kernel like another one, but of other sizes: a third of its numbers are others, the same ones wherever they stand. */
function variant(kernel: ReportKernel, name: string, layers: readonly string[], rng: Rng): ReportKernel {
  const others = new Map<string, string>();
  const other = (digits: string): string => {
    const known = others.get(digits) ?? (rng.next() < 1 / 3 ? String(rng.int(4000)) : digits);
    others.set(digits, known);
    return known;
  };
  const texts = kernel.texts.map(({ title, text }) => {
    return { title, text: text.replaceAll(kernel.name, name).replace(/\b\d{2,}\b/g, other) };
  });
  return { ...kernel, name, layers, texts };
}

/** A network of so many layers, each with a kernel of its own, modelled. */
export function madeUpReport(count: number): ReportData {
  const rng = makeRng(7);
  const from = examples();
  const kernels: ReportKernel[] = [];
  const layers: ReportLayer[] = [];
  for (let i = 0; i < count; i++) {
    const name = `stage${i % 7}.block${i}.conv`;
    const kernel = variant(from[i % from.length], `conv2d_${i.toString(16).padStart(12, "0")}`, [name], rng);
    const [peak, secondCache, memory, other] = [400, 90, 60, 150].map(
      (n) => Math.ceil(n * rng.next()) * 1000,
    );
    const cost = peak + secondCache + memory + other;
    kernels.push(kernel);
    layers.push({
      ...{ name, op: "conv2d", kernel: kernel.name, schedule: kernel.schedule, choice: kernel.choice },
      ...{ macs: 4 * peak, cost, share: 1 / count, ofPeak: peak / cost, ofBound: rng.next() / 2 },
      parts: { peak, secondCache, memory, other },
    });
  }
  return { title: "made up", subtitle: "for tests", facts: [], sections: [sectionOf(layers)], kernels };
}

function sectionOf(layers: readonly ReportLayer[]): ReportData["sections"][number] {
  const cost = layers.reduce((sum, layer) => sum + (layer.cost ?? 0), 0);
  return {
    ...{ title: "made up", subtitle: "for tests", kind: "modelled", kindText: "Cycles of a model." },
    ...{ facts: [], problems: [], layers },
    whole: { cost, macs: layers.reduce((sum, { macs }) => sum + macs, 0), ofPeak: 0.6, arenaBytes: 4e6 },
    memory: {
      ...{ arenaBytes: 4e6, steps: layers.length },
      tensors: layers.map(({ name }, i) => {
        return {
          name,
          offset: (i % 3) * 64_000,
          bytes: 64_000,
          first: i,
          last: Math.min(layers.length - 1, i + 1),
        };
      }),
    },
    roofline: {
      ...{ macsPerSecond: 6e9, bytesPerSecond: 4e9 },
      points: layers.map(({ name, macs, cost: c = 1 }, i) => {
        return { layer: name, macsPerByte: 1 + (i % 40), macsPerSecond: (1.5e9 * macs) / c };
      }),
    },
    groups: layers.slice(0, 60).map(({ name, macs, cost: c = 1 }, i) => {
      return { layer: name, groups: 2 ** (1 + (i % 6)), groupSize: 4, costPerKiloMac: (1000 * c) / macs };
    }),
    tuning: [0, 1, 2].map((i) => {
      return {
        task: `conv2d OC=${64 << i}`,
        best: Array.from({ length: 30 }, (_, n) => 1 - (0.3 * n) / (30 + 9 * i)),
      };
    }),
  };
}
