import { describe, expect, test } from "vitest";
import { printProc } from "../../compiler/ir/print.ts";
import {
  chosen,
  divisors,
  fitting,
  listChoices,
  multiples,
  powersOfTwo,
  preferring,
} from "../../compiler/schedule/choose.ts";
import { Schedule } from "../../compiler/schedule/schedule.ts";
import { tolerance } from "../../compiler/schedule/tolerance.ts";
import { diffText, diffTraces, parseTrace } from "../../compiler/schedule/trace.ts";
import { kernelOf, matmul } from "./kernels.ts";

const tiledMatmul = (m: number, n: number, k: number) =>
  Schedule.of(matmul(m, n, k))
    .split("i", 4, ["io", "ii"])
    .reorder("io", "j", "ii")
    .split("j", 8, ["jo", "ji"])
    .reorder("ji", "ii")
    .stage("acc", "jo")
    .fission("ji", "ii");

describe("a trace", () => {
  const { trace } = tiledMatmul(8, 16, 5);

  test("survives JSON and replays to the same text", () => {
    const read = parseTrace(JSON.parse(JSON.stringify(trace)));
    expect(read).toEqual(trace);
    expect(printProc(Schedule.replay(matmul(8, 16, 5), read).proc)).toBe(
      printProc(tiledMatmul(8, 16, 5).proc),
    );
  });

  test("written before steps had options still replays", () => {
    const old = [{ op: "stage", buffer: "acc", at: "i", memory: "register" }];
    expect(Schedule.replay(matmul(2, 2, 2), parseTrace(old)).trace).toEqual(old);
  });

  test("on another shape leaves out what does not fit, and says so step by step", () => {
    const { schedule, skipped } = Schedule.replayTolerant(matmul(8, 12, 5), trace);
    expect(skipped.map(({ step, diagnostic }) => `${step.op} ${diagnostic.code}`)).toEqual([
      "split S104",
      "reorder S101",
      "stage S101",
      "fission S106",
      "fission S101",
    ]);
    expect(schedule.trace.map((s) => s.op)).toEqual(["split", "reorder"]);
  });

  test("is compared with another step by step", () => {
    const other = tiledMatmul(8, 16, 5).unroll("ii").trace;
    const changed = other.map((s) => (s.op === "split" && s.axis === "j" ? { ...s, factor: 4 } : s));
    expect(
      diffText(diffTraces(trace, changed)),
    ).toBe(`  {"op":"split","axis":"i","factor":4,"into":["io","ii"],"tail":"exact"}
  {"op":"reorder","order":["io","j","ii"]}
- {"op":"split","axis":"j","factor":8,"into":["jo","ji"],"tail":"exact"}
+ {"op":"split","axis":"j","factor":4,"into":["jo","ji"],"tail":"exact"}
  {"op":"reorder","order":["ji","ii"]}
  {"op":"stage","buffer":"acc","at":"jo","memory":"register"}
  {"op":"fission","axis":"ii"}
  {"op":"fission","axis":"ji"}
+ {"op":"unroll","axis":"ii"}
`);
  });
});

describe("knobs", () => {
  test("are found by running a schedule once, and set by name", () => {
    const seen: unknown[] = [];
    const space = listChoices((choose) => {
      seen.push(choose("tile", [4, 1, 2]), choose("unroll", [true, false]), choose("tile", [4, 1, 2]));
    });
    expect(space).toEqual([
      { name: "tile", options: [4, 1, 2] },
      { name: "unroll", options: [true, false] },
    ]);
    expect(seen).toEqual([4, true, 4]);
    expect(chosen({ tile: 2 })("tile", [4, 1, 2])).toBe(2);
  });

  test("take their options from helpers", () => {
    expect(divisors(36)).toEqual([1, 2, 3, 4, 6, 9, 12, 18, 36]);
    expect(divisors(36, 4)).toEqual([4, 12, 36]);
    expect(multiples(4, 14)).toEqual([4, 8, 12]);
    expect(powersOfTwo(20)).toEqual([1, 2, 4, 8, 16]);
    expect(fitting([8, 4, 2], (n) => n < 5)).toEqual([4, 2]);
    expect(fitting([8, 4, 2], (n) => n < 1)).toEqual([2]);
    expect(preferring(4, [1, 2, 4])).toEqual([4, 1, 2]);
  });
});

describe("strict", () => {
  const sum = () =>
    kernelOf("for (const i of range(3)) { for (const k of range(4)) { y[i] += x[i][k]; } }", {
      x: [3, 4],
      y: [3],
    });

  test("refuses another order of a sum, and allows what keeps it", () => {
    expect(Schedule.of(sum()).reorder("k", "i").trace).toHaveLength(1);
    const strict = Schedule.of(sum(), { strict: true });
    // each sum runs over k only: its order stays
    expect(strict.reorder("k", "i").split("k", 2, ["ko", "ki"]).trace).toHaveLength(2);
    expect(() => strict.split("k", 2, ["ko", "ki"]).reorder("ki", "ko")).toThrow(
      "a dependence would be reversed",
    );
  });

  test("maxima may be taken in any order", () => {
    const most = kernelOf(
      "for (const i of range(3)) { for (const k of range(4)) { y[0] = max(y[0], x[i][k]); } }",
      { x: [3, 4], y: [1] },
    );
    expect(Schedule.of(most, { strict: true }).reorder("k", "i").trace).toHaveLength(1);
  });
});

describe("tolerance", () => {
  test("counts the longest sum, and doubles when its order changes", () => {
    const origin = matmul(4, 8, 25);
    expect(tolerance(origin)).toEqual({ terms: 25, reassociated: false, relative: 25 * 2 ** -24 });
    const tiled = Schedule.of(origin).stage("acc", "i").fission("j").reorder("k", "j");
    expect(tolerance(origin, tiled.trace).reassociated).toBe(false);
    const halves = Schedule.of(origin).split("k", 5, ["ko", "ki"]).reorder("ki", "ko");
    expect(tolerance(origin, halves.trace)).toEqual({
      terms: 25,
      reassociated: true,
      relative: 49 * 2 ** -24,
    });
  });

  test("a sum over several loops has as many terms as iterations that meet in one element", () => {
    const conv = kernelOf(
      `for (const o of range(6)) { for (const c of range(4)) { for (const k of range(3)) { y[o] += x[c][o + k]; } } }
       for (const i of range(6)) { for (const k of range(3)) { z[i + k] += x[0][i]; } }`,
      { x: [4, 8], y: [6], z: [8] },
    );
    expect(tolerance(conv).terms).toBe(12);
  });
});
