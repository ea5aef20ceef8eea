import { describe, expect, it } from "vitest";
import { compareResults } from "../../compiler/results/compare/compare-results.ts";
import { comparisonCsv } from "../../compiler/results/compare/comparison-csv.ts";
import { comparisonMarkdown } from "../../compiler/results/compare/comparison-markdown.ts";
import { FORMAT_NAMES } from "../../compiler/results/format-names.ts";
import { FORMATS } from "../../compiler/results/formats/formats.ts";
import { codeCell } from "../../compiler/results/formats/markdown-text.ts";
import { DEFAULT_THRESHOLDS, judge } from "../../compiler/results/gate/judge.ts";
import type { CaseResult } from "../../compiler/results/results.schema.ts";
import { csvText } from "../../compiler/support/csv.ts";
import { caseOf, layerOf, resultsOf } from "./results-of.ts";

const element = { at: [0, 1], actual: "NaN" as const, wanted: 1, bound: 0.5 };
const wrong: CaseResult = {
  ...caseOf("bad", { ofBound: "Infinity" }),
  verdict: "wrong",
  checks: [
    {
      ...{ inputs: "random", threads: 2, reference: "kernels", ok: false, ofBound: 7 },
      failure: {
        ...{ tensor: "y", layer: "conv1", op: "conv2d", badCount: 1, count: 8, histogram: [] },
        ...{ first: element, worst: element, culprit: "tile", reproducer: "wrong.c" },
      },
    },
  ],
};
const failed: CaseResult = {
  ...caseOf("lost", {}),
  verdict: "error",
  error: { code: "D101", exit: "boardUnreachable", text: "no board\nof that name" },
};
const samples = [10, 12, 11];
const right = caseOf("net", { instructions: 1234, cycles: 2000, ns: samples }, [
  layerOf("conv1", { cycles: 900 }),
  layerOf("conv1", { cycles: 901 }),
]);
const results = resultsOf([right, wrong, failed], "abc123");

describe("formats of other tools", () => {
  it("are written as they are known to be", () => {
    expect(Object.keys(FORMATS)).toEqual([...FORMAT_NAMES]);
    for (const name of FORMAT_NAMES) expect(FORMATS[name](results)).toMatchSnapshot(name);
  });

  it("hold files without cases, too", () => {
    for (const name of FORMAT_NAMES) expect(FORMATS[name](resultsOf([]))).toMatchSnapshot(name);
  });

  it("have names of their own for each kind of figure, and for layers of one name", () => {
    const { benchmarks } = JSON.parse(FORMATS["google-benchmark"](results)) as {
      readonly benchmarks: readonly { readonly run_name: string; readonly name: string }[];
    };
    expect([...new Set(benchmarks.map(({ run_name }) => run_name))]).toEqual([
      "net/instructions",
      "net/modelled_cycles",
      "net/emulated_time",
      "net/conv1/modelled_cycles",
      "net/conv1 (2)/modelled_cycles",
    ]);
  });
});

/** What could break out of XML, Markdown, a table, a cell or a terminal. */
const HOSTILE = [
  "]]><x a=\"1\" b='2'>&amp;",
  "a|b`c`d\\|e",
  "<script>alert(1)</script>",
  "line\nbreak\r\n\u2028next",
  "\u0000\u001b[2J\u202e\ufffe\ud800x\udc00\udc00",
  "=HYPERLINK(1)",
  "@everyone **bold** [a](http://b)",
  "__proto__",
  "</pre></details>",
];

describe("hostile names", () => {
  const cases = HOSTILE.map((name) => ({
    ...wrong,
    ...{ name, board: name, model: name, target: name, compiler: name },
    layers: [layerOf(name, { cycles: 1 })],
    checks: wrong.checks.map((check) => ({
      ...check,
      reference: name,
      ...(check.failure && { failure: { ...check.failure, tensor: name, layer: name } }),
    })),
  }));
  const hostile = { ...resultsOf(cases, HOSTILE.join("")), suite: HOSTILE.join("") };
  const grown = {
    ...hostile,
    cases: cases.map((one) => ({ ...one, layers: [layerOf(one.name, { cycles: 2 })] })),
  };
  const comparison = compareResults(hostile, grown);
  const gate = judge(comparison, { thresholds: DEFAULT_THRESHOLDS });

  it("are one line of plain characters in every format", () => {
    const texts = [
      ...FORMAT_NAMES.map((name) => FORMATS[name](hostile)),
      comparisonMarkdown(comparison, gate),
      comparisonCsv(comparison),
    ];
    for (const text of texts) {
      expect(text).not.toMatch(/[\p{Cs}\p{Cf}\ufffe\uffff\u2028]/u);
      expect(text.replace(/\r?\n/g, "")).not.toMatch(/\p{Cc}/u);
    }
  });

  it("end no element of XML: what is left without tags and references is no markup", () => {
    const text = FORMATS.junit(hostile).replace(/^<\?xml[^>]*\?>/, "");
    const open: string[] = [];
    const rest = text.replace(
      /<(\/?)([a-z]+)((?: [a-z]+="[^"<]*")*)(\/?)>/g,
      (_, end: string, name: string, _attributes: string, empty: string) => {
        if (end !== "") expect(open.pop()).toBe(name);
        else if (empty === "") open.push(name);
        return "";
      },
    );
    expect(open).toEqual([]);
    expect(rest).not.toContain("<");
    expect(rest).not.toContain("]]>");
    expect(text).not.toMatch(/&(?!(amp|lt|gt|quot|#x[0-9A-F]+);)/);
    expect(text.match(/<testcase /g)).toHaveLength(HOSTILE.length);
  });

  it("leave tables of Markdown their columns, and HTML its elements", () => {
    for (const text of [FORMATS.markdown(hostile), comparisonMarkdown(comparison, gate)]) {
      const rows = text.split("\n").filter((line) => line.startsWith("| "));
      expect(new Set(rows.map((row) => row.split("|").length)).size).toBe(1);
      const tags = [...text.matchAll(/<\/?[a-z][^>]*>/g)].map(([tag]) => tag);
      const known = ["details", "summary", "code", "pre"].flatMap((name) => [`<${name}>`, `</${name}>`]);
      expect(tags.filter((tag) => !known.includes(tag))).toEqual([]);
      // outside of code nobody is named
      expect(text.replace(/`[^`]*`|<code>.*?<\/code>|<pre>[\s\S]*?<\/pre>/g, "")).not.toMatch(
        /@|\*\*bold|\[a\]/,
      );
    }
    expect(codeCell("conv_1")).toBe("`conv_1`");
    expect(codeCell("a|b")).toBe("<code>a&#124;b</code>");
  });

  it("are no formulas of a spreadsheet, and cells of CSV keep their places", () => {
    expect(["=1", "+a", "-a", "@x", " =1", "a=1", "-1", "-1e9", "-1+a", "\t=1", "\r=1"].map(csvText)).toEqual(
      ["'=1", "'+a", "'-a", "'@x", "' =1", "a=1", "-1", "-1e9", "'-1+a", "\\u0009=1", "\\u000d=1"],
    );
    for (const text of [FORMATS.csv(hostile), comparisonCsv(comparison)]) {
      const cells = text
        .trimEnd()
        .split("\r\n")
        .map((line) => line.replace(/"(?:[^"]|"")*"/g, "x").split(",").length);
      expect(new Set(cells).size).toBe(1);
    }
  });

  it("are keys of JSON like others", () => {
    const metrics = JSON.parse(FORMATS.bencher(hostile)) as object;
    expect(Object.keys(metrics)).toContain("__proto__/__proto__");
  });
});
