import fc from "fast-check";
import { expect, test } from "vitest";
import { interpret } from "../../compiler/ir/interpret.ts";
import { printProc } from "../../compiler/ir/print.ts";
import { validate } from "../../compiler/ir/validate.ts";
import { parseKernelText } from "../../compiler/language/parse-kernel.ts";
import { makeRng } from "../../compiler/support/rng.ts";
import { amount } from "../support/amount.ts";
import { randomProc } from "./random.ts";

const RUNS = Number(process.env.PROPERTY_RUNS ?? amount(80, 2000));

function results(proc: ReturnType<typeof randomProc>): Record<string, Float32Array | Int32Array> {
  const data = Object.fromEntries(
    proc.params.map((p, k) => {
      const size = p.storage.shape.reduce((a, b) => a * b, 1);
      const { bound } = p;
      if (bound !== undefined) return [p.name, Int32Array.from({ length: size }, (_, i) => (i * i) % bound)];
      return [p.name, Float32Array.from({ length: size }, (_, i) => Math.sin(i + k))];
    }),
  );
  interpret(proc, data);
  return data;
}

test("random procedures keep the rules, read back from their print as the same text, and compute the same", () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const proc = randomProc(makeRng(seed));
      validate(proc, "random");
      const text = printProc(proc);
      const again = parseKernelText(text, {});
      expect(printProc(again)).toBe(text);
      expect(results(again)).toEqual(results(proc));
    }),
    { numRuns: RUNS, seed: Number(process.env.PROPERTY_SEED ?? 11) },
  );
});
