import { expect, test } from "vitest";
import { printProc } from "../../compiler/ir/print.ts";
import { Schedule } from "../../compiler/schedule/schedule.ts";
import { kernelOf } from "./kernels.ts";

const scheduled = (body: string): Schedule => Schedule.of(kernelOf(body, { x: [6], y: [6] }));
const kernel = (loop: string): Schedule =>
  scheduled(`
  const s = stack([6]);
  for (const c of range(6)) { s[c] = x[c]; }
  const t = stack([6]);
  for (const i of range(6)) { t[i] = 2 * s[i]; }
  for (const ${loop} of range(6)) { y[${loop}] = t[${loop}]; }`);

test("elements that only padding reads are set to zero first, those that it writes are not", () => {
  const text = printProc(kernel("o").pad("i", 4).proc);
  expect(text).toContain(`  const s = stack([8]);
  for (const s_fill00 of range(2)) {
    s[s_fill00 + 6] = 0;
  }
  for (const c of range(6)) {`);
  expect(text).toContain(`  const t = stack([8]);
  for (const i of range(8)) {
    t[i] = 2 * s[i];`);
});

test("again, under names that are free", () => {
  const text = printProc(kernel("o").pad("i", 4).pad("i", 5).proc);
  expect(text).toContain(`  const s = stack([10]);
  for (const s_fill00_2 of range(2)) {
    s[s_fill00_2 + 8] = 0;
  }
  for (const s_fill00 of range(2)) {
    s[s_fill00 + 6] = 0;
  }`);
});

test("elements are set to zero where padding reads them before it writes them, and where it writes only some", () => {
  const padded = (first: string, later: string): string =>
    printProc(
      scheduled(`
  const t = stack([6]);
  for (const c of range(6)) { t[c] = x[c]; }
  const s = stack([6]);
  for (const i of range(6)) { ${first} }
  for (const i of range(6)) { ${later} }
  for (const o of range(6)) { y[o] = s[o] + t[o]; }`).pad("i", 4).proc,
    );
  expect(padded("s[i] = t[i];", "t[i] = s[i];")).toContain("t[t_fill00 + 6] = 0;");
  expect(padded("s[i] = 1; if (i < 3) { t[i] = 2; }", "s[i] = t[i];")).toContain("t[t_fill00 + 6] = 0;");
  expect(padded("s[i] = 1; t[i] = 2;", "s[i] = t[i];")).not.toContain("fill");
});
