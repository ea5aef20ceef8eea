import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readEnergyTable } from "../../compiler/analyze/energy-table.ts";
import { readSweepLog } from "../../compiler/analyze/sweep-log.ts";
import { compileNetwork } from "../../compiler/driver/compile-network.ts";
import { decisionsOf } from "../../compiler/driver/decide/decisions.ts";
import { decisionsText, readDecisions } from "../../compiler/driver/decide/decisions-file.ts";
import { loadModel } from "../../compiler/frontend/load-model.ts";
import { readNpy, readNpz, writeNpy, writeNpz } from "../../compiler/frontend/npy.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { UserError } from "../../compiler/support/diagnostic.ts";
import { PACKAGE_ROOT } from "../../compiler/support/paths.ts";
import { makeRng, type Rng } from "../../compiler/support/rng.ts";
import { readMetadata } from "../../compiler/toolchain/read-metadata.ts";
import { watchMemory } from "../support/memory.ts";

/** FUZZ_RUNS=n damages each kind of file more often, FUZZ_SEED=n in other ways. */
const RUNS = Math.min(Number(process.env.FUZZ_RUNS ?? 80), 3000);
const SEED = Number(process.env.FUZZ_SEED ?? 1);
const SLOWEST_MS = 10_000;
const MOST_BYTES = 2 ** 30;

const folder = mkdtempSync(join(tmpdir(), "tilewright-files-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const graph = await loadModel("test/fixtures/digits/digits.onnx");
const compiled = await compileNetwork(graph, loadTarget("rpi4"), { meta: { modelSha256: "0".repeat(64) } });
const { plan, kernels, target, files } = compiled;
const array = { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) };
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const file = (name: string): Uint8Array => readFileSync(join(PACKAGE_ROOT, name));
const LOG = [
  { kind: "kernel", target: "rpi4", made: "gcc", kernel: "conv2d_0123", instructions: 1000 },
  { kind: "cycles", target: "rpi4", made: "gcc", core: "a72", kernel: "conv2d_0123", cycles: 1000.5 },
];

/** Each kind of file that may come from somebody else: what it holds when whole, and who reads it. */
const KINDS: Readonly<Record<string, readonly [Uint8Array, (path: string, bytes: Uint8Array) => unknown]>> = {
  ".npy": [writeNpy(array), (path, bytes) => readNpy(bytes, path)],
  ".npz": [writeNpz(new Map([["a", array]])), (path, bytes) => readNpz(bytes, path)],
  "metadata.json": [bytesOf(String(files.get("metadata.json"))), (path) => readMetadata(join(path, ".."))],
  "decisions.json": [
    bytesOf(decisionsText(decisionsOf(plan, kernels, target), "digits", "rpi4")),
    (path) => readDecisions(path),
  ],
  "sweep.jsonl": [
    bytesOf(`${LOG.map((line) => JSON.stringify(line)).join("\n")}\n`),
    (path) => readSweepLog(path),
  ],
  "energies.json": [file("test/bench/e2gc.json"), (path) => readEnergyTable(path, "mobilenet-v1")],
  "board.json": [file("targets/rpi4.json"), (path) => loadTarget(path)],
};

/** What stands in place of a number or word of a text. */
const WORDS = [
  "-1",
  "0",
  "1e999",
  "4294967296",
  "null",
  "true",
  '""',
  '"../../x"',
  "[]",
  "{}",
  '"__proto__"',
];

/** One to three changes: bytes flipped, cut out, doubled, or a word of a text exchanged. */
function damaged(whole: Uint8Array, rng: Rng): Uint8Array {
  let bytes = whole;
  for (let i = 1 + rng.int(3); i > 0; i--) {
    const [from, to] = [rng.int(bytes.length + 1), rng.int(bytes.length + 1)].sort((a, b) => a - b);
    const kind = rng.int(5);
    if (kind === 0) bytes = bytes.map((b, at) => (at === from ? b ^ (1 << rng.int(8)) : b));
    else if (kind === 1) bytes = Uint8Array.from([...bytes.slice(0, from), ...bytes.slice(to)]);
    else if (kind === 2) bytes = bytes.slice(0, to);
    else if (kind === 3)
      bytes = Uint8Array.from([...bytes.slice(0, to), ...bytes.slice(from, Math.min(to, from + 4096))]);
    else {
      const text = new TextDecoder("latin1").decode(bytes);
      const words = [...text.matchAll(/"[^"]*"|-?\d[\d.e+-]*/g)];
      const word = words[rng.int(Math.max(1, words.length))];
      if (word === undefined) continue;
      const [old] = word;
      const next = WORDS[rng.int(WORDS.length)] ?? "";
      bytes = Uint8Array.from(
        [...`${text.slice(0, word.index)}${next}${text.slice(word.index + old.length)}`],
        (c) => c.charCodeAt(0),
      );
    }
  }
  return bytes;
}

test.each(Object.keys(KINDS))(
  `${RUNS} damaged files of the kind %s are read, or refused with their name`,
  async (kind) => {
    const [whole, read] = KINDS[kind] as (typeof KINDS)[string];
    const grown = watchMemory();
    let refused = 0;
    for (let run = 0; run < RUNS; run++) {
      const bytes = run === 0 ? whole : damaged(whole, makeRng(SEED + run));
      const dir = join(folder, `${kind}-${run}`);
      mkdirSync(dir);
      const path = join(dir, kind.startsWith(".") ? `file${kind}` : kind);
      writeFileSync(path, bytes);
      const began = performance.now();
      try {
        await read(path, bytes);
      } catch (error) {
        if (!(error instanceof UserError)) throw new Error(`file ${run} of seed ${SEED}`, { cause: error });
        expect(run, "the whole file is read").toBeGreaterThan(0);
        const { title, where = "", why = "" } = error.diagnostic;
        expect(title + where + why, `file ${run}`).toMatch(
          /file\.np|metadata|decisions|sweep|energies|board|isa|cores/,
        );
        refused++;
      }
      expect(performance.now() - began, `file ${run} of seed ${SEED}`).toBeLessThan(SLOWEST_MS);
      expect(grown(), `memory after file ${run} of seed ${SEED}`).toBeLessThan(MOST_BYTES);
      rmSync(dir, { recursive: true });
    }
    expect(refused).toBeGreaterThan(RUNS / 10);
  },
);
