import { csvLine, csvText } from "../../support/csv.ts";
import type { FigureTable } from "./chart.ts";
import { addPack, type Packs } from "./pack-texts.ts";

/** Links to figures as files, which are inside the page. */
export interface DataLinks {
  readonly csv: string;
  readonly json: string;
}

/** Figures of more characters are packed: the page's script unpacks them for whoever wants them. */
const PLAIN_CHARACTERS = 40_000;

/** Figures as links that hold them, or that point to a pack. Nothing is fetched; base64, as figures have names of models in them. */
export function dataLinks({ columns, rows }: FigureTable, packs: Packs): DataLinks {
  const lines = [columns, ...rows].map((cells) => csvLine(cells.map((cell) => csvText(String(cell)))));
  // JSON has no infinities
  const plain = rows.map((cells) => cells.map((cell) => (Number.isFinite(cell) ? cell : String(cell))));
  const [csv, json] = [lines.join(""), JSON.stringify({ columns, rows: plain })];
  if (csv.length + json.length > PLAIN_CHARACTERS) {
    const to = `#pack-${addPack(packs, { csv, json })}`;
    return { csv: to, json: to };
  }
  return { csv: link("text/csv", csv), json: link("application/json", json) };
}

function link(type: string, text: string): string {
  return `data:${type};charset=utf-8;base64,${Buffer.from(text).toString("base64")}`;
}
