import { join } from "node:path";
import { expect, test } from "vitest";
import { boardTime } from "../../compiler/driver/run/board-time.ts";
import type { ModelReport } from "../../compiler/driver/run/model-report.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { PACKAGE_ROOT } from "../../compiler/support/paths.ts";
import { tilewright } from "../cli/command-line.ts";

const MODEL = join(PACKAGE_ROOT, "test/fixtures/digits/digits.onnx");
const bench = (board: string, ...more: readonly string[]) =>
  tilewright("bench", MODEL, "--board", board, "--modelled", ...more);

async function report(board: string): Promise<ModelReport> {
  const { code, out, note } = await bench(board, "--json");
  expect(code, note).toBe(0);
  return JSON.parse(out) as ModelReport;
}

test("cycles of a modelled core, what each layer loses, and the same again", async () => {
  const found = await report("qemu-rpi4");
  const { timing, threads, core, peak, whole, layers, layerSum, ms, macs } = found;
  expect({ timing, threads, core, peak }).toEqual({
    timing: "modelled",
    threads: 1,
    core: "cortex-a72",
    peak: 4,
  });
  expect(ms).toBe(boardTime(loadTarget("qemu-rpi4").board, whole)?.ms);
  expect(layers.reduce((sum, layer) => sum + layer.cycles, 0)).toBe(layerSum);
  expect(layerSum).toBeLessThanOrEqual(whole.cycles);
  expect(layers.reduce((sum, layer) => sum + layer.macs, 0)).toBe(macs);
  for (const layer of layers) {
    expect(layer.lost, layer.name).toBeLessThanOrEqual(layer.cycles);
    expect(layer.lost, layer.name).toBeGreaterThanOrEqual(0);
    expect(layer.ofPeak, layer.name).toBeCloseTo(1 - layer.lost / layer.cycles, 9);
    expect(layer.cycles, layer.name).toBeGreaterThanOrEqual(layer.l2Stalls + layer.memoryStalls);
  }
  // Winograd's algorithm multiplies less than the network asks for.
  const winograd = layers.find(({ op }) => op === "winograd4");
  expect(winograd?.macsPerCycle).toBeGreaterThan((winograd?.ofPeak ?? 1) * peak);
  expect(await report("qemu-rpi4")).toEqual(found);
}, 300_000);

test("the cores differ in peak and clock", async () => {
  const [small, large] = [await report("qemu-rpi3"), await report("qemu-rpi5")];
  expect([small.peak, large.peak]).toEqual([4, 8]);
  expect([small.clockMHz, large.clockMHz]).toEqual([1200, 2400]);
  expect(large.whole.cycles).toBeLessThan(small.whole.cycles);
}, 300_000);

test("the table says that it is modelled, in its head, of the whole and at its end", async () => {
  const { code, out, note } = await bench("qemu-rpi4");
  expect(code).toBe(0);
  const lines = out.split("\n");
  expect(lines[0]).toMatch(/^layer +operator +schedule +cycles \(modelled\) +lost +MACs\/cycle +of peak/);
  expect(out).toMatch(
    /^digits on the cortex-a72 of qemu-rpi4 as modelled, 1 thread: \d+\.\d\d thousand cycles, 0\.\d{3} ms \(modelled, ±17 %\) at 1500 MHz; \d\.\d\d MACs a cycle of 4$/m,
  );
  expect(out).toMatch(/most is lost by \S+ \(\d+\.\d %\), \S+ \(\d+\.\d %\), \S+ \(\d+\.\d %\)$/m);
  expect(lines.at(-1)).toBe(
    "modelled: cycles of a model of the core and its caches under qemu, the same each time; nothing was measured; published times of ncnn's networks on this board were up to 17 % off (make fit-boards)",
  );
  expect(note).toContain("modelling the cortex-a72 of qemu-rpi4: one inference after another");
}, 300_000);

test("cores that no emulated board has are modelled by their names", async () => {
  const whole = async (...target: string[]): Promise<unknown> => {
    const { code, out } = await bench("qemu-rpi5", ...target, "--json");
    expect(code).toBe(0);
    const { core, whole } = JSON.parse(out) as { core: string; whole: { cycles: number } };
    return { core, known: whole.cycles > 0 };
  };
  for (const core of ["cortex-a55", "cortex-a57", "cortex-a78"])
    expect(await whole("--target", `-mcpu=${core}`)).toEqual({ core, known: true });
}, 300_000);

test("C405: boards whose cycles are not modelled", async () => {
  const refused = async (board: string, ...words: string[]): Promise<string> => {
    const { code, note, out } = await bench(board, ...words);
    expect([code, out]).toEqual([1, ""]);
    return note;
  };
  expect(await refused("host")).toBe(`error[C405]: \`host\` has no model of its cycles
  why:   it does not run under emulation here
  help:  models are for emulated boards: --board qemu-... (see \`tilewright targets\`)
  help:  or leave --modelled out`);
  const cores = "cortex-a53, cortex-a55, cortex-a57, cortex-a72, cortex-a76, cortex-a78";
  expect(await refused("qemu-rpi2")).toBe(`error[C405]: \`qemu-rpi2\` has no model of its cycles
  why:   there is no model of the core cortex-a7, but of ${cores}
  help:  \`tilewright analyze MODEL --target qemu-rpi2\` estimates what its layers cannot be faster than
  help:  or leave --modelled out`);
  expect(await refused("qemu-rpi3", "--target", "rpi3-32")).toContain(
    "  why:   the model does not know the instructions of neon-v7\n",
  );
});

test("C206: options that say how often and on how many threads", async () => {
  expect((await bench("qemu-rpi4", "--threads", "2")).note).toBe(
    `error[C206]: cannot read the command line of \`tilewright bench\`
  why:   --modelled takes no --threads: it is one inference after another, on one thread
  help:  \`tilewright bench --help\` shows how it is used`,
  );
});
