import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readEnergyTable } from "../../compiler/analyze/energy-table.ts";
import { openSweepLog, readSweepLog } from "../../compiler/analyze/sweep-log.ts";
import { tilewright } from "../cli/command-line.ts";
import { LONG } from "../support/amount.ts";
import { messageOf } from "../support/message.ts";
import { E2GC_FILE } from "./e2gc-table.ts";

const folder = mkdtempSync(join(tmpdir(), "tilewright-test-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string): string => join(folder, name);
const KERNEL = { kind: "kernel", target: "t", kernel: "k", instructions: 5 } as const;

describe("the log of a sweep", () => {
  test("a last line that was cut off is removed, and appending goes on", async () => {
    const path = file("torn.jsonl");
    const log = await openSweepLog(path);
    await log.append(KERNEL);
    await log.close();
    appendFileSync(path, '{"kind":"kernel","target":"t","ker');
    expect(await readSweepLog(path)).toEqual([KERNEL]);
    const again = await openSweepLog(path);
    expect(again.lines).toEqual([KERNEL]);
    await again.append({ ...KERNEL, kernel: "l" });
    await again.close();
    expect(readFileSync(path, "utf8").split("\n")).toHaveLength(3);
    expect(await readSweepLog(path)).toHaveLength(2);
  });

  test("R131 another file, R132 no file", async () => {
    const path = file("other.jsonl");
    writeFileSync(path, '{"kind":"kernel","target":"t","kernel":"k","instructions":5}\nhello\n');
    expect(await messageOf(() => openSweepLog(path))).toBe(
      `error[R131]: \`${path}\` is not the log of a sweep
  where: line 2
  why:   it is not JSON
  help:  give another file with --log, or remove this one`,
    );
    for (const odd of [
      { target: "t".repeat(1001), instructions: 5 },
      { target: "t", instructions: -1 },
      { target: "t", instructions: 5, more: "i; rm -rf /" },
    ]) {
      writeFileSync(path, `${JSON.stringify({ kind: "kernel", kernel: "k", ...odd })}\n`);
      expect(await messageOf(() => openSweepLog(path))).toContain("why:   it is JSON of something else");
    }
    writeFileSync(path, "hello\n");
    truncateSync(path, 2 ** 28 + 1);
    expect(await messageOf(() => openSweepLog(path))).toBe(
      `error[R132]: the log \`${path}\` cannot be used
  why:   it has 268435457 bytes, the limit is 268435456`,
    );
    truncateSync(path, 6);
    expect(readFileSync(path, "utf8")).toContain("hello");
    expect(await messageOf(() => openSweepLog(folder))).toBe(
      `error[R132]: the log \`${folder}\` cannot be used
  why:   it is a folder, no file`,
    );
  });
});

describe("tables of energies", () => {
  test("columns, batches and rows of one network", async () => {
    const table = await readEnergyTable(E2GC_FILE, "resnext50");
    expect(table.columns.map(({ name, batch }) => [name, batch])).toEqual([
      ["P100 B1", 1],
      ["P100 B4", 4],
      ["P100 B16", 16],
      ["P4000 B1", 1],
      ["P4000 B4", 4],
      ["P4000 B16", 16],
    ]);
    expect(table.rows).toHaveLength(11);
  });

  test("R133 no table, R134 nothing of this network", async () => {
    const path = file("table.json");
    writeFileSync(path, '{"rows": [{"network": "x", "energy_per_frame_mJ": {"B": "much"}}]}');
    expect(await messageOf(() => readEnergyTable(path, "x"))).toBe(
      `error[R133]: \`${path}\` is not a table of energies
  why:   rows.0.energy_per_frame_mJ: Invalid input
  help:  wanted is JSON: {"rows": [{"network": "MobileNet-V1", "G": 8, "energy_per_frame_mJ": {"BOARD": 373}}]}`,
    );
    expect(await messageOf(() => readEnergyTable(E2GC_FILE, "resnet34"))).toBe(
      `error[R134]: \`${E2GC_FILE}\` tells nothing about \`resnet34\`
  why:   it has MobileNet-V1, ResNeXt-50`,
    );
  });
});

interface SweepJson {
  readonly settings: readonly { readonly setting: object; readonly cost_kind?: string }[];
  readonly columns: readonly {
    readonly column: string;
    readonly equal_macs: readonly {
      readonly group_size: { G: number };
      readonly groups: { g: number };
      better: string;
    }[];
  }[];
}

describe("sweep", () => {
  test.each(LONG ? ["mobilenet-v1", "resnext50"] : ["mobilenet-v1"])(
    "--from-table: E2GC beats FgGC at equal MACs (%s)",
    async (network) => {
      const { code, out } = await tilewright("sweep", `zoo:${network}`, "--from-table", E2GC_FILE, "--json");
      expect(code).toBe(0);
      const { columns } = JSON.parse(out) as SweepJson;
      const better = columns.map(({ column, equal_macs }) => [
        column,
        equal_macs.find(({ group_size, groups }) => group_size.G === 8 && groups.g === 32)?.better,
      ]);
      expect(better.filter(([, who]) => who !== "group_size")).toEqual(
        // The paper's one exception, by 1 %.
        network === "resnext50" ? [["P4000 B1", "groups"]] : [],
      );
    },
  );

  test("--target alone: modelled, said so, and measured settings are not measured again", async () => {
    const log = file("bounds.jsonl");
    const words = ["sweep", "zoo:wrn-40-2@32", "--target", "rpi4", "--log", log];
    const first = await tilewright(...words, "--G", "1,4", "--json");
    expect(first.code).toBe(0);
    const { settings } = JSON.parse(first.out) as SweepJson;
    expect(settings.map(({ setting, cost_kind }) => [setting, cost_kind])).toEqual([
      [{ G: 1 }, "bound"],
      [{ G: 4 }, "bound"],
    ]);
    const before = readFileSync(log, "utf8");
    const plot = file("sweep.svg");
    const second = await tilewright(...words, "--G", "1,4,8", "--plot", plot);
    expect(second.note).toContain(`G=4: from ${log}`);
    expect(second.out).toContain("modelled: roofline bounds from the data sheet, one core; nothing was run");
    expect(second.out).toContain("energy: not measured");
    expect(readFileSync(log, "utf8").startsWith(before)).toBe(true);
    expect(readFileSync(plot, "utf8")).toMatch(/^<svg [\s\S]*G=8[\s\S]*<\/svg>\s*$/);
    expect((await tilewright(...words, "--G", "1,4", "--csv")).out.split("\r\n")).toHaveLength(3);
  });

  test("mistakes", async () => {
    const note = async (...words: string[]): Promise<string> => (await tilewright(...words)).note;
    expect(await note("sweep", "zoo:mobilenet-v1", "--G", "1,two", "--board", "host")).toBe(
      `error[C205]: \`-G\` cannot be \`1,two\`
  why:   it has to be whole numbers from 1 on with commas between, such as 1,2,4`,
    );
    expect(await note("sweep", "zoo:mobilenet-v1", "--board", "host")).toBe(
      `error[C203]: \`tilewright sweep\` needs --G or --g
  help:  \`tilewright sweep --help\` shows how it is used`,
    );
    expect(await note("sweep", "zoo:mobilenet-v1", "--G", "2")).toBe(
      `error[C203]: \`tilewright sweep\` needs --board, --target or --from-table
  help:  \`tilewright sweep --help\` shows how it is used`,
    );
    expect(
      await note("sweep", "zoo:mobilenet-v1", "--G", "2", "--target", "host", "--log", file("none.jsonl")),
    ).toContain(
      `error[C401]: \`host\` has no roofline to model times with
  why:   its file gives neither a clock nor the bandwidth of its memory
  help:  measure instead: add --board BOARD`,
    );
    expect(await note("sweep", "zoo:mobilenet-v1", "--G", "2", "--board", "host", "--modelled")).toBe(
      `error[C405]: \`host\` has no model of its cycles
  why:   it does not run under emulation here
  help:  models are for emulated boards: --board qemu-... (see \`tilewright targets\`)
  help:  or leave --modelled out`,
    );
    expect(await note("sweep", "zoo:mobilenet-v1", "--G", "2", "--target", "qemu-rpi4", "--modelled")).toBe(
      `error[C203]: \`tilewright sweep\` needs --board with --modelled
  help:  \`tilewright sweep --help\` shows how it is used`,
    );
  });
});

describe("advise", () => {
  test("proposes sizes at the same MACs from what a sweep found, and writes the network", async () => {
    const log = file("advise.jsonl");
    const model = "zoo:mobilenet-v1@32";
    await tilewright("sweep", model, "--G", "1,2,8", "--g", "32", "--target", "rpi3", "--log", log);
    const out = file("advised.onnx");
    const words = ["advise", model, "--g", "32", "--board", "qemu-rpi3", "--json", "--log", log, "-o", out];
    // The log is of another board: its target's roofline is all there is.
    const { code, out: text } = await tilewright(...words);
    expect(code).toBe(0);
    const advice = JSON.parse(text) as {
      readonly source: string;
      readonly macs: number;
      readonly proposed_macs: number;
      readonly gain: { readonly value: number; readonly low: number; readonly high: number };
      readonly layers: readonly { readonly layer: string; readonly proposed: number }[];
    };
    expect(advice.source).toBe("roofline");
    expect(advice.layers).toHaveLength(13);
    expect(advice.proposed_macs / advice.macs).toBeGreaterThanOrEqual(1 - 1e-6);
    expect(advice.gain.value).toBeGreaterThanOrEqual(0);
    const counted = await tilewright("analyze", out, "--json");
    const { total } = JSON.parse(counted.out) as { readonly total: { readonly macs: number } };
    expect(total.macs).toBe(advice.proposed_macs);
  });

  test("C402 no such MACs, C403 nothing known", async () => {
    expect(
      await tilewright("advise", "zoo:mobilenet-v1", "--macs", "10", "--board", "qemu-rpi4"),
    ).toMatchObject({
      code: 1,
      note: `error[C402]: no group sizes give \`mobilenet-v1\` 10 million MACs
  why:   layers that can be regrouped allow no sum up to 2 % above it
  help:  \`tilewright analyze zoo:mobilenet-v1 --G 1\` shows the least there can be`,
    });
    const log = file("nothing.jsonl");
    expect((await tilewright("advise", "zoo:mobilenet-v1", "--board", "host", "--log", log)).note).toBe(
      `error[C403]: nothing is known of what layers cost on \`host\`
  why:   \`${log}\` has no measurements of it, and its target has no roofline
  help:  measure first: \`tilewright sweep zoo:mobilenet-v1 --G 1,2,4,8,16 --board host\``,
    );
  });
});
