import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { SweepRecord } from "../../compiler/analyze/sweep-record.ts";
import { courseChart } from "../../compiler/driver/report/course-chart.ts";
import type { ReportSection } from "../../compiler/driver/report/report-data.ts";
import { settingCharts } from "../../compiler/driver/report/setting-charts.ts";
import { sweepSections } from "../../compiler/driver/report/sweep-data.ts";
import { tilewright } from "../cli/command-line.ts";

const folder = mkdtempSync(join(tmpdir(), "tilewright-sweep-report-"));
afterAll(() => rmSync(folder, { recursive: true }));

function record(setting: SweepRecord["setting"], cost: number, more: Partial<SweepRecord> = {}): SweepRecord {
  const { g, G } = setting;
  return {
    ...{ kind: "setting", key: "k", setting, cost, cost_kind: "measured", layers: [] },
    ...{ network: `net-${G === undefined ? `g${g}` : `G${G}`}`, board: "attic", target: "rpi4" },
    ...{ macs: 1e6 * (G ?? g ?? 1), params: 1, activations: 1, arithmetic_intensity: 1, bytes: 1 },
    ...more,
  };
}
const power = (mJ: number) => ({
  ...{ mJ_per_frame: mJ, low_mJ: 0.75 * mJ, high_mJ: 1.25 * mJ, watts: 3, sensors: ["meter"] },
});
const lines = [
  record({ G: 8 }, 9e6, { key: "older compiler" }),
  record({ G: 4 }, 4e6, { interval: { low: 3.9e6, high: 4.2e6 }, verdict: "steady", energy: power(12) }),
  record({ G: 8 }, 3e6, { verdict: "noisy", interval: { low: 2e6, high: 4e6 } }),
  record({ G: 8 }, 3.5e6, { verdict: "steady", interval: { low: 3.4e6, high: 3.6e6 }, energy: power(10) }),
  record({ g: 2 }, 6e6),
  record({ g: 4 }, 5e6),
  record({ G: 4 }, 2e6, { cost_kind: "modelled" }),
];

describe("a report of a sweep", () => {
  const [measured, modelled, ...none] = sweepSections(lines);

  it("has a section for each board and kind of costs, of each setting what is surest of the last compiler", () => {
    expect(none).toEqual([]);
    expect([measured.title, measured.kind, modelled.kind]).toEqual(["net", "measured", "modelledTime"]);
    expect(measured.settings?.map(({ setting, cost, energy }) => [setting, cost, energy])).toEqual([
      ["G=8", 3.5e6, 10],
      ["G=4", 4e6, 12],
      ["g=2", 6e6, undefined],
      ["g=4", 5e6, undefined],
    ]);
    expect(measured.facts).toEqual([
      { label: "Settings", value: "4" },
      { label: "Costs least", value: "G=8" },
      { label: "Takes least energy", value: "G=8" },
    ]);
  });

  it("draws time against groups and G, and energy where it was measured, with the figures", () => {
    const charts = settingCharts("s0", measured);
    expect(charts.map(({ title, figures }) => [title, figures.rows])).toEqual([
      [
        "Time, measured, against groups",
        [
          ["g=2", 2, 6, "", ""],
          ["g=4", 4, 5, "", ""],
        ],
      ],
      [
        "Time, measured, against G",
        [
          ["G=4", 4, 4, 3.9, 4.2],
          ["G=8", 8, 3.5, 3.4, 3.6],
        ],
      ],
      [
        "Energy against G",
        [
          ["G=4", 4, 12, 9, 15],
          ["G=8", 8, 10, 7.5, 12.5],
        ],
      ],
    ]);
    // one setting is no line
    expect(settingCharts("s1", modelled)).toEqual([]);
  });

  it("is written of a log, and of nothing else", async () => {
    const [log, out] = [join(folder, "sweep.jsonl"), join(folder, "report.html")];
    writeFileSync(log, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    const { code, note } = await tilewright("report", log, "-o", out);
    expect([code, note]).toEqual([0, expect.stringMatching(/^report: .*, 0\.0\d MB$/)]);
    const page = readFileSync(out, "utf8");
    for (const head of ["Energy against G", "Time, measured, against groups", "Settings"])
      expect(page).toContain(`>${head}</h3>`);
    const missing = join(folder, "missing.jsonl");
    expect((await tilewright("report", missing, "-o", out)).note).toBe(
      [
        `error[R135]: \`${missing}\` holds no settings of a sweep`,
        "  why:   there is no such file, or no setting was done when it ended",
        "  help:  `tilewright sweep MODEL --G 1,2,4 --board BOARD --log FILE` writes such logs",
      ].join("\n"),
    );
    expect((await tilewright("report", log, "--board", "host", "-o", out)).note).toContain(
      `--board is for a model, \`${log}\` holds a sweep`,
    );
  });
});

describe("a measurement's course", () => {
  const section = (course: ReportSection["course"]) => ({ course }) as unknown as ReportSection;
  const point = { seconds: 1, medianNs: 2000, clockMHz: 1500 };

  it("is drawn as far as the board tells it", () => {
    const points = [point, { ...point, seconds: 2, medianNs: 2500, clockMHz: 1000, throttled: true }];
    const [{ svg, note, figures }] = courseChart("c", section(points));
    expect(note).toBe(
      "\u00b5s, MHz of the core's clock over seconds, block after block, also those that do not count; hollow where the firmware throttled",
    );
    expect(svg).not.toContain("\u00b0C");
    expect(figures.rows).toEqual([
      [1, 2, 1500, "", ""],
      [2, 2.5, 1000, "", "true"],
    ]);
    const warm = points.map((each) => ({ ...each, temperatureC: 61.5 }));
    const [warmer] = courseChart("c", section(warm));
    expect(warmer.svg).toContain("\u00b0C");
    expect(warmer.figures.rows[0]).toEqual([1, 2, 1500, 61.5, ""]);
  });

  it("is none of one block, or of none", () => {
    expect([courseChart("c", section([point])), courseChart("c", section(undefined))]).toEqual([[], []]);
  });
});
