import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ChartView, FactView, KernelView, SectionView, TileView } from "../../codegen/report-view.ts";
import { render, TEMPLATE_FOLDER } from "../../codegen/templates.ts";
import { visible } from "../../support/text.ts";
import type { BoardTime } from "../run/board-time.ts";
import type { Chart } from "./chart.ts";
import { courseChart } from "./course-chart.ts";
import { dataLinks } from "./data-link.ts";
import { changeText, kindText, macsText, percent, roundedBytes, scaleFor } from "./figures.ts";
import { errorChart, partsChart, shareChart } from "./layer-charts.ts";
import { layerTable, tableOf } from "./layer-table.ts";
import { groupsChart, memoryChart, rooflineChart, tuningChart } from "./network-charts.ts";
import { changesChart, overviewTable } from "./overview.ts";
import { type PackedPlaces, type Packs, packTexts } from "./pack-texts.ts";
import type { Fact, ReportData, ReportKernel, ReportSection, WholeFigures } from "./report-data.ts";
import { settingCharts, settingTable } from "./setting-charts.ts";

/** A page has charts of so many sections: of more their figures stay in the tables. */
const SECTIONS_WITH_CHARTS = 12;

/** A report as one HTML file that asks for nothing outside itself. Equal data give equal text. */
export function reportPage(data: ReportData): string {
  const { sections, kernels } = data;
  const asset = (name: string): string => readFileSync(join(TEMPLATE_FOLDER, name), "utf8").trim();
  const script = `\n${asset("report.js")}\n`;
  const packs: Packs = [];
  const places = packTexts(kernels, packs);
  const isOverview = sections.length !== 1;
  const names = new Set(kernels.map(({ name }) => name));
  return render("report.html", {
    title: `${visible(data.title)} \u00b7 Tilewright`,
    policy: policyFor(script),
    css: asset("report.css"),
    script,
    eyebrow: "Tilewright report",
    heading: visible(data.title),
    subtitle: visible(data.subtitle),
    facts: factsOf(data.facts),
    isOverview,
    overview: isOverview ? overviewTable(sections, packs) : tableOf("cases", "Cases", [], [], packs),
    overviewCharts: isOverview ? changesChart(sections).map((chart) => chartView(chart, packs)) : [],
    sections: sections.map((section, i) =>
      sectionView(section, `s${i}`, { count: sections.length, kernels: names, packs }),
    ),
    hasKernels: kernels.length > 0,
    kernelCount: kernels.length,
    kernels: kernels.map((kernel) => kernelView(kernel, places)),
    isPacked: places.size > 0,
    packs: packs.map((text, number) => ({ number, data: text })),
    footer: "Everything on this page is inside this file; it loads nothing.",
  });
}

