import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { AxeResults } from "axe-core";
import type { Browser, Page } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { reportPage } from "../../compiler/driver/report/report-page.ts";
import { resultsData } from "../../compiler/driver/report/results-data.ts";
import { caseOf, layerOf, resultsOf } from "../results/results-of.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { chromium, openPage, STILL, startBrowser } from "./chromium.ts";
import { hostileReport } from "./hostile-report.ts";
import { madeUpReport } from "./made-up-report.ts";

const folder = temporaryFolder("report");
/** Where screenshots are kept, if somebody wants to look at them. */
const shots = process.env.REPORT_SHOTS;
let browser: Browser;

function written(name: string, html: string): string {
  const file = join(folder, name);
  writeFileSync(file, html);
  return pathToFileURL(file).href;
}

const cells = (page: Page, column: number, table = "#s0-layers"): Promise<string[]> =>
  page.$$eval(
    `${table} tbody tr:not([hidden])`,
    (rows, at) => rows.map((row) => row.children[at].textContent ?? ""),
    column,
  );

async function press(page: Page, head: string): Promise<void> {
  // by the keyboard: whoever has no mouse sorts too
  for (const button of await page.$$("#s0-layers th button")) {
    if ((await button.evaluate((at) => at.textContent)) === head) await button.focus();
  }
  await page.keyboard.press("Enter");
}

