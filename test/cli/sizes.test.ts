import { expect, test } from "vitest";
import { parseKnobs } from "../../compiler/cli/sizes.ts";

test("knobs are set one by one or together, to options that may have commas", () => {
  expect(parseKnobs(["rows=4,columns=8", "unroll=true"])).toEqual({ rows: 4, columns: 8, unroll: true });
  expect(parseKnobs(["order=kh,kw,rows=2"])).toEqual({ order: "kh,kw", rows: 2 });
});