/** Nothing is loaded, and no script runs but the page's own: whatever a name of a model may hold. */
function policyFor(script: string): string {
  const hash = createHash("sha256").update(script).digest("base64");
  return `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
}

function factsOf(facts: readonly Fact[]): readonly FactView[] {
  return facts.map(({ label, value }) => ({ label: visible(label), value: visible(value) }));
}

/** What all sections of a page share. */
interface Page {
  readonly count: number;
  /** Names of the kernels that have entries. */
  readonly kernels: ReadonlySet<string>;
  readonly packs: Packs;
}

function sectionView(section: ReportSection, id: string, { count, kernels, packs }: Page): SectionView {
  const isBroken = section.problems.length > 0;
  const charts = count > SECTIONS_WITH_CHARTS && !isBroken ? [] : chartsOf(id, section);
  return {
    id,
    isOne: count > 1,
    isOpen: count <= 3 || isBroken,
    title: visible(section.title),
    subtitle: visible(section.subtitle),
    kind: kindText(section.kind).title,
    kindClass: `kind-${section.kind}`,
    kindText: visible(section.kindText),
    tiles: tilesOf(section),
    facts: factsOf(section.facts),
    hasProblems: isBroken,
    problems: section.problems.map((text) => ({ text: visible(text) })),
    charts: charts.map((chart) => chartView(chart, packs)),
    rowsTitle: section.settings === undefined ? "Layers" : "Settings",
    hasLayers: section.layers.length > 0 || section.settings !== undefined,
    layers:
      section.settings === undefined
        ? layerTable(`${id}-layers`, section, kernels, packs)
        : settingTable(`${id}-settings`, section, packs),
  };
}

function chartsOf(id: string, section: ReportSection): readonly Chart[] {
  return [
    ...shareChart(`${id}-cost`, section),
    ...partsChart(`${id}-parts`, section),
    ...rooflineChart(`${id}-roofline`, section),
    ...memoryChart(`${id}-memory`, section),
    ...groupsChart(`${id}-groups`, section),
    ...errorChart(`${id}-error`, section),
    ...tuningChart(`${id}-tuning`, section),
    ...courseChart(`${id}-course`, section),
    ...settingCharts(id, section),
  ];
}

function chartView({ id, title, note, isWide, svg, figures }: Chart, packs: Packs): ChartView {
  return { id, title, note: visible(note), isWide, svg, ...dataLinks(figures, packs), file: id };
}

/** The figures that are to be seen at once. */
function tilesOf({ kind, whole }: ReportSection): readonly TileView[] {
  const [macs, unit] = macsText(whole.macs);
  return [
    ...costTile(kind, whole),
    { label: "Work", value: macs, unit, note: workNote(whole, kind) },
    ...(whole.ofPeak === undefined
      ? []
      : [{ label: "Of the core's peak", value: percent(whole.ofPeak), unit: "", note: "" }]),
    ...(whole.arenaBytes === undefined ? [] : [bytesTile("Arena", whole.arenaBytes)]),
    ...(whole.weightBytes === undefined ? [] : [bytesTile("Weights", whole.weightBytes)]),
    ...(whole.ofBound === undefined
      ? []
      : [
          {
            label: "Largest error",
            value: whole.ofBound.toFixed(3),
            unit: "of its bound",
            note: whole.verdict ?? "",
          },
        ]),
  ];
}

function costTile(kind: ReportSection["kind"], { cost, before, time }: WholeFigures): readonly TileView[] {
  if (cost === undefined) return [];
  const scale = scaleFor(kind, Math.max(cost, before ?? 0));
  const notes = [
    ...(time === undefined ? [] : [timeText(time)]),
    ...(before === undefined ? [] : [`${changeText(before, cost)} from ${scale.text(before)}`]),
  ];
  return [
    {
      label: `One inference, ${kindText(kind).title}`,
      value: scale.text(cost),
      unit: scale.unit,
      note: notes.join("; "),
    },
  ];
}

function timeText({ ms, msWithin, clockMHz }: BoardTime): string {
  const off = msWithin === undefined ? "" : ` ±${Math.round(100 * msWithin)} %`;
  return `${ms.toFixed(2)} ms${off} at ${Math.round(clockMHz)} MHz`;
}

function workNote({ macs, cost, instructions }: WholeFigures, kind: ReportSection["kind"]): string {
  if (kind === "modelled" && cost) return `${(macs / cost).toFixed(2)} MACs a cycle`;
  if (kind === "measured" && cost) return `${(macs / cost).toFixed(2)} billion MACs a second`;
  return instructions === undefined ? "" : `${(instructions / 1e6).toFixed(2)} million instructions`;
}

function bytesTile(label: string, bytes: number): TileView {
  const [value, unit] = roundedBytes(bytes).split(" ");
  return { label, value, unit, note: "" };
}

function kernelView(kernel: ReportKernel, places: PackedPlaces): KernelView {
  const { name, schedule, choice, layers, facts, texts } = kernel;
  const at = places.get(name);
  const shown = layers.slice(0, 20).map(visible).join(", ");
  return {
    name,
    isPlain: at === undefined,
    about: visible(choice === "" ? schedule : `${schedule}: ${choice}`),
    layers: layers.length > 20 ? `${shown}, ... (${layers.length})` : shown,
    facts: factsOf(facts),
    pack: at?.pack ?? -1,
    index: at?.index ?? -1,
    texts:
      at === undefined
        ? texts.map(({ title, text }) => ({ title, text: text.split("\n").map(visible).join("\n") }))
        : [],
  };
}