/** What axe finds; serious or not. */
async function barriers(page: Page): Promise<string[]> {
  const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  await page.evaluate(axe);
  const { violations } = (await page.evaluate("axe.run()")) as AxeResults;
  return violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`,
  );
}

describe.skipIf(chromium === undefined)("a report, skipped where chromium is not installed", () => {
  const few = madeUpReport(60);
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true });
  });

  it("sorts, searches and opens kernels, with the keyboard, and asks for nothing", async () => {
    const { page, complaints } = await openPage(browser, written("few.html", reportPage(few)));
    const heads = await page.$$eval("#s0-layers th", (all) => all.map((th) => th.textContent ?? ""));
    expect(heads.slice(0, 5)).toEqual(["layer", "operator", "schedule", "MACs", "thousand cycles"]);
    await press(page, "thousand cycles");
    const down = (await cells(page, 4)).map(Number);
    expect(down).toEqual([...down].sort((a, b) => b - a));
    await press(page, "thousand cycles");
    expect((await cells(page, 4)).map(Number)).toEqual([...down].reverse());
    expect(
      await page.$$eval("th[aria-sort]", (all) => all.map((th) => th.getAttribute("aria-sort"))),
    ).toEqual(["ascending"]);
    await press(page, "layer");
    const names = await cells(page, 0);
    expect(names).toEqual([...names].sort((a, b) => a.localeCompare(b, "en")));

    await page.type('[data-search="s0-layers"]', "stage3 CONV");
    const found = await cells(page, 0);
    expect(found.length).toBeGreaterThan(3);
    for (const name of found) expect(name).toMatch(/^stage3/);
    expect(await page.$eval('[data-count="s0-layers"]', (at) => at.textContent)).toBe(
      `${found.length} of 60`,
    );

    await page.focus("#s0-layers tbody tr:not([hidden]) td.code a");
    await page.keyboard.press("Enter");
    await page.waitForSelector("details.kernel[open] pre");
    expect(await page.$$eval("details.kernel[open]", (all) => all.length)).toBe(1);
    expect(await page.$eval("details.kernel[open] pre:last-of-type", (pre) => pre.textContent)).toContain(
      "void conv2d_",
    );
    expect(complaints).toEqual([]);
    await page.close();
  });

  it("has seven charts of SVG, each with its figures as files inside the page", async () => {
    const { page } = await openPage(browser, written("few.html", reportPage(few)));
    const charts = await page.$$eval("figure", (all) =>
      all.map((figure) => ({
        title: figure.querySelector("h3")?.textContent,
        marks: figure.querySelectorAll("svg[role=img] path, svg[role=img] rect").length,
        links: [...figure.querySelectorAll("a")].map((a) => [a.download, a.href]),
      })),
    );
    expect(charts.map(({ title }) => title)).toEqual([
      "Cost of each layer",
      "Where the cycles go",
      "Roofline",
      "Memory",
      "Cost against groups",
      "Error of each layer",
      "Tuning",
    ]);
    for (const { marks, links } of charts) {
      expect(marks).toBeGreaterThan(3);
      expect(links.map(([name]) => name.replace(/^.*\./, ""))).toEqual(["csv", "json"]);
      const [csv, json] = links.map(([, href]) => Buffer.from(href.split(",")[1], "base64").toString());
      const { columns, rows } = JSON.parse(json) as { columns: string[]; rows: unknown[][] };
      expect(csv.split("\r\n")[0]).toBe(columns.join(","));
      expect(csv.trimEnd().split("\r\n")).toHaveLength(rows.length + 1);
    }
    await page.close();
  });

  it.each([
    ["light", 1280],
    ["dark", 1280],
    ["light", 390],
  ] as const)("has no barriers that axe knows, %s, %d pixels wide", async (scheme, width) => {
    const { page, complaints } = await openPage(browser, written("few.html", reportPage(few)), width);
    await page.emulateMediaFeatures([STILL, { name: "prefers-color-scheme", value: scheme }]);
    await page.$eval("details.kernel", (first) => first.setAttribute("open", ""));
    expect(await barriers(page)).toEqual([]);
    // nothing but what scrolls by itself is wider than the window
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
    const paper = await page.evaluate("getComputedStyle(document.body).backgroundColor");
    expect(paper).toBe(scheme === "dark" ? "rgb(20, 22, 26)" : "rgb(247, 247, 245)");
    if (shots) await page.screenshot({ path: join(shots, `${scheme}-${width}.png`), fullPage: true });
    expect(complaints).toEqual([]);
    await page.close();
  });

  it("opens with 2,000 kernels in less than two seconds, from less than 5 MB", async () => {
    const url = written("many.html", reportPage(madeUpReport(2000)));
    const bytes = statSync(join(folder, "many.html")).size;
    const { page, complaints, cpuSeconds } = await openPage(browser, url);
    // of the thread that draws: how busy the machine is with other work is no part of it
    console.log(
      `2,000 kernels: ${(bytes / 1e6).toFixed(2)} MB, drawn after ${cpuSeconds.toFixed(2)} s of a processor`,
    );
    expect(bytes).toBeLessThan(5e6);
    expect(cpuSeconds).toBeLessThan(2);

    // what is packed unpacks to what went in
    const { kernels } = madeUpReport(2000);
    for (const { name, texts } of [kernels[0], kernels[1234], kernels[1999]]) {
      await page.evaluate(`location.hash = "k-${name}"`);
      await page.waitForSelector(`#k-${name} pre`);
      const shown = await page.$$eval(`#k-${name} pre`, (all) => all.map((pre) => pre.textContent));
      expect(shown.slice(1)).toEqual(texts.map(({ text }) => text));
    }
    // tables show their first rows, all of them in print and when asked
    const visibleRows = () =>
      page.$$eval(
        "#s0-layers tbody tr",
        (all) => all.filter((row) => row.getClientRects().length > 0).length,
      );
    expect(await visibleRows()).toBe(300);
    await page.focus(".more");
    await page.keyboard.press("Enter");
    expect(await visibleRows()).toBe(2000);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it("shows names as text, whatever they hold", async () => {
    const { page, complaints } = await openPage(browser, written("hostile.html", reportPage(hostileReport)));
    expect(await page.evaluate("window.hacked")).toBeUndefined();
    expect(await page.$$eval("img, iframe, object, link, base", (all) => all.length)).toBe(0);
    expect(await page.$$eval("script:not([type])", (all) => all.length)).toBe(1);
    const [name] = await cells(page, 0);
    expect(name).toBe(`</script><script>window.hacked=1</script>"'\`\\u0000\\u202e&amp;{{x}}`);
    expect(await page.title()).toContain("</title><script>");
    await press(page, "layer");
    await page.type('[data-search="s0-layers"]', "</script> nowhere");
    expect(await cells(page, 0)).toEqual([]);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it("can be read without a script", async () => {
    const page = await browser.newPage();
    await page.setJavaScriptEnabled(false);
    await page.goto(written("few.html", reportPage(few)));
    expect(await cells(page, 0)).toHaveLength(60);
    expect(await page.$$eval(".tools", (all) => all.map((t) => t.getBoundingClientRect().height))).toEqual([
      0, 0,
    ]);
    expect(await page.$$eval("details.kernel pre", (all) => all.length)).toBe(120);
    await page.close();
  });

  it("of two runs shows each case before and after, and what is wrong", async () => {
    const layers = (cycles: number) => [
      layerOf("conv1", { cycles, ofBound: 0.3 }),
      layerOf("fc", { cycles: 50 }),
    ];
    const cases = (cycles: number) =>
      ["a", "b"].map((name) => caseOf(name, { cycles: cycles + 50 }, layers(cycles)));
    const after = cases(80);
    after[1] = {
      ...after[1],
      verdict: "error",
      error: { code: "D101", exit: "runFailed" as const, text: "the board went away" },
    };
    const data = resultsData(resultsOf(after, "new"), resultsOf(cases(100), "old"));
    const { page, complaints } = await openPage(browser, written("two.html", reportPage(data)));
    expect(await page.$$eval("#cases tbody tr", (rows) => rows.map((row) => row.textContent))).toEqual([
      expect.stringMatching(/^a.*right.*modelled0\.150 thousand cycles0\.130 thousand cycles\u221213\.3 %$/),
      expect.stringMatching(/^b.*error/),
    ]);
    expect(await page.$$eval("#s0-layers tr", (rows) => rows.map((row) => row.textContent))).toEqual([
      expect.stringContaining("beforeafter, thousand cycleschangeshare"),
      expect.stringContaining("0.1000.080\u221220.0 %61.5 %"),
      expect.stringContaining("0.0500.0500 %38.5 %"),
    ]);
    expect(await page.$$eval(".problems li", (all) => all.map((li) => li.textContent))).toEqual([
      "D101: the board went away",
    ]);
    expect(await barriers(page)).toEqual([]);
    if (shots) await page.screenshot({ path: join(shots, "two.png"), fullPage: true });
    expect(complaints).toEqual([]);
    await page.close();
  });
});
