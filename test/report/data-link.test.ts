import { expect, it } from "vitest";
import { analysisCsv } from "../../compiler/analyze/analysis-csv.ts";
import type { Analysis } from "../../compiler/analyze/analyze-network.ts";
import { dataLinks } from "../../compiler/driver/report/data-link.ts";

const textOf = (link: string): string => Buffer.from(link.split("base64,")[1] ?? "", "base64").toString();

it("has no cell that a spreadsheet takes for a formula; numbers stay numbers", () => {
  const table = {
    columns: ["layer", "=head"],
    rows: [
      ["=HYPERLINK(1)", -1.5],
      ["+a", 2],
      ["@x", -1e-9],
      ["\t=1", 0],
    ],
  };
  const lines = textOf(dataLinks(table, []).csv).split("\r\n");
  expect(lines).toEqual(["layer,'=head", "'=HYPERLINK(1),-1.5", "'+a,2", "'@x,-1e-9", "\\u0009=1,0", ""]);
});

it("nor has the CSV of an analysis", () => {
  const analysis = { layers: [{ name: "=cmd()" }], total: {} } as unknown as Analysis;
  expect(analysisCsv(analysis)).toContain("\r\n'=cmd(),");
});
