import fc from "fast-check";
import { expect, test } from "vitest";
import { printProc } from "../../compiler/ir/print.ts";
import { parseKernelText } from "../../compiler/language/parse-kernel.ts";
import { loadTarget } from "../../compiler/machine/load.ts";
import { Schedule } from "../../compiler/schedule/schedule.ts";
import { parseTrace } from "../../compiler/schedule/trace.ts";
import { RANDOM_OPS } from "./random-step.ts";
import { difference, lowered, randomSequence, runVector, wrongWith } from "./sequences.ts";

/** `make test-schedules` asks for more runs and takes a new seed each time. */
const RUNS = Number(process.env.PROPERTY_RUNS ?? 200);
const SEED = Number(
  process.env.PROPERTY_SEED ?? (process.env.PROPERTY_RUNS === undefined ? 7 : Date.now() % 1e9),
);
/** One sequence in so many is also printed and read back, which takes longer than all the rest. */
const PRINT_ONE_IN = 8;

const seeds = fc.integer({ min: 0, max: 1 << 30 });
const sequences = fc.tuple(seeds, fc.array(seeds, { minLength: 4, maxLength: 10 }));
const TARGETS = ["qemu-rpi4", "host", "qemu-rpi2", "qemu-rpi3"].map((name) => loadTarget(name));

test(`${RUNS} random sequences of legal steps keep the result, replay, print and lower (seed ${SEED})`, () => {
  const taken = new Map<string, number>();
  let lowerable = 0;
  fc.assert(
    fc.property(sequences, ([kernel, steps]) => {
      const sequence = randomSequence(kernel, steps);
      const { origin, wanted, proc, trace } = sequence;
      for (const { op } of trace) taken.set(op, (taken.get(op) ?? 0) + 1);
      expect(wrongWith(sequence)).toBeUndefined();
      const text = printProc(proc);
      const replayed = Schedule.replay(origin, parseTrace(JSON.parse(JSON.stringify(trace))));
      expect(printProc(replayed.proc)).toBe(text);
      // a kernel that is read loses the parameters that steps left nothing of
      const whole = proc.params.every(({ name }) => text.includes(`${name}[`));
      if (whole && kernel % PRINT_ONE_IN === 0) expect(printProc(parseKernelText(text, {}))).toBe(text);
      const vector = lowered(proc, TARGETS[kernel % TARGETS.length]);
      if (vector === undefined) return;
      lowerable++;
      const differs = difference(wanted, runVector(vector, proc, kernel));
      if (differs)
        throw new Error(`lowered: ${differs}\n${printProc(origin)}\n${JSON.stringify(trace)}\n${text}`);
    }),
    { numRuns: RUNS, seed: SEED },
  );
  // the test says nothing unless every primitive was taken, and most sequences lower
  for (const op of RANDOM_OPS) expect(taken.get(op) ?? 0, op).toBeGreaterThan(RUNS / 100);
  expect(lowerable).toBeGreaterThan(RUNS / 2);
}, 3_600_000);
