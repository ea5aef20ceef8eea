import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { bestBy, servesAlike } from "../../../compiler/driver/tune/records/best-records.ts";
import { t4Of } from "../../../compiler/driver/tune/records/t4.ts";
import type { Place, Trial, TuneLine, Winner } from "../../../compiler/driver/tune/tune-record.ts";
import { tilewright } from "../../cli/command-line.ts";
import { jsonLines } from "../../support/json-lines.ts";

const folder = mkdtempSync(join(tmpdir(), "tilewright-records-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const PLACE: Place = {
  board: "pi@a",
  target: "rpi4",
  core: "cortex-a72",
  isa: "neon-v8",
  threads: 1,
  made: "0123456789abcdef",
  kind: "measured",
};
const about = { version: 1 as const, place: PLACE, workload: "w1", op: "conv2d", dims: { OC: 8 } };
const found = { schedule: "direct", knobs: { tile: "4x2" }, kernel: "conv2d_2", reference: "conv2d_1" };
const winner = (more: Partial<Winner> = {}): Winner => ({
  ...{ kind: "winner", ...about, ...found, cost: 20_000, trials: 16, build: "b" },
  ratio: { median: 0.8, low: 0.79, high: 0.81 },
  ...more,
});
const trial = (more: Partial<Trial> = {}): Trial => ({
  ...{ kind: "trial", ...about, ...found, stage: "screen", outcome: "ok" },
  ...{ ns: [17_000, 16_000, 15_000], reference_ns: [20_000, 20_000, 20_000] },
  ...more,
});
const at = (place: Partial<Place>): { readonly place: Place } => ({ place: { ...PLACE, ...place } });
const write = (name: string, lines: readonly TuneLine[]): string => {
  const file = join(folder, name);
  writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  return file;
};
const read = (file: string): readonly TuneLine[] => jsonLines(readFileSync(file, "utf8"));

describe("of several records", () => {
  test("the board's own comes first, then measured ones, of one thread, the latest", () => {
    const all = [
      winner({ kernel: "modelled", ...at({ board: "rpi4", kind: "modelled" }) }),
      winner({ kernel: "own", ...at({ board: "pi@b" }) }),
      winner({ kernel: "own modelled", ...at({ board: "pi@b", kind: "modelled" }) }),
      winner({ kernel: "early" }),
      winner({ kernel: "late" }),
      winner({ kernel: "threads", ...at({ threads: 4 }) }),
    ];
    const best = (board?: string): string[] =>
      [...bestBy(all, servesAlike, board).values()].map(({ kernel }) => kernel);
    expect(best()).toEqual(["late"]);
    expect(best("pi@b")).toEqual(["own"]);
    expect(best("pi@nobody")).toEqual(["late"]);
    const pool = winner({ kernel: "pool", ...at({ board: "pi@c + pi@d" }) });
    expect([...bestBy([pool, ...all], servesAlike, "pi@d").values()].map(({ kernel }) => kernel)).toEqual([
      "pool",
    ]);
  });

  test("those of another core, instruction set or compiler are others'", () => {
    const others = [at({ core: "cortex-a53" }), at({ isa: "neon-v7" }), at({ made: "other" })];
    expect(bestBy([winner(), ...others.map(winner)], servesAlike).size).toBe(4);
  });
});

describe("db", () => {
  const a = write("a.jsonl", [trial(), winner({ ratio: { median: 0.9, low: 0.9, high: 0.9 } }), winner()]);
  const b = write("b.jsonl", [
    winner({ ...{ later: "field" } }),
    trial(),
    trial({ kernel: "conv2d_3", outcome: "wrong", why: "number 5", ns: undefined, reference_ns: undefined }),
    winner({ workload: "w2", kernel: "conv2d_1", ...at({ kind: "modelled", board: "rpi4" }) }),
  ]);

  test("best names what is taken", async () => {
    const { out, code } = await tilewright("db", "best", a, b);
    expect(code).toBe(0);
    expect(out.split("\n").slice(1)).toEqual([
      "conv2d    w1        pi@a, measured              16.0 us  20.0 %      16  direct tile=4x2",
      "conv2d    w2        cortex-a72, modelled  16.0 k cycles              16  as estimated",
    ]);
    const { records } = JSON.parse((await tilewright("db", "best", a, "--json")).out);
    expect(records).toEqual([winner()]);
    const { note } = await tilewright("db", "best", a, "--core", "cortex-a5");
    expect(note).toContain("error[C205]: `--core` cannot be `cortex-a5`");
  });

  test("list counts what is there", async () => {
    const { places } = JSON.parse((await tilewright("db", "list", a, b, "--json")).out);
    expect(places).toEqual([
      { place: PLACE, workloads: 1, winners: 1, algorithms: 0, outcomes: { ok: 2, wrong: 1 } },
      { ...at({ kind: "modelled", board: "rpi4" }), workloads: 1, winners: 1, algorithms: 0, outcomes: {} },
    ]);
    expect((await tilewright("db", "list", a, b)).out).toMatch(/pi@a +cortex-a72 .* 2 ok, 1 wrong/);
  });

  test("merge keeps equal lines once, and fields of later versions", async () => {
    const out = join(folder, "merged.jsonl");
    const { code, out: said } = await tilewright("db", "merge", a, b, "-o", out);
    expect([code, said]).toEqual([0, `${out}: 6 lines of 7, 1 were there twice`]);
    expect(read(out)).toEqual([...read(a), ...read(b).filter((_, i) => i !== 1)]);
    const again = await tilewright("db", "merge", a, b, "-o", a);
    expect(again.note).toContain("error[C352]: ");
  });

  test("diff names records that are not the same", async () => {
    expect((await tilewright("db", "diff", a, a)).out).toBe("the same records");
    const changed = write("changed.jsonl", [winner({ cost: 10_000, kernel: "conv2d_9" })]);
    expect((await tilewright("db", "diff", a, changed)).out).toMatch(
      /pi@a, measured +-50\.0 % +direct tile=4x2/,
    );
    expect((await tilewright("db", "diff", b, changed)).out).toMatch(/modelled +gone/);
    const { differences } = JSON.parse((await tilewright("db", "diff", changed, b, "--json")).out);
    expect(differences.length).toBe(2);
  });

  test("prune leaves the last records, and no trials where asked", async () => {
    const out = join(folder, "pruned.jsonl");
    await tilewright("db", "prune", a, "-o", out);
    expect(read(out)).toEqual([trial(), winner()]);
    const { out: said } = await tilewright("db", "prune", out, "--trials");
    expect([said, read(out)]).toEqual([`${out}: 1 of 2 lines`, [winner()]]);
  });

  test("prune keeps lines of later versions, as they are written", async () => {
    const log = join(folder, "later.jsonl");
    const later = '{ "kind": "hint", "version": 2 }';
    writeFileSync(log, [JSON.stringify(winner()), later, JSON.stringify(winner()), ""].join("\n"));
    const { out } = await tilewright("db", "prune", log);
    expect(out).toBe(`${log}: 1 of 2 lines`);
    expect(readFileSync(log, "utf8")).toBe(`${later}\n${JSON.stringify(winner())}\n`);
  });

  test("R152 of a log that is none", async () => {
    const { code, note } = await tilewright("db", "list", join(folder, "none.jsonl"));
    expect([code, note]).toEqual([4, expect.stringContaining("error[R152]: ")]);
  });

  test("export gives results of T4", async () => {
    const { results, schema_version } = JSON.parse((await tilewright("db", "export", b)).out);
    expect(schema_version).toBe("1.0.0");
    expect(results).toEqual([
      {
        configuration: { op: "conv2d", workload: "w1", schedule: "direct", tile: "4x2" },
        objectives: ["time"],
        times: { runtimes: [0.017, 0.016, 0.015] },
        invalidity: "correct",
        correctness: 1,
        measurements: [{ name: "time", value: 0.016, unit: "ms" }],
      },
      {
        configuration: { op: "conv2d", workload: "w1", schedule: "direct", tile: "4x2" },
        objectives: ["time"],
        times: { runtimes: [] },
        invalidity: "correctness",
        correctness: 0,
        measurements: [],
      },
    ]);
    const none = await tilewright("db", "export", b, "--workload", "w9");
    expect(none.note).toContain("error[C205]: `--workload` cannot be `w9`");
    const modelled = trial({ cycles: 100, ns: undefined, reference_ns: undefined });
    expect(t4Of([modelled]).results[0]).toMatchObject({
      objectives: ["cycles"],
      measurements: [{ name: "cycles", value: 100, unit: "cycles" }],
    });
    expect(t4Of([trial({ stage: "final" })]).results).toEqual([]);
  });
});
