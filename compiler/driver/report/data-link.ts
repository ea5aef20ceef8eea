import { csvLine } from "../../analyze/csv.ts";
import { visible } from "../../support/text.ts";
import type { FigureTable } from "./chart.ts";

/** Figures as links that hold them: nothing is fetched. Base64, as figures have names of models in them. */
export function dataLinks({ columns, rows }: FigureTable): { readonly csv: string; readonly json: string } {
  const lines = [columns, ...rows].map((cells) => csvLine(cells.map((cell) => visible(String(cell)))));
  // JSON has no infinities
  const plain = rows.map((cells) => cells.map((cell) => (Number.isFinite(cell) ? cell : String(cell))));
  const json = JSON.stringify({ columns, rows: plain });
  return { csv: link("text/csv", lines.join("")), json: link("application/json", json) };
}

function link(type: string, text: string): string {
  return `data:${type};charset=utf-8;base64,${Buffer.from(text).toString("base64")}`;
}
