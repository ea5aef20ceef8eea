import { expect, test } from "vitest";
import { parseBytes, parseKnobs } from "../../compiler/cli/sizes.ts";
import { messageOf } from "../frontend/onnx-model.ts";

test("knobs are set one by one or together, to options that may have commas", () => {
  expect(parseKnobs(["rows=4,columns=8", "unroll=true"])).toEqual({ rows: 4, columns: 8, unroll: true });
  expect(parseKnobs(["order=kh,kw,rows=2"])).toEqual({ order: "kh,kw", rows: 2 });
});

test("bytes are plain or have a unit", () => {
  const bytes = (text: string): number | undefined => parseBytes("max-weights", text);
  expect(["4096", "100MB", "1.5 mib", "2GiB", "7kB", "8B"].map(bytes)).toEqual([
    4096,
    100_000_000,
    1_572_864,
    2 ** 31,
    7000,
    8,
  ]);
  expect(parseBytes("max-weights", undefined)).toBe(undefined);
  for (const text of ["", "MB", "1e3", "-5", "12 parsecs", "1.2.3MB"]) {
    expect(messageOf(() => bytes(text))).toContain("error[C205]: ");
  }
});
