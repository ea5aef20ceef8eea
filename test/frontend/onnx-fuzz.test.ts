import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { importOnnx } from "../../compiler/frontend/onnx/import.ts";
import { UserError } from "../../compiler/support/diagnostic.ts";

const DIGITS = readFileSync(new URL("../fixtures/digits/digits.onnx", import.meta.url));

/** A damaged file is either still a model or the user's error; never a crash of ours. */
test("damaged files give user errors", () => {
  const damage = fc.array(fc.tuple(fc.nat(DIGITS.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 });
  // Structure lies in the first and last kilobytes: weights fill the middle.
  const structural = fc.array(fc.tuple(fc.nat(9000), fc.nat(255)), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(fc.oneof(damage, structural), (changes) => {
      const bytes = Uint8Array.from(DIGITS);
      for (const [at, value] of changes) bytes[at] = value;
      try {
        expect(importOnnx(bytes).nodes.length).toBeGreaterThanOrEqual(0);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
      }
    }),
    { numRuns: 1500 },
  );
});
